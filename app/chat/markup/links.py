"""Finds web addresses, bare domains and e-mail addresses in texts. No I/O.

One pass from left to right without backtracking: the time is linear in the length of the text. An
address ends before the punctuation of the sentence around it.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple
from unicodedata import category, east_asian_width

from app.chat.markup.boundaries import CONTINUES_A_WORD, JOINS_WORDS, word_goes_on_before

LINK_CHARACTERS = 2_048
HOST_CHARACTERS, LABEL_CHARACTERS, LOCAL_CHARACTERS = 253, 63, 64

# Domains that count as addresses without `https://` before them.
_TOP_LEVEL = (
    "com net org edu gov mil int info biz name pro aero asia coop museum shop web xxx рф "
    "ac ad ae af ag ai al am ao aq ar as at au aw ax az ba bb bd be bf bg bh bi bj bm bn bo br bs "
    "bt bv bw by bz ca cc cd cf cg ch ci ck cl cm cn co cr cu cv cw cx cy cz de dj dk dm do dz ec "
    "ee eg er es et eu fi fj fk fm fo fr ga gb gd ge gf gg gh gi gl gm gn gp gq gr gs gt gu gw gy "
    "hk hm hn hr ht hu id ie il im in io iq ir is it je jm jo jp ke kg kh ki km kn kp kr kw ky kz "
    "la lb lc li lk lr ls lt lu lv ly ma mc md me mg mh mk ml mm mn mo mp mq mr ms mt mu mv mw mx "
    "my mz na nc ne nf ng ni nl no np nr nu nz om pa pe pf pg ph pk pl pm pn pr ps pt pw py qa re "
    "ro rs ru rw sa sb sc sd se sg sh si sj sk sl sm sn so sr ss st su sv sx sy sz tc td tf tg th "
    "tj tk tl tm tn to tr tt tv tw tz ua ug uk us uy uz va vc ve vg vi vn vu wf ws ye yt za zm "
    "zw"
)
TOP_LEVEL = frozenset(_TOP_LEVEL.split())


def _ends_an_address(character: str) -> bool:
    """Whether no address goes on with this character: CJK punctuation, quotes, controls."""
    kind, width = category(character), east_asian_width(character)
    if kind in {"Pi", "Pf", "Zs", "Zl", "Zp", "Cc"}:
        return True
    if kind == "Cf":
        return character not in "\u200c\u200d"  # these join letters
    # The middle dots stand within names.
    is_wide = width in "WFH" and character not in "・･"
    # `＞`, `～` and `｜` are symbols to Unicode, as their narrow forms are.
    return (is_wide and kind[0] == "P") or (width == "F" and kind[0] == "S")


_PUNCTUATED = (*range(0x80, 0x100), *range(0x2000, 0x2070), *range(0x2300, 0x2330))
_WIDE = (*range(0x3000, 0x3100), *range(0xFE10, 0xFE70), *range(0xFF00, 0xFFF0))
_ENDS = "".join(c for c in map(chr, _PUNCTUATED + _WIDE) if _ends_an_address(c)) + "\ufeff"

TRIGGER = re.compile(r"://|@|\.|mailto:", re.IGNORECASE)
SCHEME = re.compile(r"https?\Z", re.IGNORECASE)
SCHEME_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.+-")
USER = re.compile(r"[A-Za-z0-9._~%!$&'*+,;=:-]{1,128}@")
IPV6 = re.compile(r"\[[0-9A-Fa-f:.]{2,45}\]")
HOST = re.compile(r"[\w\u0300-\u036f.-]{1,300}")
PORT = re.compile(r":\d{1,5}(?!\d)")
BODY = re.compile(rf"[^\s<>\"`\\()\[\]{{}}{re.escape(_ENDS)}]{{1,{LINK_CHARACTERS}}}")
LOCAL_PART = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._+-")
# `**https://a.example/b**谢谢`: emphasis ends before words that follow without a space.
EMPHASIS_ENDS = re.compile(rf"(?:\*+|~~){JOINS_WORDS.pattern}")
ENTITY_AT_END = re.compile(r"&[A-Za-z0-9]{1,32};\Z")
CLOSING = {"(": ")", "[": "]", "{": "}"}
# Punctuation that may be the last character of an address.
KEPT_AT_END = frozenset("/-&#%@)]}")


class Link(NamedTuple):
    """`text[start:end]` is an address that leads to `href`."""

    start: int
    end: int
    href: str


def find_links(text: str) -> list[Link]:
    """The addresses in `text`, from left to right, none within another."""
    if "." not in text and "://" not in text and "@" not in text:
        return []
    return list(_links(text))


def _links(text: str) -> Iterator[Link]:
    done = 0  # the end of the last address, or of one that was too long
    hosts_done = 0  # dots before this belong to a run that is no host
    at = 0
    while found := TRIGGER.search(text, at):
        at, mark, link = found.end(), found[0], None
        if mark == "://":
            link, done = _with_scheme(text, found.start(), done)
        elif mark == "@":
            link = _email(text, found.start(), done)
        elif mark != ".":
            link = _mailto(text, found.start())
        elif found.start() >= hosts_done:
            link, hosts_done = _bare(text, found.start(), done)
        if link is not None:
            yield link
            done = link.end
        at = max(at, done)


def _with_scheme(text: str, colon: int, done: int) -> tuple[Link | None, int]:
    scheme = SCHEME.search(text, max(done, colon - 5), colon)
    after = colon + 3
    if scheme is None or (scheme.start() and text[scheme.start() - 1] in SCHEME_CHARACTERS):
        return None, done
    user = USER.match(text, after)
    host_end = _address_host(text, user.end() if user else after)
    if host_end is None:
        return None, done
    end = _path_end(text, scheme.start(), host_end)
    if end - scheme.start() > LINK_CHARACTERS:
        return None, end
    return Link(scheme.start(), end, text[scheme.start() : end]), end


def _address_host(text: str, at: int) -> int | None:
    """Where the host that begins at `at` ends; None where there is none."""
    if six := IPV6.match(text, at):
        return six.end()
    run = HOST.match(text, at)
    if run is None:
        return None
    host = _trimmed_host(run[0])
    return at + len(host) if _is_host(host) else None


def _is_host(host: str) -> bool:
    labels = host.split(".")
    return len(host) <= HOST_CHARACTERS and all(
        0 < len(label) <= LABEL_CHARACTERS for label in labels
    )


def _trimmed_host(run: str) -> str:
    """A host without the punctuation and the words that follow it without a space."""
    host = run.rstrip(".-_")
    head, dot, last = host.rpartition(".")
    # `example.com吧`: scripts that need no spaces go on right after the domain.
    if last and last[0].isascii() and (words := JOINS_WORDS.search(last)):
        last = last[: words.start()]
    return head + dot + last


def _path_end(text: str, start: int, host_end: int) -> int:
    """Where the address ends whose host ends at `host_end`: port, path, query and fragment."""
    at = host_end
    if text.startswith("./", at):
        at += 1
    if port := PORT.match(text, at):
        at = port.end()
    if at >= len(text) or text[at] not in "/?#":
        return at
    end = _body_end(text, at, start + LINK_CHARACTERS + 1)
    emphasis = EMPHASIS_ENDS.search(text, at, end)
    return _trimmed_end(text, at, emphasis.start() if emphasis else end)


def _body_end(text: str, at: int, limit: int) -> int:
    """The end of what can stand in an address; a closing bracket needs its opening one."""
    open_brackets: list[str] = []
    while at < len(text) and at < limit:
        if run := BODY.match(text, at):
            at = run.end()
            continue
        character = text[at]
        if character in CLOSING:
            open_brackets.append(CLOSING[character])
        elif open_brackets and open_brackets[-1] == character:
            open_brackets.pop()
        else:
            return at
        at += 1
    return at


def _trimmed_end(text: str, start: int, end: int) -> int:
    """`end` without the punctuation of the sentence that the address stands in."""
    while end > start:
        last = text[end - 1]
        if last == ";" and (entity := ENTITY_AT_END.search(text, max(start, end - 40), end)):
            end = entity.start()
        elif last not in KEPT_AT_END and (last in "~^|" or category(last)[0] == "P"):
            end -= 1
        else:
            break
    return end


def _mailto(text: str, start: int) -> Link | None:
    after = start + len("mailto:")
    if start and text[start - 1] in SCHEME_CHARACTERS:
        return None
    at = after
    while at < len(text) and text[at] in LOCAL_PART and at - after < LOCAL_CHARACTERS:
        at += 1
    if at == after or not text.startswith("@", at):
        return None
    end = _mail_host_end(text, at + 1)
    if end is None:
        return None
    if text.startswith("?", end):
        end = _trimmed_end(text, end, _body_end(text, end, start + LINK_CHARACTERS))
    return Link(start, end, text[start:end])


def _email(text: str, at: int, done: int) -> Link | None:
    earliest = max(done, at - LOCAL_CHARACTERS)
    start = at
    while start > earliest and text[start - 1] in LOCAL_PART:
        start -= 1
    before = text[start - 1] if start else ""
    while start < at and text[start] in ".-":
        start += 1
    is_cut = bool(before) and (before in "/:@" or CONTINUES_A_WORD.match(before) is not None)
    end = _mail_host_end(text, at + 1)
    if end is not None and text.startswith("_", end):  # emphasised
        start += len(text[start:at]) - len(text[start:at].lstrip("_"))
    if start == at or is_cut or end is None:
        return None
    return Link(start, end, "mailto:" + text[start:end])


def _mail_host_end(text: str, at: int) -> int | None:
    run = HOST.match(text, at)
    if run is None:
        return None
    host = _trimmed_host(run[0])
    last = host.rpartition(".")[2]
    is_domain = "." in host and "_" not in host and len(last) > 1 and last[0].isalpha()
    return at + len(host) if is_domain and _is_host(host) else None


def _bare(text: str, dot: int, done: int) -> tuple[Link | None, int]:
    """`example.com` and `www.example.com/…`, where the dot is the first in the host."""
    start = dot
    earliest = max(done, dot - LABEL_CHARACTERS)
    while start > earliest and _is_label_character(text[start - 1]):
        start -= 1
    start = _after_words_without_spaces(text, start, dot)
    run = HOST.match(text, start)
    if run is None or start == dot:
        return None, dot + 1
    host = _trimmed_host(run[0])
    seen = start + len(run[0])
    last = host.rpartition(".")[2].lower()
    labels = host.split(".")
    is_www = labels[0].lower() == "www" and len(labels) > 2 and last[:1].isalpha()
    is_domain = len(labels) > 1 and last in TOP_LEVEL and "_" not in host
    is_local_part = text.startswith("@", seen)
    is_one = (is_www or is_domain) and not is_local_part and _is_host(host)
    if not is_one or _goes_on_before(text, start):
        return None, seen
    end = _path_end(text, start, start + len(host))
    if end - start > LINK_CHARACTERS:
        return None, end
    return Link(start, end, "http://" + text[start:end]), end


def _is_label_character(character: str) -> bool:
    return character == "-" or character.isalnum() or category(character)[0] == "M"


def _after_words_without_spaces(text: str, start: int, dot: int) -> int:
    """`看example.com`: the domain begins where the script changes; `例子.com` is all of it."""
    first = text[start:dot]
    if not first or first.isascii() or JOINS_WORDS.match(first) is None:
        return start
    plain = re.search(r"[A-Za-z0-9][A-Za-z0-9-]*\Z", first)
    return start + plain.start() if plain else start


def _goes_on_before(text: str, start: int) -> bool:
    before = text[start - 1] if start else ""
    return before != "" and (before in ".:/\\-@" or word_goes_on_before(text, start))
