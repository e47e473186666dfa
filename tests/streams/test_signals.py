"""The node that commits a change signals it once, also where the outcome was first unknown."""

from app.errors import Forbidden
from app.storage.mongo import Database
from app.streams.models import Change
from tests.streams.link import Link, claims
from tests.streams.world import Node, Page, Person, running, together


def heard(node: Node) -> list[Change]:
    """The changes that `node` says it has committed, from now on."""
    told: list[Change] = []
    node.committer.committed.listen(told.extend)
    return told


async def test_every_change_that_was_committed_is_told_once(node: Node, ana: Person) -> None:
    told = heard(node)
    first = ana.message("hi")
    await ana.submits(first)
    edit = ana.edit(first.id, "hello")
    await ana.submits(edit)
    assert told == [first, edit]


async def test_a_repeat_is_not_told_again(node: Node, ana: Person) -> None:
    told = heard(node)
    await ana.sends("hi", "c1")
    await ana.sends("hi", "c1")
    await together(ana.sends("ho", "c2"), ana.sends("ho", "c2"))
    assert [change.client_id for change in told] == ["c1", "c2"]


async def test_what_another_node_has_committed_is_not_told_here(
    database: Database, node: Node, hallway: str
) -> None:
    async with running(database) as other:
        here, there = heard(node), heard(other)
        await Person(other, hallway, "ana").sends("hi", "c1")
        await Person(node, hallway, "ana").sends("hi", "c1")
        assert (len(here), len(there)) == (0, 1)


async def test_a_change_that_is_refused_or_changes_nothing_is_not_told(
    node: Node, ana: Person
) -> None:
    def refuse() -> None:
        raise Forbidden("no")

    message = ana.message("hi")
    await ana.submits(message)
    await ana.submits(ana.reaction(message.id, "+"))
    told = heard(node)
    await together(ana.sends("ho", guard=refuse), ana.submits(ana.reaction(message.id, "+")))
    assert told == []


async def test_a_change_whose_outcome_was_unknown_is_told_once(
    line: tuple[Link, Database], hallway: str
) -> None:
    link, database = line
    async with running(database) as node:
        ana, told = Person(node, hallway, "ana"), heard(node)
        await ana.sends("first")
        link.lose_reply(claims)
        await ana.sends("second")
        assert link.lost == 1
        assert len(told) == 2


async def test_how_long_committing_and_handing_out_took_is_told(
    node: Node, ana: Person, hallway: str
) -> None:
    commits: list[float] = []
    deliveries: list[float] = []
    node.committer.took.listen(commits.append)
    node.hub.took.listen(deliveries.append)
    await ana.sends("nobody follows")
    page = Page()
    node.hub.follow(hallway, page)
    assert node.hub.release(hallway, page, 1)
    await ana.sends("somebody does")
    await ana.sends("and again")
    # The group's time is told after its senders have their acks.
    assert len(commits) >= 2
    assert all(0 < ms < 10_000 for ms in commits)
    assert len(deliveries) == 2
    assert all(0 < ms < 1_000 for ms in deliveries)
