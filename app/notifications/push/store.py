"""Database queries of Web Push: the signing key, the browsers, the durable queue of jobs."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime

from pymongo import ASCENDING, DESCENDING, IndexModel, ReturnDocument, UpdateOne
from pymongo.errors import BulkWriteError, DuplicateKeyError

from app.notifications.push.models import Job, Subscription
from app.outbound.retry_policy import FAILING_FIELDS, Outcome, recording_failure
from app.storage.documents import document_of, record_from
from app.storage.errors import StorageError
from app.storage.mongo import Database

KEYS = "push_keys"
SUBSCRIPTIONS = "push_subscriptions"
JOBS = "push_jobs"
VAPID = "vapid"

DUPLICATE_KEY = 11_000

INDEXES: dict[str, list[IndexModel]] = {
    KEYS: [],
    SUBSCRIPTIONS: [
        IndexModel([("user", ASCENDING), ("created", DESCENDING)], name="of_user"),
        IndexModel([("session", ASCENDING)], name="of_session"),
    ],
    JOBS: [
        # A finished job loses `due` and keeps its id, so that it is not made again.
        IndexModel(
            [("due", ASCENDING)], partialFilterExpression={"due": {"$exists": True}}, name="due"
        ),
        IndexModel([("subscription", ASCENDING)], name="of_subscription"),
        IndexModel([("until", ASCENDING)], expireAfterSeconds=0, name="over"),
    ],
}


class KeyStore:
    """The one document of the signing key."""

    def __init__(self, database: Database) -> None:
        self._keys = database.collection(KEYS)

    async def kept(self, private: str) -> str:
        """The stored key; `private` is stored if there is none. Raises StorageError."""
        with suppress(DuplicateKeyError):  # another node made it at this instant
            await self._keys.update_one(
                {"_id": VAPID}, {"$setOnInsert": {"private": private}}, upsert=True
            )
        found = await self._keys.find_one({"_id": VAPID})
        if found is None:
            raise StorageError("The key for push services was removed while Parley started.")
        kept: str = found["private"]
        return kept


class SubscriptionStore:
    """Subscriptions of browsers."""

    def __init__(self, database: Database) -> None:
        self._subscriptions = database.collection(SUBSCRIPTIONS)

    async def put(self, subscription: Subscription) -> None:
        """Add it, or replace the one of the same browser."""
        document = document_of(subscription)
        await self._subscriptions.replace_one({"_id": subscription.id}, document, upsert=True)

    async def get(self, subscription_id: str) -> Subscription | None:
        found = await self._subscriptions.find_one({"_id": subscription_id})
        return record_from(found, Subscription) if found else None

    async def of(self, user_ids: Iterable[str]) -> list[Subscription]:
        """The browsers of these people, the newest first."""
        query = {"user": {"$in": list(user_ids)}}
        found = self._subscriptions.find(query, sort=[("created", DESCENDING)])
        return [record_from(d, Subscription) async for d in found]

    async def page(self, after: str, limit: int) -> list[Subscription]:
        """Browsers of all people, in the order of their ids, after the id `after`."""
        found = self._subscriptions.find(
            {"_id": {"$gt": after}}, sort=[("_id", ASCENDING)], limit=limit
        )
        return [record_from(d, Subscription) async for d in found]

    async def advance(self, revs: Mapping[str, int]) -> None:
        """Move the revs of these browsers (id → rev), never backwards."""
        updates = [UpdateOne({"_id": i}, {"$max": {"rev": rev}}) for i, rev in revs.items()]
        await self._subscriptions.bulk_write(updates, ordered=False)

    async def failed(self, subscription_id: str, outcome: Outcome) -> None:
        """Record one more failure in a row."""
        await self._subscriptions.update_one({"_id": subscription_id}, recording_failure(outcome))

    async def worked(self, subscription_id: str) -> None:
        """Forget the failures of a browser that took a message."""
        gone = dict.fromkeys(FAILING_FIELDS, True)
        await self._subscriptions.update_one({"_id": subscription_id}, {"$unset": gone})

    async def delete(self, ids: Sequence[str]) -> None:
        await self._subscriptions.delete_many({"_id": {"$in": list(ids)}})

    async def of_session(self, session_id: str) -> list[Subscription]:
        found = self._subscriptions.find({"session": session_id})
        return [record_from(d, Subscription) async for d in found]


class JobStore:
    """The queue of jobs. A claim is a lease: it moves `due`, so that the job comes up again."""

    def __init__(self, database: Database) -> None:
        self._jobs = database.collection(JOBS)

    async def add(self, jobs: Sequence[Job]) -> None:
        """Insert the jobs that never existed before."""
        try:
            await self._jobs.insert_many([document_of(job) for job in jobs], ordered=False)
        except BulkWriteError as error:
            details = error.details or {}
            codes = {failed["code"] for failed in details.get("writeErrors", [])}
            if codes != {DUPLICATE_KEY} or details.get("writeConcernErrors"):
                raise

    async def claim(self, now: datetime, until: datetime, busy: Iterable[str]) -> Job | None:
        """Claim the job that is due longest, up to `until`, of a browser that is not in `busy`."""
        found = await self._jobs.find_one_and_update(
            {"due": {"$lte": now}, "subscription": {"$nin": list(busy)}},
            {"$set": {"due": until}},
            sort=[("due", ASCENDING)],
            return_document=ReturnDocument.AFTER,
        )
        return record_from(found, Job) if found else None

    async def done(self, job_id: str) -> None:
        await self._jobs.update_one({"_id": job_id}, {"$unset": {"due": True}})

    async def postpone(self, job_id: str, due: datetime) -> None:
        await self._jobs.update_one({"_id": job_id}, {"$set": {"due": due}})

    async def drop(self, subscription_ids: Sequence[str]) -> None:
        """Delete the jobs of these browsers."""
        await self._jobs.delete_many({"subscription": {"$in": list(subscription_ids)}})
