"""Reports of nodes for tests."""

from app.nodes.models import NodeReport, PresenceVersion
from app.times import now


def report(name: str, people: PresenceVersion) -> NodeReport:
    """A node whose id is its name."""
    return NodeReport(
        id=name,
        name=name,
        version="1",
        address="",
        machine="",
        process=1,
        data_dir="",
        started=now(),
        people=people,
    )
