"""Lists the nodes for admins and commands, takes one out, and puts it back."""

from collections.abc import Awaitable, Callable, Collection

from app.accounts.models import Caller
from app.accounts.rights import must_be_admin
from app.audit.trail import AuditTrail
from app.errors import Conflict, NotFound
from app.nodes.models import NodeReport
from app.nodes.roster import Roster

# Asks the nodes with these ids to drain, or to stop it; returns whether one of them is alive.
Ask = Callable[[Collection[str], bool], Awaitable[bool]]


class NodeAdministration:
    """Lists nodes and drains them, for admins and for the command line (`by` None)."""

    def __init__(self, audit: AuditTrail, roster: Roster, ask: Ask) -> None:
        self._audit = audit
        self._roster = roster
        self._ask = ask

    async def nodes(self, by: Caller | None) -> list[NodeReport]:
        """The living nodes, by name. Raises Unauthenticated, Forbidden."""
        must_be_admin(by)
        return await self._roster.nodes()

    async def find(self, name: str) -> NodeReport:
        """The node with this id or name. Raises NotFound, Conflict."""
        return named(await self._roster.nodes(), name)

    async def drain(self, by: Caller | None, name: str) -> list[NodeReport]:
        """Have a node, by its id or name, refuse new clients and send the present ones to others.

        The other workers of its server do so too, as no proxy can tell them apart. It stays up
        until it is stopped, or drains no more. Returns the nodes that were asked. Raises
        Unauthenticated, Forbidden, NotFound, and Conflict where several nodes have this name.
        """
        return await self._tell("node_drained", by, name, drains=True)

    async def stop_draining(self, by: Caller | None, name: str) -> list[NodeReport]:
        """Have a node, and the other workers of its server, accept new clients again.

        Returns and raises as `drain`.
        """
        return await self._tell("node_drain_stopped", by, name, drains=False)

    async def _tell(
        self, kind: str, by: Caller | None, name: str, *, drains: bool
    ) -> list[NodeReport]:
        async with self._audit.action(kind, by, name) as action:
            must_be_admin(by)
            nodes = await self._roster.nodes()
            node = named(nodes, name)
            action.about = node.name
            workers = workers_beside(node, nodes)
            if not await self._ask([each.id for each in workers], drains):
                raise _no_such_node()
        return workers


def workers_beside(node: NodeReport, nodes: Collection[NodeReport]) -> list[NodeReport]:
    """`node`, and the other workers of its server."""
    others = [each for each in nodes if each.server == node.server and each.id != node.id]
    return [node, *others] if node.server else [node]


def named(nodes: list[NodeReport], name: str) -> NodeReport:
    """The node with this id or name. Raises NotFound, Conflict."""
    found = [node for node in nodes if node.id == name]
    found = found or [node for node in nodes if node.name == name]
    if not found:
        raise _no_such_node()
    if len(found) > 1:
        raise Conflict("Several nodes have this name; take the id of one.")
    return found[0]


def _no_such_node() -> NotFound:
    return NotFound("There is no such node, or it has ended.")
