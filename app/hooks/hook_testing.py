"""Sends a test through a webhook, so that an admin sees whether it works."""

from collections.abc import Callable

from app.accounts.models import User
from app.errors import Conflict
from app.hooks.ended_rights import EndedRights
from app.hooks.incoming_posts import IncomingPosts
from app.hooks.models import Hook, IncomingHook
from app.hooks.outgoing_payload import request_of, test_payload
from app.hooks.rights import Rights, must_be_on
from app.outbound.http_client import HttpClient, Response
from app.times import Clock


class HookTesting:
    """`client` is the one that deliveries are posted with."""

    def __init__(
        self,
        incoming_posts: IncomingPosts,
        rights: Rights,
        ended_rights: EndedRights,
        client: HttpClient,
        new_id: Callable[[], str],
        clock: Clock,
    ) -> None:
        self._incoming_posts = incoming_posts
        self._rights = rights
        self._ended_rights = ended_rights
        self._client = client
        self._new_id = new_id
        self._clock = clock

    async def test(self, hook: Hook, by: User) -> Response | None:
        """Post a test message to an incoming hook's place, or a delivery without items to an
        outgoing hook's address; the receiver's response then.

        Raises Conflict for a hook that is off, Forbidden for one that has stopped, and Forbidden
        or NotFound where `by` could not make this hook.
        """
        if hook.off and hook.stopped is None:
            raise Conflict("This webhook is off. Turn it on first.")
        await self._rights.must_be_able_to_make(by, hook)
        if isinstance(hook, IncomingHook):
            await self._incoming_posts.test(hook)
            return None
        must_be_on(hook)
        await self._ended_rights.acting_for(hook)
        request = request_of(hook, test_payload(hook, self._new_id()), self._clock())
        return await self._client.post(request.url, request.body, request.headers)
