"""The table of personal preferences: each is one line with its allowed values and default. No I/O.

A new preference is one line here, one line in `Preferences` of `static/js/core/types.d.ts`, and one
in the form where people choose it.
"""

from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType, defstruct
from msgspec.structs import fields

SECTION_NAMES = 50
FAVOURITES = 500
# A person can be in so many rooms.
ROOMS = 2_000
RECENT_EMOJI = 60

RoomId = Annotated[str, Meta(min_length=1, max_length=64)]
SectionName = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_-]{0,31}$(?!\n)")]
ZoneName = Annotated[str, Meta(max_length=64)]


class EmojiUse(Struct, frozen=True, kw_only=True):
    """An emoji, or `:shortcode:`, and how often the person used it."""

    emoji: Annotated[str, Meta(min_length=1, max_length=64)]
    count: Annotated[int, Meta(ge=1, le=1_000_000)]


class Sections(Struct, frozen=True, kw_only=True):
    """How a person arranged the list of rooms: names of `folded` sections, and ids of rooms."""

    favourites: Annotated[list[RoomId], Meta(max_length=FAVOURITES)] = []
    folded: Annotated[list[SectionName], Meta(max_length=SECTION_NAMES)] = []
    order: Annotated[list[RoomId], Meta(max_length=ROOMS)] = []


class PersonalPreferences(Struct, frozen=True, kw_only=True):
    """How Parley looks and behaves for one person, on all their devices.

    `time_zone` is an IANA name, or empty until the first device says which one it is in.
    """

    theme: Literal["system", "light", "dark"] = "system"
    density: Literal["comfortable", "compact"] = "comfortable"
    language: Literal["auto", "en", "de"] = "auto"
    time_zone: ZoneName = ""
    clock: Literal["auto", "12", "24"] = "auto"
    week_start: Literal["auto", "monday", "sunday", "saturday"] = "auto"
    sounds: Literal["on", "off"] = "on"
    enter_key: Literal["auto", "send", "newline"] = "auto"
    room_opens_at: Literal["unread", "newest"] = "unread"
    room_order: Literal["name", "activity", "own"] = "name"
    sections: Sections = Sections()
    first_steps: Literal["shown", "hidden"] = "shown"
    emoji_skin_tone: Annotated[int, Meta(ge=0, le=5)] = 0
    emoji_recent: Annotated[list[EmojiUse], Meta(max_length=RECENT_EMOJI)] = []

    @property
    def look(self) -> "Look":
        """The preferences that the markup of every page depends on."""
        return Look(theme=self.theme, density=self.density, clock=self.clock)


class Look(Struct, frozen=True, kw_only=True):
    """The preferences that are part of the key of a cached page."""

    theme: str
    density: str
    clock: str


DEFAULTS = PersonalPreferences()

# Some of the preferences; those that are left out stay.
PreferenceChanges: type[Struct] = defstruct(
    "PreferenceChanges",
    [(field.name, field.type | UnsetType, UNSET) for field in fields(PersonalPreferences)],
    module=__name__,
    kw_only=True,
    forbid_unknown_fields=True,
)
