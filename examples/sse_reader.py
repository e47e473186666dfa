"""Listens to Parley with nothing but Python's own library, and comes back where it was.

    PARLEY_TOKEN=… python examples/sse_reader.py http://127.0.0.1:8000 chat:hallway,notifications

The same with curl, which does not come back by itself:

    curl -N -H "Authorization: Bearer $PARLEY_TOKEN" \\
      "http://127.0.0.1:8000/api/events?streams=chat:hallway,notifications"
"""

import http.client
import json
import os
import sys
import time
from collections.abc import Iterator
from urllib.error import HTTPError, URLError
from urllib.parse import quote
from urllib.request import Request, urlopen

SILENCE_S = 60  # Something comes every five seconds; who hears nothing has lost the connection.


class Reader:
    """`last_id` says what was heard; who shows it again gets what was missed, in order, once."""

    def __init__(self, server: str, streams: str, token: str | None) -> None:
        self.url = f"{server}/api/events?streams={quote(streams, safe=':,')}"
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}
        self.last_id: str | None = None
        self.retry_s = 3.0

    def listen(self) -> Iterator[tuple[str, str]]:
        """Events `(name, data)` for ever. Raises HTTPError where there is no use in coming back."""
        while True:
            try:
                yield from self.once()
            except HTTPError as error:
                if error.code not in (429, 503):
                    raise
                self.retry_s = float(error.headers.get("Retry-After", 3))
            except (URLError, OSError, http.client.HTTPException):
                pass  # The server went away, or the network did.
            time.sleep(self.retry_s)

    def once(self) -> Iterator[tuple[str, str]]:
        """The events of one connection."""
        last = {"Last-Event-ID": self.last_id} if self.last_id else {}
        fields: dict[str, str] = {}
        with urlopen(Request(self.url, headers=self.headers | last), timeout=SILENCE_S) as answer:
            for line in answer:
                name, _, value = line.decode().rstrip("\n").partition(":")
                if name:
                    fields[name] = value.removeprefix(" ")
                elif "data" in fields:
                    yield fields.get("event", "message"), fields["data"]
                    self.remember(fields)
                    fields = {}

    def remember(self, fields: dict[str, str]) -> None:
        """Only what was dealt with: what comes after it is told again."""
        self.last_id = fields.get("id", self.last_id)
        self.retry_s = float(fields.get("retry", self.retry_s * 1000)) / 1000


def main() -> None:
    server, streams = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else ""
    for name, data in Reader(server, streams, os.environ.get("PARLEY_TOKEN")).listen():
        if name == "chat":
            for message in json.loads(data)["items"]:
                print(f"{message['by']['name']}: {message.get('text', '(deleted)')}", flush=True)
        else:
            print(f"[{name}] {data}", flush=True)


if __name__ == "__main__":
    main()
