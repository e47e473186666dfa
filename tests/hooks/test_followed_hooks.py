"""Which hooks have something to post: fair among many, quiet while one waits for its retry."""

from datetime import timedelta
from typing import cast

from app.hooks.followed_hooks import FollowedHooks
from app.hooks.models import Held, OutgoingHook, Place
from app.hooks.store import OutgoingStore
from app.streams.hub import Follower, Hub
from app.streams.models import Batch
from app.times import now

NOW = now()
SECOND = timedelta(seconds=1)


def hook(name: str, **more: object) -> OutgoingHook:
    fields = {"by": "ana", "created": NOW, "url": "https://a.example", "secret": "s", "cursor": 1}
    place = Place(kind="topic", id=name)
    return OutgoingHook(**{"id": name, "name": name, "place": place, **fields, **more})  # type: ignore[arg-type]


class Store:
    """The hooks that are on; only the process `alive` is connected."""

    def __init__(self, *hooks: OutgoingHook) -> None:
        self.hooks = list(hooks)
        self.freed: list[str] = []

    async def all_on(self) -> list[OutgoingHook]:
        return self.hooks

    async def is_connected(self, process: str) -> bool:
        return process == "alive"

    async def free(self, hook_id: str, _: str) -> None:
        self.freed.append(hook_id)


class Streams:
    """A hub whose streams have all come to the rev 3."""

    def __init__(self) -> None:
        self.followed: set[str] = set()

    async def join(self, stream: str, _: Follower) -> int:
        self.followed.add(stream)
        return 3

    def unfollow(self, stream: str, _: Follower) -> None:
        self.followed.discard(stream)


def followed(store: Store, hub: Streams) -> FollowedHooks:
    return FollowedHooks("me", cast(OutgoingStore, store), cast(Hub, hub), lambda: None)


def due(hooks: FollowedHooks) -> list[str]:
    return [each.id for each in hooks.due(NOW, ())]


class BusyStreams(Streams):
    """A hub that delivers a batch up to the rev 3 while somebody joins at the rev 1."""

    async def join(self, stream: str, follower: Follower) -> int:
        await super().join(stream, follower)
        follower.deliver(Batch(stream=stream, prev=1, rev=3, items=[]))
        return 1


async def test_a_batch_that_comes_while_the_stream_is_joined_is_due() -> None:
    hooks = followed(Store(hook("a")), BusyStreams())
    await hooks.refresh(NOW)
    assert due(hooks) == ["a"]


async def test_the_one_that_was_claimed_comes_last() -> None:
    hooks = followed(Store(hook("a"), hook("b"), hook("c")), Streams())
    await hooks.refresh(NOW)
    assert due(hooks) == ["a", "b", "c"]
    hooks.claimed(next(hooks.due(NOW, ())))
    assert due(hooks) == ["b", "c", "a"]
    assert [each.id for each in hooks.due(NOW, {"b"})] == ["c", "a"]


async def test_nothing_is_due_up_to_the_head_or_before_a_retry() -> None:
    later = hook("later", retry_at=NOW + SECOND / 4)
    hooks = followed(Store(hook("done", cursor=3), later, hook("a")), Streams())
    await hooks.refresh(NOW)
    assert due(hooks) == ["a"]
    hooks.settled("a", 3)
    assert due(hooks) == []
    assert hooks.idle_s(NOW) == 0.25
    assert [each.id for each in hooks.due(NOW + SECOND, ())] == ["later"]


async def test_a_hook_of_a_living_process_is_left_to_it_and_that_of_a_dead_one_is_freed() -> None:
    def held(process: str) -> Held:
        return Held(by=process, process=process, until=NOW + 60 * SECOND)

    store = Store(hook("a", held=held("alive")), hook("b", held=held("dead")))
    hooks = followed(store, Streams())
    await hooks.refresh(NOW)
    assert store.freed == ["b"]
    assert due(hooks) == ["b"]


async def test_a_hook_that_is_off_is_followed_no_more() -> None:
    store, hub = Store(hook("a"), hook("b")), Streams()
    hooks = followed(store, hub)
    await hooks.refresh(NOW)
    store.hooks.pop()
    hooks.changed()
    await hooks.refresh(NOW)
    assert due(hooks) == ["a"]
    assert hub.followed == {"topic:a"}
