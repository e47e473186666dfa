"""Marks texts of the interface that stand in Python, for the catalogues in `locale/`."""


def N_(text: str) -> str:  # noqa: N802  # gettext's name for it
    """The text itself; `make catalogues` finds it, and a template shows it by `sentence`."""
    return text
