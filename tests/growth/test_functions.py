"""No function that reads a text from outside takes longer and longer as the text grows.

Every function of `app/` that reads a text (`readers`) has to be entered by what these tests try,
or to be excused below with a reason: so a new one is noticed.
"""

import gc
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import _lru_cache_wrapper, partial
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import pytest
from multidict import CIMultiDict

from app import emoji_shortcodes, name_keys, text_checks
from app.accounts import common_passwords, names, passwords, secrets, user_agents
from app.analytics import anonymous_limits, export, tally
from app.analytics import series as analytics_series
from app.chat import markdown, reactions
from app.errors import ParleyError
from app.hooks import incoming_payload
from app.notifications import links, mention_notifier
from app.notifications.announcements.service import Draft
from app.notifications.push import payload
from app.outbound import public_addresses, retry_policy
from app.outbound.endpoints import Endpoints
from app.realtime.socketio import packets
from app.realtime.socketio.engineio_packets import Json, of_payload
from app.realtime.sse import request
from app.realtime.sse.cursor import Position
from app.security import client_address, headers, origins, text_policy
from app.server.workers import siblings
from app.times import now
from app.topics import names as topic_names
from app.topics.pages import value_of
from app.web import (
    catalogues,
    decoding,
    idempotency,
    languages,
    locale_formats,
    request_body,
    request_info,
    route_helpers,
)
from tests.growth import slack
from tests.growth.cost import too_slow
from tests.growth.hostile import Hostile, kinds
from tests.growth.readers import ROOT, readers
from tests.growth.test_requests import Guest, guest, try_everything

__all__ = ["guest"]

# In short, each function is given one of so many kinds of text, the next one others.
APART = 12
HEADER, NAME, MESSAGE, BODY = 8_190, 8_192, 65_536, 500_000


class Anything:
    """The settings that origins are checked with."""

    allowed_origins = ("https://chat.example",)
    behind_tls = False


def forwarded(written: str) -> object:
    """Two lines of what proxies say, as they are read of each request."""
    lines = CIMultiDict({"X-Forwarded-For": written, "X-Forwarded-Proto": written})
    lines.add("X-Forwarded-For", written)
    trusted = ("10.0.0.0/8", "127.0.0.1")
    client_address.client_scheme(lines, "127.0.0.1", "http", trusted)
    return client_address.client_address(lines, "127.0.0.1", trusted)


