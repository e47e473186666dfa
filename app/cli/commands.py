"""The tree of commands: nouns with verbs; each verb is one coroutine."""

import argparse
from collections.abc import Awaitable, Callable
from functools import partial

from app.cli.open_database import open_database
from app.cli.output import Output
from app.server.feature import Features as Features
from app.server.features import open_features
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
        return self.add_bare(verb, help_text, partial(with_features, run))

    def add_bare(self, verb: str, help_text: str, run: OnSettings) -> argparse.ArgumentParser:
        """Add a verb that is run with the settings only."""
        parser = self._verbs.add_parser(
            verb, help=help_text, description=help_text, parents=[self._common]
        )
        parser.set_defaults(run=run)
        return parser


async def with_features(run: OnFeatures, options: Options, settings: Settings) -> Output:
    """Run a command with the features open on the database of the settings."""
    async with open_database(settings) as database, open_features(settings, database) as features:
        return await run(options, features)
