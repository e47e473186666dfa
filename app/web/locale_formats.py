"""Dates and numbers for people, as their language writes them."""

import unicodedata
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from babel import dates, numbers
from jinja2 import pass_context
from jinja2.runtime import Context

from app.web.languages import SOURCE

LONGEST_SORTED = 250

# English as the British write it: the day before the month, 24 hours.
_LOCALES = {SOURCE: "en_GB"}


def in_order(items: Iterable[Mapping[str, Any]], field: str) -> list[Mapping[str, Any]]:
    """The items by a field as people look it up: letters with marks stand beside those without."""
    return sorted(items, key=lambda item: _sort_key(str(item[field])))


def _sort_key(text: str) -> tuple[str, str]:
    folded = unicodedata.normalize("NFKD", text[:LONGEST_SORTED].casefold())
    return "".join(letter for letter in folded if not unicodedata.combining(letter)), text


class LocaleFormats:
    """The formats of one language."""

    def __init__(self, language: str) -> None:
        self._locale = _LOCALES.get(language, language)

    def moment(self, value: datetime, time_zone: str, clock: str = "auto") -> str:
        """A time in a person's zone: `24 Nov 2025, 07:14`, or `7:14 am` by a `clock` of "12"."""
        local = value.astimezone(ZoneInfo(time_zone or "UTC"))
        date = dates.format_date(local, "medium", locale=self._locale)
        hours = "h:mm a" if clock == "12" else "HH:mm"
        return f"{date}, {dates.format_time(local, hours, locale=self._locale)}"

    @pass_context
    def moment_of(self, context: Context, value: datetime, time_zone: str) -> str:
        """The filter of templates: `moment` by the clock of the page's reader."""
        return self.moment(value, time_zone, context["look"].clock)

    def number(self, value: float) -> str:
        """A number with its groups: `1,234`."""
        return numbers.format_decimal(value, locale=self._locale)