# The functions that read a text, each with the longest text that can reach it.
FUNCTIONS: Mapping[str, tuple[Callable[[str], object], int]] = {
    "a line": (lambda t: text_checks.line(t, "topic", 250), BODY),
    "a name": (lambda t: text_checks.name(t, "name", 80), BODY),
    "comparable": (text_checks.comparable, 400),
    "search keys": (name_keys.name_keys, 400),
    "search words": (name_keys.words, 400),
    "shows": (text_checks.is_visible, MESSAGE),
    "hidden": (text_checks.has_invisible, 400),
    "username": (names.username, BODY),
    "display name": (names.display_name, BODY),
    "time zone": (names.time_zone, BODY),
    "password": (lambda t: passwords.acceptable(t, username="ana"), BODY),
    "guessable": (lambda t: common_passwords.word_within(t, "ana"), passwords.LONGEST_BYTES),
    "agent": (user_agents.describe, HEADER),
    "fingerprint": (secrets.fingerprint, BODY),
    "signer": (secrets.Signer("s" * 32, "tests").unsign, HEADER),
    "reaction": (reactions.emoji_of, 32),
    "a short message": (lambda t: markdown.render(t, {}), 1_000),
    "shortcodes": (emoji_shortcodes.with_emoji, MESSAGE),
    "excerpt": (mention_notifier.excerpt, MESSAGE),
    "push line": (lambda t: payload.one_line(t, 100), MESSAGE),
    "push topic": (payload.topic_of, MESSAGE),
    "link here": (lambda t: links.internal_path(t, "https://chat.example"), 2_000),
    "link elsewhere": (links.external_link, 2_000),
    "a good link": (links.is_good_link, 2_000),
    "recipients": (lambda t: Draft(people=t).usernames, BODY),
    "content policy": (lambda t: text_policy.text_check("reject")(t, "text"), MESSAGE),
    "crawler": (lambda t: anonymous_limits.is_crawler({"User-Agent": t}), HEADER),
    "loaded ahead": (lambda t: anonymous_limits.is_loaded_ahead({"Sec-Purpose": t}), HEADER),
    "page": (tally.page_of, MESSAGE),
    "referrer": (tally.host_of, MESSAGE),
    "metric": (analytics_series.wanted, 200),
    "JSON": (lambda t: decoding.from_json(t, dict[str, Any]), BODY),
    "JSON text": (lambda t: decoding.from_json(Json.dumps({"a": t}), dict[str, Any]), BODY),
    "form": (lambda t: request_body.fields_of(t.encode("utf-8", "replace")), BODY),
    "hook body": (
        lambda t: incoming_payload.json_of(t.encode("utf-8", "replace"), route_helpers.FORM),
        BODY,
    ),
    "hook message": (
        lambda t: incoming_payload.room_message(Json.dumps({"text": t}).encode()),
        BODY,
    ),
    "hook message without marks": (slack.plainly, MESSAGE),
    "hook blocks": (slack.as_blocks, MESSAGE),
    "hook rich text": (slack.as_rich_text, MESSAGE),
    "hook attachment": (slack.as_attachment, MESSAGE),
    "hook event": (lambda t: incoming_payload.topic_event(Json.dumps({"a": t}).encode()), BODY),
    "idempotency key": (idempotency.client_id_of, HEADER),
    "endpoint": (lambda t: Endpoints("url", allow_private=False).check(t), 2_048),
    "host to post to": (
        lambda t: Endpoints("url", allow_private=False).check(f"https://{t}/"),
        2_048,
    ),
    "a public host": (public_addresses.is_public, 2_048),
    "Retry-After": (lambda t: retry_policy.retry_after_s(t, now()), HEADER),
    "event JSON": (Json.loads, BODY),
    "packet": (lambda t: packets.StrictPacket(encoded_packet=t), BODY),
    "packets": (lambda t: of_payload(t, 2_000), BODY),
    "cursor": (Position, HEADER),
    "stream": (request._pair, HEADER),
    "cell of a table": (export.cell, MESSAGE),
    "forwarded": (forwarded, HEADER),
    "site": (client_address.site_of, HEADER),
    "host": (lambda t: headers.content_security_policy("n", t), HEADER),
    "origin": (lambda t: origins.Origins(Anything()).allows(t, t, "http"), HEADER),
    "topic": (topic_names.must_be_name, BODY),
    "pattern": (topic_names.is_pattern, BODY),
    "topic data": (value_of, BODY),
    "accepted languages": (languages.negotiated, HEADER),
    "names in order": (lambda t: locale_formats.in_order([{"name": t}], "name"), MESSAGE),
    "sentence in German": (catalogues.catalogue("de").sentence, catalogues.LONGEST_SENTENCE),
    "local path": (route_helpers.local_path, HEADER),
    "worker of a session": (siblings.worker_of, HEADER),
    "a code in an address": (lambda t: request_info.LIKE_A_CODE.sub("…", t), HEADER),
}

# Messages that enter all of the renderer; how it grows is measured in tests/chat too.
MESSAGES = (
    "```py\nprint(1)\n```",
    "**真。**她 👍**a**",
    "交给@bob处理 https://a.example/b。好",
    ":tada: `:tada:` :no",
    "_@bob_ a@b.c, www.a.example/(b). <https://a.example/b>",
)

# Readers that nothing from outside reaches, or only what is measured already.
EXCUSED: Mapping[str, str] = {
    "app.analytics.live_feed:item_from": "an id of ours",
    "app.analytics.returning_visitors:_day": "a date of ours",
    "app.bus.redis_connection:Channels.hint": "a message of another node",
    "app.bus.redis_connection:Channels.topic": "a channel of another node",
    "app.bus.redis_layout:_at": "the address of the settings",
    "app.bus.redis_layout:clustered": "the servers of one's own Redis",
    "app.chat.presence:rooms_in": "ids of rooms, from another node",
    "app.chat.room_views:RoomViews.of_stream": "the name of a stream of ours",
    "app.nodes.questions:Questions._answer": "a question of another node",
    "app.server.workers.order:order_from": "what the supervisor orders",
    "app.server.workers.siblings:as_received": "a request that was read, with its longest body",
    "app.server.workers.worker_process:WorkerProcess._run": "what a worker prints",
    "app.streams.shared_batches:_with_dates": "a date of ours, from another node",
    "app.telemetry.merged_metrics:_Families.collect": "figures of a worker",
    "app.chat.room_paths:_reference": "cuts a path of events, which have a longest",
    "app.chat.markup.links:_ends_an_address": "once, for a table of characters",
    "app.chat.markup.renderers:_answer": "what the process answers that renders",
    "app.chat.markup.worker:serve": "within that process, which has a time limit",
    "app.chat.mention_names:mentioned_users": "HTML of ours",
    "app.chat.mention_names:with_current_names": "HTML of ours",
    "app.notifications.preference_rules:is_quiet": "four digits, as the preferences' type says",
    "app.notifications.push.encryption:encrypted_request": "an address that was checked before",
    "app.server.openapi:_operation": "our own addresses",
    "app.realtime.socketio.engineio_packets:polled": "a frame of ours",
    "app.realtime.socketio.engineio_requests:packets": "tried as a polled packet",
    "app.realtime.websocket.message_loop:_id_of": "tried as a frame",
    "app.security.client_address:_networks": "the proxies of the settings",
    "app.web.catalogues:pattern_of": "a sentence of a catalogue",
    "app.web.catalogues:read": "a catalogue of ours",
    "app.telemetry.logs:as_line": "a line of our own",
    "app.web.bundles:digest": "paths of our own files",
    "app.web.bundles:fresh_bundles": "a file that set-up made",
    "app.topics.pages:_written": "an event that was measured when it was published",
}


