"""Removes pages of private rooms that older versions counted by a slug, which tells the name."""

from app.analytics.page_paths import PagePaths
from app.analytics.store.page_names import PageNameStore


class PrivatePages:
    """Their counts go; those of all pages together stay as they are."""

    def __init__(self, store: PageNameStore, paths: PagePaths) -> None:
        self._store = store
        self._paths = paths

    async def forget(self) -> int:
        """Delete such pages from the figures, and return how many there were. Idempotent."""
        told = await self._paths.concealed(await self._store.counted())
        if told:
            await self._store.forget(sorted(told))
        return len(told)
