"""The connections of all nodes: finds them, and ends one wherever it is."""

from collections.abc import Callable, Sequence
from heapq import merge

import structlog
from msgspec import Struct
from msgspec.structs import replace

from app.accounts.models import Caller
from app.accounts.rights import must_be_admin
from app.accounts.users import Users
from app.admin.connection_list import ConnectionList
from app.admin.connection_rows import (
    END,
    FIND,
    ROWS_AT_MOST,
    ConnectionRow,
    EndConnection,
    Ended,
    FindConnections,
    FoundConnections,
    hashed,
    row_of,
    sendable,
)
from app.audit.trail import AuditTrail
from app.nodes.questions import Questions

log = structlog.get_logger("security")


class Page(Struct, kw_only=True):
    """A page of connections, newest first: `count` of all, whether there `is_more`, of how many
    nodes, and how many of these did not answer."""

    rows: Sequence[ConnectionRow]
    count: int
    is_more: bool
    nodes: int
    silent_nodes: int


class SiteConnections:
    """`here` are those of this node, whose name is what `node` returns."""

    def __init__(
        self,
        here: ConnectionList,
        questions: Questions,
        node: Callable[[], str],
        audit: AuditTrail,
        users: Users,
    ) -> None:
        self._here = here
        self._questions = questions
        self._node = node
        self._audit = audit
        self._users = users
        questions.answer(FIND, self._find_for_other)
        questions.answer(END, self._end_for_other)

    async def find(self, by: Caller, who: str, start: int, size: int) -> Page:
        """`size` connections of `who` from place `start` on. Raises Unauthenticated, Forbidden.

        Of each other node only the newest are found: 500, or as many as fit into its answer.
        """
        must_be_admin(by)
        at_most = start + size + 1
        asked = FindConnections(who=who, at_most=at_most, session=hashed(by.session))
        elsewhere = FindConnections(
            who=who, at_most=min(at_most, ROWS_AT_MOST), session=asked.session
        )
        answers = await self._questions.ask(FIND, elsewhere)
        found = [await self._find_here(asked), *answers.given.values()]
        newest = list(merge(*(each.rows for each in found), key=_place, reverse=True))
        return Page(
            rows=newest[start : start + size],
            count=sum(each.count for each in found),
            is_more=len(newest) > start + size,
            nodes=len(found) + len(answers.missing),
            silent_nodes=len(answers.missing),
        )

    async def end(self, by: Caller, connection_id: str) -> bool:
        """Close a connection with all its namespaces; False where it is gone already.

        Raises Unauthenticated and Forbidden unless an admin who signed in asks.
        """
        async with self._audit.refusals("connection_ended", by):
            must_be_admin(by)
        asked = EndConnection(id=connection_id, actor=by.actor)
        if (await self._end_here(asked)).user_id is not None:
            return True
        answers = await self._questions.ask(END, asked)
        return any(each.user_id is not None for each in answers.given.values())

    async def _find_for_other(self, asked: FindConnections) -> FoundConnections:
        found = await self._find_here(asked)
        return FoundConnections(count=found.count, rows=sendable(found.rows))

    async def _find_here(self, asked: FindConnections) -> FoundConnections:
        found = self._here.open(asked.who)
        shown = await self._here.with_rooms(found[: asked.at_most])
        rows = [row_of(each, self._node(), asked.session) for each in shown]
        return FoundConnections(count=len(found), rows=rows)

    async def _end_for_other(self, asked: EndConnection) -> Ended:
        """For an admin on another node. Rights are asked here too: a node may know them late."""
        if asked.actor.user is None:
            return Ended()
        await self._users.load([asked.actor.user])
        user = self._users.known(asked.actor.user)
        if user is None or not user.is_acting_admin:
            return Ended()
        return await self._end_here(replace(asked, actor=replace(asked.actor, name=user.username)))

    async def _end_here(self, asked: EndConnection) -> Ended:
        """Audited here, where it is done: an answer can come too late."""
        ended = self._here.end(asked.id)
        if ended is None:
            return Ended()
        log.info("connection_ended", user=ended.user.id, by=asked.actor.user)
        await self._audit.done("connection_ended", asked, ended.user.id)
        return Ended(user_id=ended.user.id)


def _place(row: ConnectionRow) -> tuple[object, str]:
    return row.since, row.id
