"""The limits and times that the protocol's page and the handbook name are those of the code."""

import re
from pathlib import Path

import pytest
from aiohttp import WSCloseCode

from app.analytics import active_visitors, intake, live_feed, series
from app.analytics.models import AHEAD, OLDEST
from app.analytics.time_buckets import KEPT
from app.chat import large_rooms, reactions
from app.chat.connection_lifecycle import ARRIVES_WITHIN_S
from app.chat.drafts.service import DRAFTS_PER_PERSON
from app.chat.group_mentions import NAMED_AT_MOST
from app.chat.members.member_pages import READERS_NAMED
from app.chat.message_body import TEXT_BYTES
from app.chat.pins.service import PINS_PER_ROOM
from app.chat.saved.service import SAVED_PER_PERSON
from app.chat.typing import EXPIRES_S
from app.errors import ParleyError
from app.nodes import roster
from app.nodes.store import LEASE_S
from app.realtime.http_connections import FIRST_REQUEST_WITHIN_S
from app.realtime.line import outbox
from app.realtime.line.aiohttp_websocket import MAX_MESSAGE_BYTES
from app.realtime.open_file_limit import RESERVE
from app.realtime.socketio import packets, transport
from app.realtime.socketio.engineio_server import MAX_PACKET_BYTES
from app.realtime.sse import client_response, periodic_events
from app.realtime.websocket import gateway, message_loop
from app.realtime.websocket.client_socket import Close
from app.server.process import BACKLOG
from app.settings import Settings
from app.storage.mongod import LOG_LIMIT_BYTES
from app.streams import page_reads
from app.telemetry import loop_watch
from app.topics import history, models, subscriptions
from app.web.json_limits import CONTAINERS_AT_MOST, EXPONENTS_AT_MOST, VALUES_AT_MOST
from app.web.request_body import BODY_WITHIN_S

DOCS = Path(__file__).parents[1] / "docs"
MB = 1024 * 1024
WORDS = {2: "two", 5: "five", 6: "six", 7: "seven"}
METRICS_EVERY_S = periodic_events.PERIODIC_S * periodic_events.FIGURES_EVERY

_default = Settings()

