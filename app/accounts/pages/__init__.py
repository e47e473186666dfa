"""The HTML pages of accounts, one file for each page or form."""

from app.accounts.account_services import AccountServices
from app.accounts.pages.bots import BotPages
from app.accounts.pages.new_account import NewAccountPages
from app.accounts.pages.people import PeoplePages
from app.accounts.pages.person import PersonPage
from app.accounts.pages.settings import SettingsPages
from app.accounts.pages.sign_in import SignInPages
from app.web.routing import Route

PAGES = (SignInPages, NewAccountPages, SettingsPages, PeoplePages, PersonPage, BotPages)


def routes(accounts: AccountServices) -> list[Route]:
    """The routes of all pages."""
    return [route for page in PAGES for route in page(accounts).routes()]
