"""The commands `bots …`: accounts for programs."""

from app.accounts.feature import Accounts
from app.accounts.scopes import SCOPES
from app.cli.commands import Features, Options, Verbs
from app.cli.output import Output


def add(verbs: Verbs) -> None:
    """Add the verbs of `bots`; disabling and deleting are verbs of `users`."""
    create = verbs.add("create", "make a bot and its token, which is shown only now", _create)
    create.add_argument("name", help="the username")
    create.add_argument("--display-name", help="the name that others see")
    create.add_argument(
        "--scope",
        action="append",
        choices=SCOPES,
        help="what it may do, more than once; without it all that a member may",
    )


async def _create(options: Options, features: Features) -> Output:
    bot, token = await features[Accounts].administration.make_bot(
        None, options.name, options.display_name, options.scope
    )
    content = {"id": bot.id, "username": bot.username, "name": bot.name, "token": token}
    return Output(token, content)
