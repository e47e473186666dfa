"""The members of the replica set, as the driver of this process sees them at this moment."""

from collections.abc import Mapping

from msgspec import Struct

from app.storage.mongo import Database

ROLES = {"RSPrimary": "primary", "RSSecondary": "secondary"}


class Topology(Struct, frozen=True):
    """`members` are roles (`primary`, `secondary`, `other`) by `host:port`."""

    replica_set: str | None
    members: Mapping[str, str]

    @property
    def primary(self) -> str | None:
        """The `host:port` of the primary; None while there is none."""
        return next((host for host, role in self.members.items() if role == "primary"), None)


def topology(database: Database) -> Topology:
    """The topology that the driver has found last. It asks nobody."""
    found = database.client.topology_description
    members = {
        f"{host}:{port}": ROLES.get(each.server_type_name, "other")
        for (host, port), each in sorted(found.server_descriptions().items())
    }
    return Topology(found.replica_set_name, members)
