"""Builds the webhooks from the core and from the features they use."""

import os
from collections.abc import Callable

from app.accounts.lost_rights import LostRights
from app.accounts.users import Users
from app.audit.trail import AuditTrail
from app.chat.feature import Chat
from app.hooks.ended_rights import EndedRights
from app.hooks.hook_testing import HookTesting
from app.hooks.incoming_posts import IncomingPosts
from app.hooks.outgoing_queue import AT_ONCE, LEASE, POLICY, WITHIN_S, OutgoingQueue
from app.hooks.pages import HookPages
from app.hooks.registry import Registry
from app.hooks.rights import Rights
from app.hooks.routes import HookRoutes
from app.hooks.store import IncomingStore, OutgoingStore
from app.ids import new_id
from app.outbound.delivery_worker import DeliveryWorker
from app.outbound.endpoints import Endpoints
from app.outbound.http_client import HttpClient
from app.settings import Settings
from app.storage.mongo import Database, client_name
from app.streams.hub import Hub
from app.streams.log import Log
from app.telemetry.tasks import Tasks
from app.times import now
from app.topics.feature import Topics


class Hooks:
    """Incoming and outgoing webhooks. `limit_posts` raises RateLimited for a hook's id."""

    def __init__(
        self,
        database: Database,
        settings: Settings,
        log: Log,
        hub: Hub,
        users: Users,
        lost_rights: LostRights,
        chat: Chat,
        topics: Topics,
        tasks: Tasks,
        limit_posts: Callable[[str], None],
        audit: AuditTrail,
    ) -> None:
        incoming, outgoing = IncomingStore(database), OutgoingStore(database)
        me, process = new_id(), client_name(os.getpid())
        endpoints = Endpoints("url", allow_private=settings.hooks_allow_private)
        rights = Rights(chat.access, topics.directory, users)
        incoming_posts = IncomingPosts(
            incoming, rights, chat.messages, topics.publisher, now, limit_posts
        )
        queue = OutgoingQueue(me, process, outgoing, rights, log, hub, chat.serializer, now)
        client = HttpClient(endpoints, within_s=WITHIN_S, connections=AT_ONCE)
        self._tasks = tasks
        self._worker = DeliveryWorker(
            "hook", queue, client, POLICY, tasks, now, at_once=AT_ONCE, lease=LEASE
        )
        registry = Registry(
            incoming,
            outgoing,
            rights,
            chat.access,
            users,
            endpoints,
            log,
            new_id,
            now,
            queue.changed,
            audit,
        )
        self._ended_rights = EndedRights(incoming, outgoing, rights, now)
        lost_rights.on_loss.append(self._ended_rights.lose)
        chat.changes.on_leaving.append(self._ended_rights.leave)
        self.http = HookRoutes(registry, incoming_posts)
        testing = HookTesting(incoming_posts, outgoing, rights, client, new_id, now)
        self.pages = HookPages(registry, testing, chat.access, users)

    def start(self) -> None:
        """Deliver from now on, and review the rights of all hooks once, in tasks of their own.

        Only a process that serves calls it; commands do not.
        """
        self._tasks.spawn(self._ended_rights.review(), "rights of hooks")
        self._tasks.spawn(self._worker.run(), "hooks")
