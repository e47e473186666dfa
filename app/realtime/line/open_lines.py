"""The clients of one transport that are connected now, so that all can be ended together."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Generic, Protocol, TypeVar


class Client(Protocol):
    """One that can be cut off."""

    def abort(self) -> None: ...


C = TypeVar("C", bound=Client)


class OpenLines(Generic[C]):
    """Iterating gives those that are open at that moment."""

    def __init__(self) -> None:
        self._clients: set[C] = set()
        self._left = asyncio.Event()

    def __len__(self) -> int:
        return len(self._clients)

    def __iter__(self) -> Iterator[C]:
        return iter(tuple(self._clients))

    @contextmanager
    def counted(self, client: C) -> Iterator[None]:
        """Count `client` within the block."""
        self._clients.add(client)
        try:
            yield
        finally:
            self._clients.remove(client)
            self._left.set()

    async def end_within(self, seconds: float) -> None:
        """Wait until all have left, and cut off those that have not. The caller ends them first."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self._clients:
                    self._left.clear()
                    await self._left.wait()
        for client in self:
            client.abort()
