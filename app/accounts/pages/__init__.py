"""The HTML pages of accounts, one file for each page or form."""

from app.accounts.account_services import AccountServices
from app.accounts.pages import bots, new_account, people, person, settings, sign_in
from app.web.routing import Route


def routes(accounts: AccountServices) -> list[Route]:
    """The routes of all pages."""
    return [
        *sign_in.routes(accounts),
        *new_account.routes(accounts),
        *settings.routes(accounts),
        *people.routes(accounts),
        *person.routes(accounts),
        *bots.routes(accounts),
    ]
