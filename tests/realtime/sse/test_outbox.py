"""What waits for one reader of an event stream, and what need not."""

from app.realtime.sse.outbox import Frame, Waiting


class Way:
    """The short way to a reader, who `takes` what comes or can't at the moment."""

    def __init__(self) -> None:
        self.takes = True
        self.said: list[bytes] = []

    def write(self, data: bytes) -> bool:
        if self.takes:
            self.said.append(data)
        return self.takes


def overflows() -> None:
    raise AssertionError("far from it")


async def test_what_waits_is_never_overtaken() -> None:
    waiting, way = Waiting(10, overflows), Way()
    waiting.put(Frame(b"first"))
    waiting.direct = way  # type: ignore[assignment]  # as far as it is used
    waiting.put(Frame(b"second"))
    assert await waiting.take(1) == b"firstsecond"
    waiting.put(Frame(b"straight"))
    way.takes = False
    waiting.put(Frame(b"too much"))
    way.takes = True
    waiting.put(Frame(b"after it"))
    assert way.said == [b"8\r\nstraight\r\n"]
    assert await waiting.take(1) == b"too muchafter it"


async def test_nothing_is_said_after_the_end() -> None:
    waiting, way = Waiting(10, overflows), Way()
    waiting.direct = way  # type: ignore[assignment]  # as far as it is used
    waiting.close()
    waiting.put(Frame(b"late"))
    assert way.said == []
    assert waiting.is_done
