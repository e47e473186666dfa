"""Dates and numbers for people, as their language writes them."""

from datetime import datetime
from zoneinfo import ZoneInfo

from babel import dates, numbers

from app.web.languages import SOURCE

# English as the British write it: the day before the month, 24 hours.
_LOCALES = {SOURCE: "en_GB"}


class LocaleFormats:
    """The formats of one language."""

    def __init__(self, language: str) -> None:
        self._locale = _LOCALES.get(language, language)

    def moment(self, value: datetime, time_zone: str) -> str:
        """A time in a person's zone: `24 Nov 2025, 07:14`."""
        local = value.astimezone(ZoneInfo(time_zone or "UTC"))
        date = dates.format_date(local, "medium", locale=self._locale)
        return f"{date}, {local:%H:%M}"

    def number(self, value: float) -> str:
        """A number with its groups: `1,234`."""
        return numbers.format_decimal(value, locale=self._locale)
