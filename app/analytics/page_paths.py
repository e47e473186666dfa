"""Asks another feature which paths of pages to conceal, and how pages are called."""

from collections.abc import Collection, Mapping
from typing import Any, Protocol

from app.accounts.models import User
from app.analytics.models import Event


class PathKnowledge(Protocol):
    """`app.chat.room_paths.RoomPaths`, as it is needed here."""

    async def concealed(self, paths: Collection[str]) -> Mapping[str, str]: ...

    async def names(
        self, user: User, paths: Collection[str]
    ) -> Mapping[str, Mapping[str, Any]]: ...


class NoKnowledge:
    """Every path is counted as it is, and has no name."""

    async def concealed(self, _: Collection[str]) -> Mapping[str, str]:
        return {}

    async def names(self, _: User, __: Collection[str]) -> Mapping[str, Mapping[str, Any]]:
        return {}


class PagePaths:
    """Set `knowledge` once the feature that knows rooms is there."""

    def __init__(self) -> None:
        self.knowledge: PathKnowledge = NoKnowledge()

    async def conceal(self, events: Collection[Event]) -> None:
        """Change the property `path` of events where it tells what only some people may know."""
        paths = {path for event in events if isinstance(path := event.properties.get("path"), str)}
        changed = await self.concealed(paths)
        for event in events if changed else ():
            path = event.properties.get("path")
            if isinstance(path, str) and path in changed:
                event.properties["path"] = changed[path]

    async def concealed(self, paths: Collection[str]) -> Mapping[str, str]:
        """Those of `paths` that tell what only some people may know, with what stands for each."""
        return await self.knowledge.concealed(paths) if paths else {}

    async def names(self, user: User, paths: Collection[str]) -> Mapping[str, Mapping[str, Any]]:
        """`{path: {kind, name}}` of those paths that have a name, as `user` may know it."""
        return await self.knowledge.names(user, paths)
