"""The numbers of the page on security, each written with the constant of the code that it is."""

from base64 import urlsafe_b64decode

from app.accounts import (
    common_passwords,
    credential_cache,
    invites,
    password_changes,
    passwords,
    sessions,
)
from app.accounts.registration import NEW_ACCOUNTS_PER_MINUTE
from app.accounts.secrets import mint
from app.accounts.sign_in_limits import PER_ADDRESS, PER_NAME
from app.accounts.tokens import TICKET_S
from app.audit.refusals import NETWORKS_AN_HOUR
from app.audit.store import KEPT_S
from app.chat import reactions, room_quotas
from app.notifications.broadcast_worker import CHUNK
from app.realtime.line.aiohttp_websocket import MAX_MESSAGE_BYTES
from app.realtime.socketio.engineio_server import MAX_PACKET_BYTES
from app.security.client_address import IPV6_SITE_PREFIX
from app.security.headers import LASTING_TLS
from app.settings import DAY_S, Settings
from app.storage.mongod import LOG_LIMIT_BYTES
from app.telemetry.log_throttle import LINES_EACH
from app.web.access_log import REFUSALS
from app.web.request_body import FORM_BYTES
from app.web.route_helpers import MAX_BODY_BYTES

MB = 1024 * 1024
DURATIONS = {DAY_S: "a day", 7 * DAY_S: "a week", 365 * DAY_S: "a year"}

_default = Settings()
_bits = 8 * len(urlsafe_b64decode(mint() + "="))
_idle, _absolute = (
    round(each / DAY_S) for each in (_default.session_idle_s, _default.session_absolute_s)
)
_most = len(common_passwords.MOST_USED)
_long = sum(len(word) >= passwords.SHORTEST for word in common_passwords.MOST_USED)

NUMBERS = (
    f"{PER_NAME} failures a minute for a name, {PER_ADDRESS} for an address",
    f"Only failures count: {PER_NAME} a minute for a name",
    f"{PER_ADDRESS} a minute for an address (an IPv6 /{IPV6_SITE_PREFIX} is one)",
    f"asks for the present one, {password_changes.TRIES_PER_MINUTE} tries a minute",
    f"it makes {NEW_ACCOUNTS_PER_MINUTE} accounts a minute for one address",
    f"requests have at most {MAX_BODY_BYTES // MB} MB, forms {FORM_BYTES // 1024} KB",
    f"packets of sockets {MAX_PACKET_BYTES // MB} MB",
    f"packets of sockets {MAX_MESSAGE_BYTES // MB} MB",
    f"at most {room_quotas.BY_OTHERS_AT_MOST:,} of their {room_quotas.ROOMS_AT_MOST:,} rooms",
    f"by the same one into {room_quotas.BY_ONE_AT_MOST}",
    f"a member makes {_default.topics_per_person} of the {_default.topics_at_most:,} topics",
    f"{reactions.SYMBOLS_PER_PERSON} of its {reactions.SYMBOLS_PER_MESSAGE} symbols",
    f"{_default.hook_posts_per_minute} posts a minute",
    f"{_bits} random bits",
    f"{_bits} bits",
    f"believed for {credential_cache.FRESH.seconds} seconds",
    f"remembered for {credential_cache.FRESH.seconds} seconds",
    f"opens connections for {TICKET_S} seconds",
    f"an invite for {DURATIONS[invites.LIFETIME_S]}",
    f"good once, within {DURATIONS[password_changes.RESET_S]}",
    f"alone or with up to {common_passwords.AROUND} more characters",
    f"the {len(common_passwords.MOST_USED):,} most used passwords",
    f"{_most:,} most used, {_long:,} of them of {passwords.SHORTEST} characters",
    f"at least {passwords.SHORTEST} characters",
    f"up to {passwords.LONGEST_BYTES:,} bytes",
    f"end after {_idle} days without use and after {_absolute} days in any case",
    f"{_idle} days, a setting",
    f"{_absolute} days, a setting",
    f"settings list the {sessions.LISTED} last used ones",
    f"before each {CHUNK} people",
    f"networks beyond {NETWORKS_AN_HOUR:,} an hour",
    f"{DURATIONS[KEPT_S]}; admins, who can't change it there",
    f"one of more than {LOG_LIMIT_BYTES // 10**6} MB",
    f"the first {LINES_EACH} a minute of one network",
    f"turned away ({', '.join(map(str, REFUSALS))})",
    f"HSTS for {DURATIONS[int(LASTING_TLS.partition('=')[2])]}",
)
# Names of standards, versions and statuses, and the numbers of a list.
NOT_OURS = (
    "version 5.0",
    "ASVS 5.0",
    "levels 1 and 2",
    "level 2",
    "level 3",
    "are those of version 5.0.0",
    "version 0.1.0",
    "longer than the 30 days of NIST SP 800-63B",
    "as NIST SP 800-63B advises",
    "SHA-256",
    "UTF-8",
    "where they fail (5xx)",
    "401, 403 and 404 of requests, except a 404",
    "1. **Browser",
    "2. **Parley",
    "3. **Parley",
    "4. **One",
    "5. **The",
)
