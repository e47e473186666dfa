"""Webhooks over HTTP: posting to an incoming one, and managing them."""

from aiohttp import web

from app.accounts.pages.forms import own_address
from app.accounts.rights import must_be_in_person
from app.hooks import incoming_payload
from app.hooks.incoming_payload import IncomingPayload
from app.hooks.incoming_posts import IncomingPosts
from app.hooks.models import NewHook, to_wire
from app.hooks.registry import Made, Registry
from app.web import idempotency
from app.web.authorization import in_person, readable
from app.web.route_helpers import caller, decode, reply
from app.web.routing import Route

ADDRESS = "/api/hooks"


class HookRoutes:
    """Hooks are made by people who signed in: a token for a program can't outlive itself so."""

    def __init__(self, registry: Registry, incoming_posts: IncomingPosts) -> None:
        self._registry = registry
        self._incoming_posts = incoming_posts

    def routes(self) -> list[Route]:
        return [
            Route("GET", ADDRESS, self.list, "Webhooks that I decide on"),
            Route("POST", ADDRESS, self.make, "Make a webhook", body=NewHook, status=201),
            Route(
                "POST",
                f"{ADDRESS}/{{hook}}",
                self.take,
                "Post, with its secret for `hook`",
                body=IncomingPayload,
                is_public=True,
            ),
            Route("DELETE", f"{ADDRESS}/{{hook}}", self.delete, "Delete a webhook"),
            Route(
                "POST", f"{ADDRESS}/{{hook}}/adopt", self.adopt, "Adopt a webhook that has stopped"
            ),
        ]

    async def list(self, request: web.Request) -> web.Response:
        """All of them in one answer: there are at most 2,000."""
        present, _ = in_person(request)
        hooks = await self._registry.listed(present.user)
        return reply({"items": [to_wire(hook) for hook in hooks], "more": False})

    async def make(self, request: web.Request) -> web.Response:
        """The hook with its secret, which is shown only this once."""
        present = caller(request)
        asked = await readable(decode(request, NewHook), lambda: must_be_in_person(present))
        made = await self._registry.make(present, asked)
        return reply({**to_wire(made.hook), **secrets_of(request, made)}, status=201)

    async def delete(self, request: web.Request) -> web.Response:
        await self._registry.delete(caller(request), request.match_info["hook"])
        return reply({"ok": True})

    async def adopt(self, request: web.Request) -> web.Response:
        """The caller becomes the maker of a hook that has stopped."""
        await self._registry.adopt(caller(request), request.match_info["hook"])
        return reply({"ok": True})

    async def take(self, request: web.Request) -> web.Response:
        """Post to a room or topic. The secret in the address is the only proof.

        The answer is `{"ok": true, "id", "rev"}` and not Slack's bare `ok`, since senders look at
        the status or at `ok` in JSON. A repeat gets 200 with the id and rev of the first post.
        """
        hook = await self._incoming_posts.hook(request.match_info["hook"])
        if (request.content_length or 0) > incoming_payload.BODY_BYTES:
            raise incoming_payload.too_large()
        try:
            raw = incoming_payload.json_of(await request.read(), request.content_type)
        except web.HTTPRequestEntityTooLarge as error:
            raise incoming_payload.too_large() from error
        taken = await self._incoming_posts.take(hook, raw, idempotency.client_id(request, None))
        return reply({"ok": True, "id": taken.id, "rev": taken.rev})


def secrets_of(request: web.Request, made: Made) -> dict[str, str]:
    """The secret, and for an incoming hook the address that contains it."""
    if to_wire(made.hook)["direction"] == "outgoing":
        return {"secret": made.secret}
    address = own_address(request, f"{ADDRESS}/{made.secret}")
    return {"secret": made.secret, "address": address}
