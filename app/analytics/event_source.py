"""The event stream `analytics`: shows admins the present figures."""

from app.analytics.client_events import must_read
from app.analytics.live_figures import LiveFigures
from app.realtime.server_event import Event
from app.realtime.sse.connection import SSEConnection

NAME = "analytics"


class ShownFigures:
    """Shows admins what changes, at most once a second; only the newest waits to be written."""

    def __init__(self, live: LiveFigures) -> None:
        self._live = live

    async def begin(self, stream: SSEConnection) -> None:
        """Raises Forbidden."""
        must_read(stream.caller)

        def show(event: Event) -> None:
            stream.writer.show(NAME, event.payload)

        stream.listen("metrics", show)
        await self._live.begin(stream)

    def end(self, stream: SSEConnection) -> None:
        self._live.end(stream)
