"""Changes whose commit lost against another one are settled: their guards are asked again."""

from types import SimpleNamespace
from typing import Any

import pytest
from pymongo.errors import OperationFailure

from app.streams.group import Unsettled
from app.streams.models import Change
from app.streams.transaction import Transaction
from tests.streams.world import NOON


class Contended:
    """A session whose commit meets another transaction."""

    async def commit_transaction(self) -> None:
        labels = {"errorLabels": ["TransientTransactionError"]}
        raise OperationFailure("write conflict", 112, labels)


async def test_a_commit_that_lost_leaves_nothing_unsettled() -> None:
    nowhere: Any = SimpleNamespace(client=None, collection=lambda _: None)
    log: Any = None
    unsettled = Unsettled()
    change = Change(
        id="c1", stream="room:a", sender="ana", client_id="1", fingerprint=b"", at=NOON, of="i1"
    )
    with pytest.raises(OperationFailure):
        await Transaction(nowhere, log, unsettled)._finish([change], Contended())
    assert change not in unsettled
