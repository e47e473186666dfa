"""The pages and JSON calls of accounts, one file for each place a person can be in."""

from aiohttp import web

from app.accounts.routes import api, arrival, bots, people, person, settings, sign_in
from app.accounts.service import Accounts


def routes(accounts: Accounts) -> list[web.RouteDef]:
    """All routes of this feature."""
    return [
        *api.routes(accounts),
        *sign_in.routes(accounts),
        *arrival.routes(accounts),
        *settings.routes(accounts),
        *people.routes(accounts),
        *person.routes(accounts),
        *bots.routes(accounts),
    ]
