"""The tree of commands: nouns with verbs; each verb is one coroutine."""

import argparse
from collections.abc import Awaitable, Callable

from app.cli.output import Output
from app.server.feature import Features as Features
from app.settings import Settings

Options = argparse.Namespace

OnFeatures = Callable[[Options, Features], Awaitable[Output]]
OnSettings = Callable[[Options, Settings], Awaitable[Output]]


class Verbs:
    """The verbs of one noun."""

    def __init__(
        self,
        nouns: "argparse._SubParsersAction[argparse.ArgumentParser]",
        noun: str,
        help_text: str,
        common: argparse.ArgumentParser,
    ) -> None:
        self._common = common
        parser = nouns.add_parser(noun, help=help_text, description=help_text)
        self._verbs = parser.add_subparsers(metavar="VERB", required=True)

    def add(self, verb: str, help_text: str, run: OnFeatures) -> argparse.ArgumentParser:
        """Add a verb that is run with the open features."""
        return self._add(verb, help_text, run=run, bare=None)

    def add_bare(self, verb: str, help_text: str, run: OnSettings) -> argparse.ArgumentParser:
        """Add a verb that is run with the settings only."""
        return self._add(verb, help_text, run=None, bare=run)

    def _add(
        self, verb: str, help_text: str, run: OnFeatures | None, bare: OnSettings | None
    ) -> argparse.ArgumentParser:
        parser = self._verbs.add_parser(
            verb, help=help_text, description=help_text, parents=[self._common]
        )
        parser.set_defaults(run=run, bare=bare)
        return parser
