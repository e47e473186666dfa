"""The routes of the HTTP API, of an application that nobody starts and that has no database."""

import asyncio
from functools import cache

from motor.motor_asyncio import AsyncIOMotorClient

from app.server.application import Application
from app.server.core import make_core
from app.server.feature import Features
from app.server.features import FEATURES
from app.server.openapi import described
from app.settings import Settings
from app.storage.mongo import Database
from app.web.routing import Route


@cache
def all_routes() -> tuple[Route, ...]:
    """Every route that Parley has. Call it first where no event loop runs."""
    return asyncio.run(_routes())


async def _routes() -> tuple[Route, ...]:
    database = Database(AsyncIOMotorClient("mongodb://127.0.0.1:1", connect=False), "none")
    core = make_core(Settings(secret="s" * 32), database)
    return tuple(Application(Features(core, FEATURES)).routes)


OPERATIONS = described(all_routes())
