"""Many keep-alive connections that send one prepared request again and again, as fast as answers
come: a client that costs so little that the server is what is measured.
"""

import asyncio
import re
from collections import Counter
from urllib.parse import urlsplit

LENGTH = re.compile(rb"\r\ncontent-length: (\d+)\r\n", re.IGNORECASE)
STATUS = re.compile(rb"HTTP/1\.1 (\d{3}) ")
REFUSED_PAUSE_S = 0.1


def request(url: str, body: bytes) -> bytes:
    """A POST of JSON as it goes over the wire."""
    address = urlsplit(url)
    head = (
        f"POST {address.path} HTTP/1.1\r\nHost: {address.netloc}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


class Sender(asyncio.Protocol):
    """One connection. `answers` counts by status; a refusal is waited after, as clients do."""

    def __init__(self, post: bytes, answers: Counter[int], pause_s: float) -> None:
        self._post = post
        self._answers = answers
        self._pause_s = pause_s
        self._seen = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._send()

    def data_received(self, data: bytes) -> None:
        self._seen += data
        end = self._seen.find(b"\r\n\r\n")
        length = LENGTH.search(self._seen)
        if end < 0 or length is None or len(self._seen) < end + 4 + int(length[1]):
            return
        found = STATUS.match(self._seen)
        assert found is not None, self._seen[:200]
        self._seen = b""
        status = int(found[1])
        self._answers[status] += 1
        pause = self._pause_s if status < 400 else REFUSED_PAUSE_S
        if pause:
            asyncio.get_running_loop().call_later(pause, self._send)
        else:
            self._send()

    def _send(self) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(self._post)

    def close(self) -> None:
        if self._transport is not None:
            self._transport.abort()


class Crowd:
    """`size` connections; a `rate` of requests a second for all together, or as many as go."""

    def __init__(self, url: str, body: bytes, size: int, rate: float | None = None) -> None:
        self._url = urlsplit(url)
        self._post = request(url, body)
        self._size = size
        self._pause_s = size / rate if rate else 0.0
        self.answers: Counter[int] = Counter()
        self._senders: list[Sender] = []

    async def __aenter__(self) -> "Crowd":
        loop = asyncio.get_running_loop()
        for _ in range(self._size):
            _, sender = await loop.create_connection(
                lambda: Sender(self._post, self.answers, self._pause_s),
                self._url.hostname,
                self._url.port,
            )
            self._senders.append(sender)
        return self

    async def __aexit__(self, *_: object) -> None:
        for sender in self._senders:
            sender.close()
