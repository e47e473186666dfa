"""The command `drain`: takes a node out, so that it can be stopped without anybody noticing, and
with `--undo` puts it back."""

import argparse
import asyncio
import socket
from functools import partial

from app.cli.commands import Features, Options, with_features
from app.cli.output import Output
from app.errors import Conflict, NotFound, Unavailable
from app.nodes.administration import NodeAdministration
from app.nodes.feature import Nodes
from app.nodes.models import NodeReport
from app.settings import Settings

HELP = "take a node out: it refuses new clients and sends the present ones to other nodes"
BEGINS_WITHIN_S = 8.0
LOOKS_EVERY_S = 0.2


def add(
    nouns: "argparse._SubParsersAction[argparse.ArgumentParser]", common: argparse.ArgumentParser
) -> None:
    """Add the command."""
    drain = nouns.add_parser(
        "drain",
        help=HELP,
        description=f"{HELP}. It stays up, and so does a database that it started, until it is "
        "stopped.",
        parents=[common],
    )
    drain.add_argument(
        "node", nargs="?", help="its name or id; without one the node on this data folder"
    )
    either = drain.add_mutually_exclusive_group()
    either.add_argument("--wait", action="store_true", help="return when nobody is connected to it")
    either.add_argument("--undo", action="store_true", help="have it accept new clients again")
    drain.set_defaults(run=partial(with_features, _drain))


async def _drain(options: Options, features: Features) -> Output:
    administration = features[Nodes].administration
    ask = administration.stop_draining if options.undo else administration.drain
    asked: dict[str, NodeReport] = {}
    for node in await _chosen(options.node, administration, features.core.settings):
        if node.id not in asked:
            asked |= {each.id: each for each in await ask(None, node.id)}
    ids, names = set(asked), ", ".join(sorted(node.name for node in asked.values()))
    left = await _follow(administration, ids, "up" if options.undo else "draining")
    if options.wait:
        left = await _emptied(administration, ids)
    accepts = "accepts new connections again" if options.undo else "takes no new connections"
    return Output(
        f"{names} {accepts}. {left:,} are open.",
        {"ok": True, "nodes": sorted(ids), "connections": left},
    )


async def _chosen(
    named: str | None, administration: NodeAdministration, settings: Settings
) -> list[NodeReport]:
    """The node with this id or name, or the one beside this command with all its workers."""
    if named is not None:
        return [await administration.find(named)]
    nodes = await administration.nodes(None)
    found = beside(nodes, settings, socket.gethostname())
    if not found:
        raise NotFound("No node runs on this data folder. Name one of the others.")
    if len({node.address for node in found}) > 1:
        names = ", ".join(node.name for node in found)
        raise Conflict(f"Several nodes run on this data folder; name one: {names}.")
    return found


def beside(nodes: list[NodeReport], settings: Settings, machine: str) -> list[NodeReport]:
    """The nodes on this machine and data folder; where several are, those on the same port."""
    folder = str(settings.data_dir.resolve())
    staying = [node for node in nodes if node.state != "stopping"]
    found = [node for node in staying if (node.machine, node.data_dir) == (machine, folder)]
    same_port = [node for node in found if node.address.endswith(f":{settings.port}")]
    return same_port or found


async def _follow(administration: NodeAdministration, ids: set[str], state: str) -> int:
    """Wait until the nodes are in this state. Returns how many connections they have."""
    try:
        async with asyncio.timeout(BEGINS_WITHIN_S):
            while any(  # noqa: ASYNC110  # it is another process
                node.state not in {state, "stopping"} for node in await _of(administration, ids)
            ):
                await asyncio.sleep(LOOKS_EVERY_S)
    except TimeoutError:
        raise Unavailable("The node does not answer; it may be stopping.") from None
    return _connections(await _of(administration, ids))


async def _emptied(administration: NodeAdministration, ids: set[str]) -> int:
    """Wait until nobody is connected to them, or they have ended."""
    while left := _connections(await _of(administration, ids)):  # noqa: ASYNC110
        await asyncio.sleep(LOOKS_EVERY_S)
    return left


async def _of(administration: NodeAdministration, ids: set[str]) -> list[NodeReport]:
    return [node for node in await administration.nodes(None) if node.id in ids]


def _connections(nodes: list[NodeReport]) -> int:
    return sum(node.connection_count for node in nodes)
