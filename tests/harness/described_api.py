"""All routes and client events, from an application without a database that is never started."""

import asyncio

from motor.motor_asyncio import AsyncIOMotorClient

from app.realtime.dispatch import ClientEvents
from app.server.application import Application
from app.server.core import make_core
from app.server.feature import Features
from app.server.features import FEATURES
from app.server.openapi import described
from app.settings import Settings
from app.storage.mongo import Database
from app.web.routing import Route


async def _application() -> tuple[Features, Application]:
    database = Database(AsyncIOMotorClient("mongodb://127.0.0.1:1", connect=False), "none")
    features = Features(make_core(Settings(secret="s" * 32), database), FEATURES)
    return features, Application(features)


# Built while tests are collected, when no event loop runs.
_FEATURES, _APPLICATION = asyncio.run(_application())
ROUTES: tuple[Route, ...] = tuple(_APPLICATION.routes)
OPERATIONS = described(ROUTES)
# The events that clients may send, by namespace.
EVENTS: dict[str, ClientEvents] = {
    namespace.name: namespace.events for feature in _FEATURES for namespace in feature.namespaces()
}
