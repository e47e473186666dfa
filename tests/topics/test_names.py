"""Names of topics and patterns."""

import pytest

from app.errors import Invalid
from app.topics.names import LONGEST, is_pattern, must_be_name, takes


@pytest.mark.parametrize("name", ["a", "sensors.kitchen", "A-1_b:c.d", "_", "a" * LONGEST])
def test_good_names(name: str) -> None:
    assert must_be_name(name) == name


@pytest.mark.parametrize(
    "name", ["", ".", "a.", ".a", "a..b", "a b", ":a", "a.:b", "ä", "a\n", "*", "a" * (LONGEST + 1)]
)
def test_bad_names(name: str) -> None:
    with pytest.raises(Invalid) as refused:
        must_be_name(name)
    assert refused.value.field == "topic"


def test_a_long_name_is_said_to_be_long() -> None:
    with pytest.raises(Invalid, match=f"at most {LONGEST} characters"):
        must_be_name("a." * LONGEST)


def test_patterns() -> None:
    assert is_pattern("*")
    assert is_pattern("sensors.*")
    assert not is_pattern("sensors")
    assert takes("sensors.*", "sensors.kitchen")
    assert not takes("sensors.*", "sensors")


@pytest.mark.parametrize("name", ["a*", "*.a", "a.*.b", "**", "a" * LONGEST + ".*"])
def test_bad_patterns(name: str) -> None:
    with pytest.raises(Invalid):
        is_pattern(name)
