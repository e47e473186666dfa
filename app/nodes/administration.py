"""Lists the nodes for admins and commands, and takes one out."""

from collections.abc import Awaitable, Callable

from app.accounts.models import Caller
from app.accounts.rights import must_be_admin
from app.audit.trail import AuditTrail
from app.errors import Conflict, NotFound
from app.nodes.models import NodeReport
from app.nodes.roster import Roster

Ask = Callable[[str], Awaitable[bool]]


class NodeAdministration:
    """Lists nodes and drains them, for admins and for the command line (`by` None).

    `ask` asks the node with an id to drain, and returns whether it is alive.
    """

    def __init__(self, audit: AuditTrail, roster: Roster, ask: Ask) -> None:
        self._audit = audit
        self._roster = roster
        self._ask = ask

    async def list(self, by: Caller | None) -> list[NodeReport]:
        """The living nodes, by name. Raises Unauthenticated, Forbidden."""
        must_be_admin(by)
        return await self._roster.nodes()

    async def find(self, name: str) -> NodeReport:
        """The node with this id or name. Raises NotFound, Conflict."""
        return named(await self._roster.nodes(), name)

    async def drain(self, by: Caller | None, name: str) -> NodeReport:
        """Have a node, by its id or name, refuse new clients and send the present ones to others.

        It stays up until it is stopped. Raises Unauthenticated, Forbidden, NotFound, and Conflict
        where several nodes have this name.
        """
        async with self._audit.action("node_drained", by, name) as action:
            must_be_admin(by)
            node = await self.find(name)
            action.about = node.name
            if not await self._ask(node.id):
                raise NotFound("There is no such node, or it has ended.")
        return node


def named(nodes: list[NodeReport], name: str) -> NodeReport:
    """The node with this id or name. Raises NotFound, Conflict."""
    found = [node for node in nodes if node.id == name]
    found = found or [node for node in nodes if node.name == name]
    if not found:
        raise NotFound("There is no such node, or it has ended.")
    if len(found) > 1:
        raise Conflict("Several nodes have this name; take the id of one.")
    return found[0]
