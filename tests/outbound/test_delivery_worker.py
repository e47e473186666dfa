"""The engine: one request at a time for each receiver, and no receiver holds up the others."""

import asyncio
from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from typing import cast

import pytest

from app.hooks.outgoing_queue import POLICY
from app.outbound import delivery_worker
from app.outbound.delivery_worker import DeliveryWorker, Request
from app.outbound.http_client import HttpClient, Response
from app.outbound.retry_policy import Outcome
from app.telemetry.tasks import Tasks
from app.times import now

LEASE = timedelta(seconds=30)


class Jobs:
    """A queue of receivers' names in memory, one job each."""

    def __init__(self, *jobs: str) -> None:
        self.news = asyncio.Event()
        self.left = list(jobs)
        self.leases: list[timedelta] = []
        self.settled: list[tuple[str, str]] = []
        self.broken: set[str] = set()

    async def claim(self, at: datetime, until: datetime, busy: Collection[str]) -> str | None:
        free = next((job for job in self.left if job not in busy), None)
        if free is not None:
            self.left.remove(free)
            self.leases.append(until - at)
        return free

    def receiver_of(self, job: str) -> str:
        return job

    def idle_s(self, _: datetime) -> float:
        return 60.0

    async def prepare(self, job: str) -> Request | None:
        if job in self.broken:
            raise KeyError(job)
        return Request(url=job, body=b"", headers={}, failures=0, failing_since=None)

    async def settle(self, job: str, outcome: Outcome) -> None:
        self.settled.append((job, outcome.kind))


class Receivers:
    """Answers with 200, after `may_answer`; counts requests at a time."""

    def __init__(self) -> None:
        self.may_answer = asyncio.Event()
        self.may_answer.set()
        self.at_once: dict[str, int] = {}
        self.most: dict[str, int] = {}

    async def post(self, url: str, _: bytes, __: Mapping[str, str]) -> Response:
        self.at_once[url] = self.at_once.get(url, 0) + 1
        self.most[url] = max(self.most.get(url, 0), self.at_once[url])
        self.most["all"] = max(self.most.get("all", 0), sum(self.at_once.values()))
        await self.may_answer.wait()
        await asyncio.sleep(0)
        self.at_once[url] -= 1
        return Response(200)


Work = Callable[[Jobs, Receivers, int], DeliveryWorker[str]]


@pytest.fixture
def worker(monkeypatch: pytest.MonkeyPatch) -> Work:
    monkeypatch.setattr(delivery_worker, "RETRY_S", 0.0)

    def of(jobs: Jobs, receivers: Receivers, at_once: int) -> DeliveryWorker[str]:
        client = cast(HttpClient, receivers)
        return DeliveryWorker(
            "test", jobs, client, POLICY, Tasks(), now, at_once=at_once, lease=LEASE
        )

    return of


async def test_each_receiver_gets_one_request_at_a_time(worker: Work) -> None:
    jobs, receivers = Jobs("ana", "ana", "ben", "ana"), Receivers()
    await worker(jobs, receivers, 4).round()
    assert sorted(jobs.settled) == [("ana", "delivered")] * 3 + [("ben", "delivered")]
    assert (receivers.most["ana"], receivers.most["ben"]) == (1, 1)
    assert set(jobs.leases) == {LEASE}


async def test_no_more_requests_than_allowed_at_once(worker: Work) -> None:
    jobs, receivers = Jobs(*map(str, range(20))), Receivers()
    await worker(jobs, receivers, 3).round()
    assert len(jobs.settled) == 20
    assert receivers.most["all"] == 3


async def test_a_defect_with_one_receiver_does_not_stop_the_others(worker: Work) -> None:
    jobs = Jobs("ana", "ben", "cleo")
    jobs.broken = {"ben"}
    await worker(jobs, Receivers(), 1).round()
    assert jobs.settled == [("ana", "delivered"), ("cleo", "delivered")]
