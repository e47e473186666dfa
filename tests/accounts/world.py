"""Helpers for the tests of accounts: a clock to set, cheap password hashes, a test server."""

from datetime import UTC, datetime, timedelta

from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from argon2 import PasswordHasher

from app.accounts import pages
from app.accounts.account_services import AccountServices
from app.accounts.models import User
from app.accounts.passwords import Passwords
from app.accounts.preference_routes import PreferenceRoutes
from app.accounts.routes import SessionApi
from app.accounts.sign_in import SignedIn
from app.accounts.sign_in_limits import Client
from app.security.origins import Origins
from app.security.rate_limiter import RateLimiter
from app.settings import Settings
from app.storage.errors import as_parley_error
from app.storage.mongo import Database
from app.web.authentication import CALLER
from app.web.middleware import install
from app.web.route_helpers import MAX_BODY_BYTES

PASSWORD = "correct horse battery"
HOME = Client(address="192.0.2.7", agent="Mozilla/5.0 (X11; Linux) Firefox/140.0")


class Clock:
    """A clock that stands still until it is turned, in a time that MongoDB's own clock does not
    reach: once a minute that removes whatever has ended."""

    def __init__(self) -> None:
        self.present = datetime(2126, 3, 1, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.present

    def seconds(self) -> float:
        return self.present.timestamp()

    def turn(self, **by: float) -> None:
        self.present += timedelta(**by)


def settings(**changed: object) -> Settings:
    return Settings(**{"secret": "a secret of the tests", **changed})


def cheap(**changed: int) -> PasswordHasher:
    return PasswordHasher(**{"time_cost": 1, "memory_cost": 8, "parallelism": 1, **changed})


def build(database: Database, clock: Clock, **changed: object) -> AccountServices:
    return AccountServices(
        database,
        settings(**changed),
        limiter=RateLimiter(clock.seconds),
        passwords=Passwords(cheap()),
        clock=clock,
    )


async def sign_in(accounts: AccountServices, user: User, client: Client = HOME) -> SignedIn:
    return await accounts.sign_in.attempt(user.username, PASSWORD, client)


async def visit(accounts: AccountServices, **changed: object) -> TestClient:
    """A browser or program at a server of its own."""
    application = web.Application(client_max_size=MAX_BODY_BYTES)
    chosen = settings(**changed)
    install(
        application,
        settings=chosen,
        sessions=accounts.sessions,
        tokens=accounts.tokens,
        origins=Origins(chosen),
        translate=as_parley_error,
        preferences=accounts.preferences,
    )
    application.add_routes(
        each.definition
        for each in (
            *pages.routes(accounts),
            *SessionApi(accounts).routes(),
            *PreferenceRoutes(accounts.preferences).routes(),
        )
    )

    async def home(request: web.Request) -> web.Response:
        return web.Response(text=request[CALLER].user.username if CALLER in request else "nobody")

    application.router.add_get("/", home)
    client: TestClient = TestClient(TestServer(application))
    await client.start_server()
    return client
