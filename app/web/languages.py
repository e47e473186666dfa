"""Which language a page is written in. No I/O."""

from typing import Final

# The language of the texts in the code, and those that `locale/` has a catalogue for.
SOURCE: Final = "en"
LANGUAGES: Final = (SOURCE, "de")

LONGEST_HEADER = 500


def negotiated(accept_language: str) -> str:
    """The language for an `Accept-Language` header (RFC 9110, section 12.5.4), else English.

    Regions are passed over: `de-AT` is German. Of equal weights the first one wins.
    """
    best, most = SOURCE, 0.0
    for part in accept_language[:LONGEST_HEADER].split(","):
        tag, _, parameter = part.partition(";")
        name = tag.strip().lower().partition("-")[0]
        weight = _weight(parameter)
        if name in LANGUAGES and weight > most:
            best, most = name, weight
    return best


def _weight(parameter: str) -> float:
    """The number of `q=0.8`; 1 without one, 0 where it can't be read."""
    if not parameter.strip():
        return 1.0
    name, _, value = parameter.partition("=")
    try:
        return float(value) if name.strip().lower() == "q" and len(value) <= 6 else 0.0
    except ValueError:
        return 0.0
