"""What a request asks for, without what is secret in its address."""

from aiohttp import web


def route(request: web.Request) -> str:
    """The route's pattern: the address itself may hold the code of an invite or a reset link."""
    resource = request.match_info.route.resource
    return resource.canonical if resource else request.path[:200]