PROTOCOL = (
    f"Text over {TEXT_BYTES:,} bytes of UTF-8",
    f"A person has at most {DRAFTS_PER_PERSON}, each as long as a message may be",
    f"A room has at most {PINS_PER_ROOM} pinned messages, a person {SAVED_PER_PERSON} saved",
    f"the body did not come within {BODY_WITHIN_S:.0f} s",
    f"end after {WORDS[gateway.ANONYMOUS_FOR_S // 60]} minutes; come back",
    f"is ended after {transport.SIGN_IN_WITHIN_S:.0f} seconds",
    f"at most {CONTAINERS_AT_MOST:,} lists and objects",
    f"{VALUES_AT_MOST:,} values and {EXPONENTS_AT_MOST:,} numbers with an exponent",
    f"a namespace has at most {packets.LONGEST_NAMESPACE} characters",
    f"A packet over {MAX_PACKET_BYTES // MB} MB ends its connection",
    f"One client can have {transport.EVENTS_AT_ONCE} events under way",
    f"A person has {page_reads.AT_ONCE} pages",
    f"It ends after {WORDS[int(EXPIRES_S)]} seconds unless it is said again",
    f"the answer to a join holds at most {large_rooms.SHOWN_AT_MOST}",
    f"A room of over {large_rooms.LARGE_ABOVE} members is large",
    f"An emoji of a message lists at most {reactions.NAMED} ids",
    f"those named one by one, at most {NAMED_AT_MOST}.",
    f"with the ids of up to {READERS_NAMED} of them",
    f"up to {WORDS[int(large_rooms.PAUSE_AT_MOST_S)]} seconds. A batch of changes",
    f"at most {live_feed.SHOWN} events a second",
    f"up to {OLDEST.days} days back and {AHEAD.seconds // 60} minutes ahead",
    f"a call at most {intake.MAX_CALL_BYTES // 1024} KB",
    f"arrived in the last {WORDS[active_visitors.WINDOW_MS // 60_000]} minutes",
    f"`active_users` exactly up to {active_visitors.EXACT:,}",
    f"(after {KEPT['minute'].days} days) whole hours, after {KEPT['hour'].days} days",
    f"At most {series.MOST_POINTS:,} points",
    f"serves** its newest {_default.topic_events_kept} events",
    f"without a cursor the newest {history.SNAPSHOT_EVENTS}.",
    f"any JSON of at most {models.DATA_BYTES // 1024} KB",
    f"`count` (at most {models.KEPT_AT_MOST:,})",
    f"A connection has at most {subscriptions.AT_MOST} subscriptions",
    f"a server {_default.topics_at_most:,} topics",
    f"a member has made {_default.topics_per_person} (",
    f"a person publishes {_default.topic_events_per_minute:,} events a minute",
    f"| `periodic` | `{{timestamp, message}}` | every {periodic_events.PERIODIC_S:.0f} seconds |",
    f"every {METRICS_EVERY_S:.0f} seconds; of this server",
    f"`{{type, id?, payload}}` of at most {MAX_MESSAGE_BYTES // MB} MB",
    f"Otherwise the first message, within {message_loop.AUTH_WITHIN_S:.0f} seconds",
    f"A message over {MAX_MESSAGE_BYTES // MB} MB ({MAX_MESSAGE_BYTES:,} bytes)",
)
OPERATIONS = (
    f"which it renews every {WORDS[int(roster.RENEW_EVERY_S)]} seconds",
    f"that died are away after at most {WORDS[int(LEASE_S + roster.RENEW_EVERY_S)]}",
    f"present for {WORDS[int(ARRIVES_WITHIN_S)]} more seconds",
    f"for more than {loop_watch.BLOCKED_S * 1000:.0f} ms, one line `loop_blocked`",
    f"says `loop_still_blocked` after {WORDS[int(loop_watch.STILL_AFTER_S)]} seconds",
    f"At most {loop_watch.LINES_A_MINUTE} lines a minute",
    f"{outbox.FRAMES_AT_MOST:,} messages and {outbox.BYTES_AT_MOST // MB} MiB",
    f"`PARLEY_SSE_BUFFER_SIZE` events and {client_response.BYTES_AT_MOST // MB} MiB",
    f"end after {WORDS[gateway.ANONYMOUS_FOR_S // 60]} minutes",
    f"{FIRST_REQUEST_WITHIN_S:.0f} seconds after they came without a whole request",
    f"a reserve of {RESERVE} for the database",
    f"up to {BACKLOG:,} wait at the door",
    f"with one of more than {LOG_LIMIT_BYTES // 10**6} MB",
)


@pytest.mark.parametrize(("page", "said"), [("PROTOCOL", PROTOCOL), ("OPERATIONS", OPERATIONS)])
def test_what_a_page_says_in_numbers_is_so(page: str, said: tuple[str, ...]) -> None:
    text = " ".join((DOCS / f"{page}.md").read_text(encoding="utf-8").split())
    assert [each for each in said if each not in text] == []


def test_the_table_of_errors_is_that_of_the_code() -> None:
    page = (DOCS / "PROTOCOL.md").read_text(encoding="utf-8")
    table = page.partition("<!-- errors:")[2].partition("<!-- end of errors -->")[0]
    shown = {(code, int(status)) for code, status in re.findall(r"\| `(\w+)` \| (\d+) \|", table)}
    assert shown == {(kind.code, kind.status) for kind in ParleyError.__subclasses__()}


def test_the_close_codes_are_on_the_page() -> None:
    page = (DOCS / "PROTOCOL.md").read_text(encoding="utf-8")
    table = page.partition("| close code | why |")[2].partition("\n\n")[0]
    shown = {
        int(code)
        for code in re.findall(r"\d{4}", " ".join(re.findall(r"^\| ([\d, ]+) \|", table, re.M)))
    }
    of_the_library = {
        WSCloseCode.PROTOCOL_ERROR,
        WSCloseCode.INVALID_TEXT,
        WSCloseCode.MESSAGE_TOO_BIG,
    }
    assert shown == {*map(int, Close), *map(int, of_the_library)}
