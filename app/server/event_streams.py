"""Server-Sent Events, put together: what the features offer to those who only listen."""

from app.analytics.event_source import ShownFigures
from app.analytics.reading import Reading
from app.realtime.admission import Admission
from app.realtime.connections import Connections
from app.realtime.sse.event_sources import EventSources
from app.realtime.sse.routes import EventStreams
from app.server.services import Services
from app.topics.event_source import TopicSources


def event_streams(
    services: Services, admission: Admission, reading: Reading, connections: Connections
) -> EventStreams:
    """All readers of this process; the signed-in ones are among `connections`."""
    topics = services.topics
    opened = TopicSources(
        topics.directory,
        topics.history,
        topics.ephemeral,
        services.hub,
        services.users.known,
    )
    offer = EventSources(
        opens={
            "notifications": services.notifications.streams.open,
            "chat": services.chat.sources.open,
            "topic": opened.open,
        },
        shows={"analytics": ShownFigures(reading.live)},
    )
    return EventStreams(
        offer,
        admission,
        services.sessions,
        services.tokens,
        services.settings,
        connections,
        reading.public_figures.figures,
    )
