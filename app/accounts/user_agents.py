"""Turns a User-Agent header into words that a person recognises. No I/O."""

from typing import NamedTuple

_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("Firefox", "Firefox"),
    ("Chrom", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


class Program(NamedTuple):
    """A program by name, and the system that it runs on; empty where the header doesn't say."""

    name: str
    system: str = ""


def describe(agent: str) -> Program:
    """Return `("Firefox", "Linux")`; for other programs the first word of the header."""
    browser = next((name for mark, name in _BROWSERS if mark in agent), None)
    system = next((name for mark, name in _SYSTEMS if mark in agent), "")
    if browser is None:
        return Program((agent.split() or [""])[0][:40])
    return Program(browser, system)
