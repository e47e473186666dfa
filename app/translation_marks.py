"""Marks texts of the interface that stand in Python, for the catalogues in `locale/`."""


def N_(text: str) -> str:  # noqa: N802  # gettext's name for it
    """The text itself; `make catalogues` finds it, and a template shows it by `sentence`."""
    return text


# Words that errors put into their sentences as values.
WORDS_IN_SENTENCES = (
    *(N_("name"), N_("topic"), N_("label"), N_("incoming"), N_("outgoing")),
    *(N_("minute"), N_("hour"), N_("day"), N_("second"), N_("seconds"), N_("minutes")),
)
