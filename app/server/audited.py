"""The kinds of actions that are audited, of all features."""

from app.admin.connection_list import AUDITED as ADMIN
from app.chat.messages import AUDITED as MESSAGES
from app.chat.room_management import AUDITED as ROOMS
from app.cli.rooms import AUDITED as COMMANDS
from app.hooks.registry import AUDITED as HOOKS
from app.notifications.authorized_sender import AUDITED as NOTIFICATIONS
from app.topics.directory import AUDITED as TOPICS

AUDITED = (*ADMIN, *MESSAGES, *ROOMS, *COMMANDS, *HOOKS, *NOTIFICATIONS, *TOPICS)
