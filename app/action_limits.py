"""Limits how often a person or a webhook sends, creates, invites and publishes."""

from app.accounts.models import User
from app.security.rate_limiter import RateLimiter
from app.settings import Settings

SUBSCRIPTIONS_PER_MINUTE = 30
TOPICS_PER_MINUTE = 120


class ActionLimits:
    """Each method counts one action, and raises RateLimited when that is too many."""

    def __init__(self, limiter: RateLimiter, settings: Settings) -> None:
        self._limiter = limiter
        self._settings = settings

    def message(self, user: User) -> None:
        self._limiter.hit("message", user.id, self._settings.messages_per_minute)

    def room(self, user: User) -> None:
        self._limiter.hit("room", user.id, self._settings.rooms_per_minute)

    def invitations(self, user: User, people: int) -> None:
        limit = self._settings.invitations_per_minute
        self._limiter.hit("invitation", user.id, limit, cost=people)

    def push_subscription(self, user_id: str) -> None:
        self._limiter.hit("push", user_id, SUBSCRIPTIONS_PER_MINUTE)

    def topic(self, user: User) -> None:
        self._limiter.hit("topic", user.id, TOPICS_PER_MINUTE)

    def topic_event(self, user: User) -> None:
        self._limiter.hit("event", user.id, self._settings.topic_events_per_minute)

    def hook_post(self, hook_id: str) -> None:
        self._limiter.hit("hook", hook_id, self._settings.hook_posts_per_minute)
