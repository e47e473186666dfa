"""Waiting for a condition with a limit, the only kind of waiting that tests do."""

import asyncio
from collections.abc import Awaitable, Callable

LOOK_EVERY_S = 0.02
WITHIN_S = 15.0  # no claim about speed: what is over by then has failed, on a busy machine too
RESUMED_WITHIN_S = 60.0  # clients that come back after a kill wait longer and longer between tries


async def eventually(
    condition: Callable[[], bool | Awaitable[bool]], what: str, within_s: float = WITHIN_S
) -> None:
    """Return once `condition`, sync or async, holds. Fails naming `what` after `within_s`."""
    try:
        async with asyncio.timeout(within_s):
            while True:
                value = condition()
                if isinstance(value, Awaitable):
                    value = await value
                if value:
                    return
                await asyncio.sleep(LOOK_EVERY_S)
    except TimeoutError:
        raise AssertionError(f"after {within_s:g} s still not so: {what}") from None
