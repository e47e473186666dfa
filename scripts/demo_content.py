"""The people, rooms and words of `make demo` and of the documentation's pictures."""

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
        "fay",
        70,
        "What people asked this week, so that nobody has to look for it:\n\n"
        "1. **Backups.** While the server runs, as of one instant, into one file. Restoring ends"
        " all sessions, so that nobody keeps a right from before.\n"
        "2. **Who sees what.** Open rooms are open to everyone here; private rooms exist only for"
        " their members, admins included.\n"
        "3. **Webhooks.** What posts to Slack posts here too; only the address changes.\n\n"
        "| asked for | how often |\n|---|---|\n| backups | 9 |\n| webhooks | 7 |",
        None,
        (("ana", "❤️"), ("dana", "👍"), ("cleo", "👍")),
    ),
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
        10,
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

# A webhook: its name, its room, and its posts. A topic, and what was published to it.
HOOK = (
    "Build server",
    "workshop",
    ("Build **1842** of the autumn release passed in 4 min 12 s.",),
)
TOPIC = (
    "sensors.kitchen",
    ({"celsius": 20.5, "coffee": "full"}, {"celsius": 20.9, "coffee": "half full"}),
)

# Said while somebody looks on, one after the other and from the beginning again: who, where, what.
LIVE = [
    ("ben", "workshop", "Release notes are in. I also added a word about backups."),
    ("fay", "workshop", "Thank you! Support has fewer questions about that every week."),
    ("emil", "kitchen", "Half of the apple cake is still there. @ana, I kept you a piece."),
    ("cleo", "workshop", "Is `make demo` ready for the booth? I would like to try it on a phone."),
    ("dana", "workshop", "It is. I have it open beside this, in *dark*, and it looks right."),
    ("fay", "support", "A customer asks for a list of all shortcuts. It is behind `?`, isn't it?"),
    ("ben", "hallway", "The visitors of the afternoon are here. Who shows them around?"),
    ("cleo", "hallway", "I do. Ten minutes, then we meet in the kitchen. ☕"),
    ("dana", "workshop", "One more thing: the upgrade note says *stop the server*. Is that so?"),
    ("emil", "workshop", "Only for a minute. Clients come back by themselves and miss nothing."),
    ("ben", "workshop", "I tried it just now, while writing this. Nobody noticed, did you?"),
    ("fay", "support", "The shop in Lisbon moved over this morning: 40 people, 12 rooms."),
    ("cleo", "support", "That was quick! Anything that they miss?"),
    ("fay", "support", "A dark theme, until they found it in the settings. 😄"),
    ("emil", "kitchen", "The coffee machine is descaled. Please let it run once before you drink."),
    ("dana", "workshop", "Then the list is empty. @ana, shall we ship a day early?"),
]
