"""Analytics, put together: what takes events and what writes them. What reads them is beside it."""

from collections.abc import Callable
from datetime import datetime

from app.analytics.active import Active
from app.analytics.flush import Flusher
from app.analytics.intake import Intake
from app.analytics.names import Names
from app.analytics.writer import Writer
from app.analytics.writes import ArrivalStore, NameStore
from app.ids import new_id
from app.storage.mongo import Database


class Analytics:
    """Every process is a node of its own: a restarted one continues nothing."""

    def __init__(self, database: Database, capacity: int, clock: Callable[[], datetime]) -> None:
        node = new_id()
        self.active = Active(ArrivalStore(database), node, clock)
        self.intake = Intake(self.active, capacity, clock)
        self.names = Names(NameStore(database))
        flusher = Flusher(database, node, self.names)
        self.writer = Writer(self.intake, self.active, flusher, clock)