async def read(function: Callable[[str], object], kind: Hostile, characters: int) -> None:
    with suppress(ParleyError, ValueError, IndexError, KeyError, TypeError, AttributeError):
        function(kind.text(characters))


@pytest.mark.parametrize("name", FUNCTIONS)
async def test_no_function_takes_longer_and_longer(name: str) -> None:
    function, longest = FUNCTIONS[name]
    slow = [
        await too_slow(f"{name} of {kind}", partial(read, function, kind), min(longest, MESSAGE))
        for kind in kinds(in_full=False)[list(FUNCTIONS).index(name) % APART :: APART]
    ]
    assert list(map(str, filter(None, slow))) == []


@pytest.mark.slow
@pytest.mark.parametrize("name", FUNCTIONS)
async def test_no_function_takes_longer_and_longer_however_long_it_is(name: str) -> None:
    function, longest = FUNCTIONS[name]
    slow = [
        await too_slow(f"{name} of {kind}", partial(read, function, kind), longest)
        for kind in kinds(in_full=True)
    ]
    assert list(map(str, filter(None, slow))) == []


async def test_a_function_that_takes_the_square_is_found() -> None:
    tries_from_everywhere = re.compile("a*b")
    work = partial(read, tries_from_everywhere.search, Hostile("a"))
    found = await too_slow("a square", work, MESSAGE // 8)
    assert found is not None
    assert found.times > 9


def forget_answers() -> None:
    """Empty the bounded caches of `app/`: a function whose answer is remembered is not entered."""
    for each in gc.get_objects():
        is_ours = type(each) is _lru_cache_wrapper and each.__module__.startswith("app.")
        if is_ours and each.cache_parameters()["maxsize"] is not None:
            each.cache_clear()


@contextmanager
def entered() -> Iterator[set[str]]:
    """The functions of `app/` that this thread enters."""
    seen: set[CodeType] = set()
    found: set[str] = set()

    def note(frame: FrameType, _event: str, _: object) -> None:
        seen.add(frame.f_code)

    # It is told of calls alone: a profiler, of every return and every call into C as well.
    before = sys.gettrace()
    sys.settrace(note)
    try:
        yield found
    finally:
        sys.settrace(before)
    for code in seen:
        path = Path(code.co_filename)
        if path.is_relative_to(ROOT):
            module = path.relative_to(ROOT.parent).with_suffix("").as_posix().replace("/", ".")
            name = code.co_qualname.partition(".<locals>")[0]
            found.add(f"{module.removesuffix('.__init__')}:{name}")


async def test_every_function_that_reads_a_text_is_tried(guest: Guest) -> None:
    # Other tests have filled them, each order of the tests with something else.
    forget_answers()
    with entered() as found:
        for function, _ in FUNCTIONS.values():
            for unit in ("a", "1.2", "@a b", "http://a.b/", "a\u200d\u0301", "2001:db8::1"):
                await read(function, Hostile(unit), 20)
        for message in MESSAGES:
            markdown.render(message, {"bob": ("b" * 24, "Bob")})
        for message in slack.MESSAGES:
            for convert in (
                slack.plainly,
                slack.as_blocks,
                slack.as_rich_text,
                slack.as_attachment,
            ):
                convert(message * slack.SHARES)
        slack.as_blocks(slack.LONGER_THAN_A_MESSAGE)
        await try_everything(guest)
    missed = readers() - found
    unknown = sorted(missed - EXCUSED.keys())
    assert not unknown, "nothing here enters\n" + "\n".join(unknown)
    assert EXCUSED.keys() <= readers(), "an excuse for what is not there"
