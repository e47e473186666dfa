"""The face of webhooks. Only a process that serves delivers."""

import os
from collections.abc import Mapping
from typing import ClassVar

from app.accounts.feature import Accounts
from app.chat.feature import Chat
from app.hooks.after_restore import stop_restored
from app.hooks.ended_rights import EndedRights
from app.hooks.hook_testing import HookTesting
from app.hooks.incoming_posts import IncomingPosts
from app.hooks.outgoing_queue import AT_ONCE, LEASE, POLICY, WITHIN_S, OutgoingQueue
from app.hooks.pages import HookPages
from app.hooks.registry import Registry
from app.hooks.rights import Rights
from app.hooks.routes import HookRoutes
from app.hooks.store import INDEXES, IncomingStore, OutgoingStore
from app.outbound.delivery_worker import DeliveryWorker
from app.outbound.endpoints import Endpoints
from app.outbound.http_client import HttpClient
from app.server.core import Core
from app.server.feature import Feature, Features
from app.storage.mongo import Database, client_name
from app.topics.feature import Topics
from app.web.routing import Route


class Hooks(Feature):
    """Incoming and outgoing webhooks."""

    name = "hooks"
    indexes = INDEXES
    audited: ClassVar[Mapping[str, str]] = {
        "hook_made": "Made a webhook",
        "hook_deleted": "Deleted a webhook",
        "hook_switched": "Turned a webhook off or on",
        "hook_adopted": "Adopted a webhook that had stopped",
    }
    setting_names = ("hooks_allow_private", "hook_posts_per_minute")

    def __init__(self, core: Core, features: Features) -> None:
        accounts, chat, topics = features[Accounts], features[Chat], features[Topics]
        users = accounts.users

        def limit(hook_id: str) -> None:
            core.limits.hit("hook", hook_id, core.settings.hook_posts_per_minute)

        incoming, outgoing = IncomingStore(core.database), OutgoingStore(core.database)
        me, process = core.ids(), client_name(os.getpid())
        endpoints = Endpoints("url", allow_private=core.settings.hooks_allow_private)
        rights = Rights(chat.access, topics.directory, users)
        ended_rights = self._ended_rights = EndedRights(incoming, outgoing, rights, core.clock)
        incoming_posts = IncomingPosts(
            incoming, ended_rights, chat.messages, topics.publisher, core.clock, limit
        )
        queue = OutgoingQueue(
            me, process, outgoing, ended_rights, core.log, core.hub, chat.serializer, core.clock
        )
        client = HttpClient(endpoints, within_s=WITHIN_S, connections=AT_ONCE)
        self._tasks = core.tasks
        self._worker = DeliveryWorker(
            "hook", queue, client, POLICY, core.tasks, core.clock, at_once=AT_ONCE, lease=LEASE
        )
        self.registry = Registry(
            incoming,
            outgoing,
            rights,
            chat.access,
            users,
            endpoints,
            core.log,
            core.ids,
            core.clock,
            queue.changed,
            core.audit,
        )
        accounts.account_changes.on_loss.append(ended_rights.lose)
        chat.changes.on_leaving.append(ended_rights.leave)
        self._routes = HookRoutes(self.registry, incoming_posts)
        testing = HookTesting(incoming_posts, rights, ended_rights, client, core.ids, core.clock)
        self._pages = HookPages(self.registry, testing, chat.access, users)

    def routes(self) -> list[Route]:
        return [*self._routes.routes(), *self._pages.routes()]

    async def serve(self) -> None:
        """Deliver from now on, and review the rights of all hooks once."""
        self._tasks.spawn(self._ended_rights.review(), "rights of hooks")
        self._tasks.spawn(self._worker.run(), "hooks")

    @staticmethod
    async def after_restore(database: Database, prefix: str) -> None:
        await stop_restored(database, prefix)
