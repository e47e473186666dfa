"""The commands `tokens …`: let programs act for a user."""

from app.accounts.feature import Accounts
from app.accounts.scopes import SCOPES
from app.cli.commands import Features, Options, Verbs
from app.cli.output import Output


def add(verbs: Verbs) -> None:
    """Add the verbs of `tokens`."""
    create = verbs.add("create", "make a bearer token; it is shown only now", _create)
    create.add_argument("user", help="whom the program acts for: a username or an id")
    create.add_argument(
        "--scope",
        action="append",
        choices=SCOPES,
        help="what it may do, more than once; without it all that the person may",
    )
    create.add_argument("--label", default="", help="what it is for")
    create.add_argument("--lifetime", type=float, metavar="SECONDS", help="how long it is good")


async def _create(options: Options, features: Features) -> Output:
    user = await features[Accounts].users.find(options.user)
    token = await features[Accounts].administration.make_token(
        user, options.scope, options.label, options.lifetime
    )
    return Output(token, {"token": token, "user": user.id})
