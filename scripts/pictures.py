"""The town of the documentation's pictures: who lives there and what they said, with its times."""

from typing import NamedTuple

PEOPLE = {
    "ana": "Ana Ribeiro",
    "ben": "Ben Okafor",
    "cleo": "Cleo Martin",
    "dana": "Dana Weiss",
    "emil": "Emil Hansen",
    "fay": "Fay Lindqvist",
}
ADMIN = "ana"


class Said(NamedTuple):
    """One message. `ago_min`: how long before now, in minutes."""

    by: str
    ago_min: int
    text: str
    reply_to: int | None = None
    reactions: tuple[tuple[str, str], ...] = ()


ROOMS = [
    ("Hallway", "Everything that concerns everyone"),
    ("Workshop", "The autumn release: plan, builds, rough edges"),
    ("Support", "Questions from people who use it"),
    ("Reading list", ""),
    ("Kitchen", "Lunch, cake, the coffee machine"),
]
PRIVATE = ("Hiring", "Candidates and impressions, between us", ("ana", "cleo"))

SCENE = "workshop"
CONVERSATION = [
    Said(
        "dana", 1510, "The build from this morning is on the test machine. Please be rough with it."
    ),
    Said(
        "emil",
        1502,
        "Pulled the network cable three times while writing. Everything came through, once.",
    ),
    Said(
        "emil",
        1501,
        "I am slightly disappointed, I had prepared a bug report.",
        None,
        (("ben", "😂"), ("ana", "😂"), ("dana", "🎉")),
    ),
    Said(
        "ana",
        1430,
        "Then we ship on **Thursday**. What is still open:\n\n- release notes\n"
        "- the upgrade note about backups\n- one look at the settings page on a phone",
    ),
    Said("ben", 92, "Release notes are nearly done. @cleo could you read over the second half?"),
    Said(
        "cleo",
        88,
        "Gladly. I found one thing already: the example says `--data`, it has to be\n\n"
        "```sh\npython -m app serve --data-dir /srv/parley\n```",
    ),
    Said("ben", 86, "Good catch, mended.", 5, (("cleo", "👍"),)),
    Said(
        "dana",
        41,
        "I went through the settings on a small phone. Two labels wrap, nothing is cut off.",
    ),
    Said("dana", 41, "Pictures are in the ticket."),
    Said(
        "fay", 12, "Support asks whether a backup works while the server runs. It does, doesn't it?"
    ),
    Said(
        "ana",
        9,
        "It does: `python -m app db backup FILE`, as of one instant, also while people write.",
        9,
        (("fay", "🙏"), ("ben", "💯")),
    ),
    Said("fay", 8, "Wonderful, I'll tell them."),
    Said("cleo", 3, "Second half read. @ana it is good to go from my side."),
]

# Messages that make rooms unread for ana, whose screen is shown.
ELSEWHERE = [
    (
        "support",
        Said(
            "fay", 30, "Two people asked for the same thing this week: @ana shall we write it down?"
        ),
    ),
    ("kitchen", Said("emil", 25, "There is apple cake on the table by the window.")),
    ("hallway", Said("ben", 200, "Good morning, all.")),
    (
        "reading-list",
        Said("dana", 3000, "A quiet evening's read: <https://www.rfc-editor.org/rfc/rfc6455>"),
    ),
]
READ = ("workshop", "hallway", "reading-list")
DIRECT = ("cleo", Said("cleo", 15, "Have you got ten minutes this afternoon?"))
