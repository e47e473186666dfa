"""Batches single lookups into few queries: those that come during a query form the next one.

A query costs the driver far more than the documents it returns. Results are not cached: an answer
never comes from a query that began before the question.
"""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Mapping
from itertools import islice
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

KEYS_A_QUERY = 500


class BatchedLookup(Generic[K, V]):
    """`read` returns the values of some keys, `keys_a_query` at most, without those that it does
    not find."""

    def __init__(
        self,
        read: Callable[[list[K]], Awaitable[Mapping[K, V]]],
        *,
        keys_a_query: int = KEYS_A_QUERY,
    ) -> None:
        self._read = read
        self._keys_a_query = keys_a_query
        self._asked: dict[K, list[asyncio.Future[V | None]]] = {}
        self._task: asyncio.Task[None] | None = None

    async def get(self, key: K) -> V | None:
        """The value of `key`, or None. Raises what `read` raises."""
        answer: asyncio.Future[V | None] = asyncio.get_running_loop().create_future()
        self._asked.setdefault(key, []).append(answer)
        if self._task is None:
            self._task = asyncio.create_task(self._answer_all(), name="lookups")
        return await answer

    async def _answer_all(self) -> None:
        try:
            while self._asked:
                await self._answer(list(islice(self._asked, self._keys_a_query)))
        finally:
            self._task = None

    async def _answer(self, keys: list[K]) -> None:
        asked = {key: self._asked.pop(key) for key in keys}
        try:
            found = await self._read(keys)
        except Exception as error:  # noqa: BLE001  # told to all who asked
            for _, answer in _waiting(asked):
                answer.set_exception(error)
            return
        except BaseException:
            for _, answer in _waiting(asked):
                answer.cancel()
            raise
        for key, answer in _waiting(asked):
            answer.set_result(found.get(key))


def _waiting(
    asked: Mapping[K, list[asyncio.Future[V | None]]],
) -> list[tuple[K, asyncio.Future[V | None]]]:
    """The futures whose callers still wait, with their keys."""
    return [(key, a) for key, answers in asked.items() for a in answers if not a.done()]
