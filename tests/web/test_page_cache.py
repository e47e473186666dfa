"""A page that is rendered once is the same as one that is rendered each time."""

from collections.abc import Mapping

from app.web.page_cache import CachedPage, PageCache

HOLES = ("nonce", "snapshot")


def page(marks: Mapping[str, str]) -> str:
    return f"<a nonce={marks['nonce']}><b nonce={marks['nonce']}>{marks['snapshot']}</b> é"


def test_each_hole_is_filled_wherever_it_is() -> None:
    cached = CachedPage(HOLES, page)
    for nonce in (b"1", b"2"):
        filled = cached.filled({"nonce": nonce, "snapshot": "{ü}".encode()})
        assert filled.decode() == page({"nonce": nonce.decode(), "snapshot": "{ü}"})


def test_what_fills_a_hole_is_not_looked_into() -> None:
    cached = CachedPage(HOLES, page)
    filled = cached.filled({"nonce": b"1", "snapshot": b"nonce snapshot {nonce}"})
    assert filled.count(b"nonce snapshot {nonce}") == 1


def test_is_rendered_once_for_each_key_while_it_is_kept() -> None:
    rendered: list[str] = []

    def get(cache: PageCache, key: str) -> bytes:
        def render(_: Mapping[str, str]) -> str:
            rendered.append(key)
            return key

        return cache.get(key, HOLES, render).filled({})

    lasting = PageCache(is_lasting=True, capacity=2)
    assert [get(lasting, key) for key in "aabcca"] == [b"a", b"a", b"b", b"c", b"c", b"a"]
    assert rendered == ["a", "b", "c", "a"]
    rendered.clear()
    developing = PageCache(is_lasting=False)
    assert [get(developing, key) for key in "aa"] == [b"a", b"a"]
    assert rendered == ["a", "a"]
