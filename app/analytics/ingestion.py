"""Takes events, counts them and writes them: the intake, the names and the writer of one node."""

from app.analytics.active_visitors import ActiveVisitors
from app.analytics.counted_names import CountedNames
from app.analytics.flush import Flusher
from app.analytics.intake import Intake
from app.analytics.store.flushes import ArrivalStore, NameStore
from app.analytics.writer import Writer
from app.ids import new_id
from app.storage.mongo import Database
from app.times import Clock


class Ingestion:
    """Every process is a node of its own: a restarted one continues nothing."""

    def __init__(self, database: Database, capacity: int, clock: Clock) -> None:
        node = new_id()
        self.active = ActiveVisitors(ArrivalStore(database), node, clock)
        self.intake = Intake(self.active, capacity, clock)
        self.names = CountedNames(NameStore(database))
        flusher = Flusher(database, node, self.names)
        self.writer = Writer(self.intake, self.active, flusher, clock)
