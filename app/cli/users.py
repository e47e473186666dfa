"""The commands `users …`: create, list, disable and delete accounts."""

import getpass
import sys
from typing import Any

from app.accounts.feature import Accounts
from app.accounts.models import Role, User
from app.cli.commands import Features, Options, Verbs
from app.cli.output import Output
from app.errors import Invalid


def add(verbs: Verbs) -> None:
    """Add the verbs of `users`."""
    create = verbs.add("create", "make an account", _create)
    create.add_argument("name", help="the username")
    create.add_argument("--display-name", help="the name that others see")
    create.add_argument("--admin", action="store_true", help="may administrate this server")
    create.add_argument(
        "--password-stdin", action="store_true", help="read the password from standard input"
    )
    for verb, help_text, run in (
        ("disable", "shut an account and end its connections at once", _disable),
        ("enable", "open a disabled account again", _enable),
        ("delete", "remove an account; its messages stay under «former member»", _delete),
        ("reset-link", "make a one-time link to set a new password", _reset_link),
    ):
        verbs.add(verb, help_text, run).add_argument("user", help="a username or an id")
    verbs.add("list", "list the accounts", _list)


async def _create(options: Options, features: Features) -> Output:
    role: Role = "admin" if options.admin else "member"
    user = await features[Accounts].administration.make_account(
        options.name, _password(options.password_stdin), options.display_name, role
    )
    return Output(f"{user.username} can sign in now.", _shown(user))


def _password(from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise Invalid("Give the password on standard input, with --password-stdin.")
    password = getpass.getpass("Password: ")
    if getpass.getpass("Again: ") != password:
        raise Invalid("The two passwords differ.")
    return password


async def _disable(options: Options, features: Features) -> Output:
    user = await features[Accounts].users.find(options.user)
    user = await features[Accounts].administration.disable(None, user.id)
    return Output(f"{user.username} is disabled and signed out everywhere.", _shown(user))


async def _enable(options: Options, features: Features) -> Output:
    user = await features[Accounts].users.find(options.user)
    user = await features[Accounts].administration.enable(None, user.id)
    return Output(f"{user.username} can sign in again.", _shown(user))


async def _delete(options: Options, features: Features) -> Output:
    user = await features[Accounts].users.find(options.user)
    await features[Accounts].administration.delete(user.id)
    return Output(f"{user.username} is deleted.", {"ok": True, "id": user.id})


async def _reset_link(options: Options, features: Features) -> Output:
    user = await features[Accounts].users.find(options.user)
    _, code = await features[Accounts].administration.make_reset_link(None, user.id)
    path = f"/reset/{code}"
    url = _public_address(features) + path
    return Output(
        f"Within a day {user.username} can set a new password, once, at:\n{url}",
        {"user": user.id, "path": path, "url": url},
    )


def _public_address(features: Features) -> str:
    """The address under which people open this server, as far as the settings tell."""
    settings = features.core.settings
    own = f"http://{settings.host}:{settings.port}"
    return next(iter(settings.allowed_origins), own)


async def _list(_: Options, features: Features) -> Output:
    found = [user async for user in features[Accounts].users.everyone()]
    text = "\n".join(map(_line, found)) or "There are no accounts yet."
    return Output(text, {"items": [_shown(user) for user in found]})


def _line(user: User) -> str:
    state = "disabled" if user.is_disabled else "bot" if user.is_bot else user.role
    return f"{user.username:<32}  {state:<8}  {user.name}"


def _shown(user: User) -> dict[str, Any]:
    return {
        "id": user.id,
        "username": user.username,
        "name": user.name,
        "role": user.role,
        "bot": user.is_bot,
        "disabled": user.is_disabled,
    }
