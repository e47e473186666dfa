"""What a request asks for, without what is secret in its address."""

import re

from aiohttp import web

LIKE_A_CODE = re.compile("[^/]{20,}")


def route(request: web.Request) -> str:
    """The route's pattern: the address itself may hold the code of an invite, a reset link or a
    webhook. Where nothing is at an address it may be one of those, mistyped."""
    resource = request.match_info.route.resource
    return resource.canonical if resource else LIKE_A_CODE.sub("…", request.path)[:200]
