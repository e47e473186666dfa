"""Input from outside becomes a value that can be stored, or raises Invalid."""

import json
from contextlib import suppress
from datetime import datetime
from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Meta, Struct

from app.errors import Invalid
from app.web import decoding


class Inner(Struct):
    count: int = 0


class Message(Struct):
    text: str
    count: int = 0
    data: Any = None
    inner: Inner | None = None


def refusal(raw: bytes | str) -> Invalid:
    with pytest.raises(Invalid) as refused:
        decoding.from_json(raw, Message)
    return refused.value


def test_a_good_request_becomes_its_struct() -> None:
    assert decoding.from_json(b'{"text": "hi", "new": 1}', Message) == Message(text="hi")
    assert decoding.from_json('{"text": "\u00e9\\u0000"}', Message) == Message(text="\u00e9\0")


@pytest.mark.parametrize(
    ("raw", "field"),
    [
        (b"{}", "text"),
        (b'{"text": 5}', "text"),
        (b'{"text": null}', "text"),
        (b'{"text": "a", "count": "5"}', "count"),
        (b'{"text": "a", "count": 9007199254740992}', "count"),
        (b'{"text": "a", "count": 99999999999999999999999999}', "count"),
        (b'{"text": "a", "inner": {"count": -9007199254740992}}', "inner.count"),
        (b'{"text": "a", "inner": {"count": []}}', "inner.count"),
        (b'{"text": "a", "data": {"x": [9007199254740993]}}', "data"),
        (b'{"text": "a", "data": {"a\\u0000b": 1}}', "data"),
    ],
)
def test_the_field_at_fault_is_named(raw: bytes, field: str) -> None:
    refused = refusal(raw)
    assert refused.field == field
    assert field in refused.message


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"nonsense",
        b"[]",
        b"{",
        b'{"text": "\xff"}',
        b'{"text": "a", "unknown": "\xff"}',
        b'{"text": "\xed\xa0\x80"}',
        b'{"text": "\\ud800"}',
        b'{"text": "\\ud800\\ud800"}',
        b'{"text": "a", "count": NaN}',
        b'{"text": "a", "data": 1e999}',
        b'{"text": "a", "data": ' + b"9" * 5000 + b"}",
        b'{"text": "a", "data": ' + b"[" * 10_000 + b"]" * 10_000 + b"}",
        b'{"text": "a", "unknown": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"text": "a", "data": ' + b'{"a":' * 200 + b"1" + b"}" * 201,
        '{"text": "\ud800"}'.encode("utf-8", "surrogatepass"),
    ],
)
def test_what_is_no_good_json_is_refused(raw: bytes) -> None:
    assert refusal(raw)


def test_a_long_number_within_text_is_only_text() -> None:
    text = "1" * 40
    assert decoding.from_json(f'{{"text": "{text}"}}'.encode(), Message).text == text


def test_as_deep_as_the_database_nests_is_fine() -> None:
    deep = b"[" * 40 + b"]" * 40
    assert decoding.from_json(b'{"text": "a", "data": ' + deep + b"}", Message).data


@given(st.binary(max_size=200))
def test_any_bytes_give_a_value_or_invalid(raw: bytes) -> None:
    with suppress(Invalid):
        decoding.from_json(raw, Message)


class Appointment(Struct):
    """Moments, directly and further in."""

    at: datetime | None = None
    others: list[datetime] = []
    inner: list["Appointment"] = []
    rate: float = 0


@pytest.mark.parametrize(
    "moment",
    [
        "0001-01-01T00:00:00+14:00",
        "0001-01-01T00:00:00Z",
        "1969-12-31T23:59:59Z",
        "2201-01-01T00:00:00",
        "9999-12-31T23:59:59-14:00",
    ],
)
def test_a_moment_that_nobody_can_reckon_with_is_invalid(moment: str) -> None:
    for asked, field in (
        ({"at": moment}, "at"),
        ({"others": [moment]}, "others"),
        ({"inner": [{"inner": [{"at": moment}]}]}, "inner.inner.at"),
    ):
        with pytest.raises(Invalid) as refused:
            decoding.from_json(json.dumps(asked), Appointment)
        assert refused.value.field == field
        with pytest.raises(Invalid):
            decoding.from_value(asked, Appointment)
    with pytest.raises(Invalid):
        decoding.from_fields({"at": moment}, Appointment)


def test_a_moment_of_these_centuries_is_taken() -> None:
    for moment in ("1970-01-01T00:00:00Z", "2200-12-31T23:59:59+14:00"):
        assert decoding.from_json(json.dumps({"at": moment}), Appointment).at is not None


@pytest.mark.parametrize("rate", ["nan", "inf", "-inf", "1e999"])
def test_what_is_no_number_is_invalid(rate: str) -> None:
    with pytest.raises(Invalid):
        decoding.from_fields({"rate": rate}, Appointment)


def test_a_length_at_fault_is_told_in_words() -> None:
    class Named(Struct):
        name: Annotated[str, Meta(max_length=2_000)] = ""
        rooms: Annotated[list[str], Meta(min_length=1)] | None = None

    with pytest.raises(Invalid) as refused:
        decoding.from_json(json.dumps({"name": "a" * 2_001}), Named)
    assert refused.value.message == "The field «name» has at most 2,000 characters."
    with pytest.raises(Invalid) as refused:
        decoding.from_json('{"rooms": []}', Named)
    assert refused.value.message == "The field «rooms» has at least 1 entries."


def test_text_fields_become_numbers() -> None:
    assert decoding.from_fields({"text": "a", "count": "5"}, Message).count == 5
    for wrong in ("five", "9" * 30, "-9007199254740992"):
        with pytest.raises(Invalid) as refused:
            decoding.from_fields({"text": "a", "count": wrong}, Message)
        assert refused.value.field == "count"


NESTED = st.recursive(
    st.one_of(st.integers(0, 9), st.text(alphabet='[]{}"\\\n é', max_size=8)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text('[]{}"\\', max_size=3), inner)
    ),
    max_leaves=8,
)


def deep(value: Any) -> int:
    """How many levels of lists and objects there are."""
    parts = value.values() if isinstance(value, dict) else value
    return 1 + max(map(deep, parts), default=0) if isinstance(value, dict | list) else 0


@given(NESTED, st.integers(0, 80), st.booleans())
def test_what_is_nested_too_deeply_never_slips_through(
    value: Any, around: int, in_objects: bool
) -> None:
    for _ in range(around):
        value = {"]": value, "}": "]}\\"} if in_objects else [value, "]]", '\\"]']
    raw = json.dumps({"text": "hi", "data": value, "more": [[]] * 70}).encode()
    # At the very edge it matters whether something stands in the innermost.
    if deep(value) > decoding.DEEPEST:
        assert refusal(raw)
    elif deep(value) < decoding.DEEPEST - 1:
        assert decoding.from_json(raw, Message).data == value


def test_a_long_flat_list_is_not_walked() -> None:
    raw = json.dumps([{"text": "{[", "data": {"a]": [1]}}] * 500).encode()
    assert not decoding._is_suspicious(raw)
    assert not decoding._is_suspicious(raw.replace(b"a]", b'\\"]'))
    assert decoding._is_suspicious(b"[" * 70 + b'"]]]"' + b"]" * 70)
