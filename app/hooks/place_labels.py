"""The rooms and topics of webhooks as the list of an admin names them."""

from collections.abc import Collection

from msgspec import Struct

from app.accounts.models import User
from app.chat.access import Access
from app.hooks.models import Hook, IncomingHook
from app.translation_marks import N_


class PlaceLabel(Struct, frozen=True):
    """The name of a hook's room or topic, and whether the reader may use the hook themselves."""

    label: str
    may_use: bool


async def place_labels(
    access: Access, admin: User, hooks: Collection[Hook]
) -> dict[str, PlaceLabel]:
    """For each of the hooks, by its id. A private room has no name for those who are not in it."""
    rooms = {hook.place.id for hook in hooks if hook.place.kind == "room"}
    visible = await access.visible(admin, rooms)
    labels = {}
    for hook in hooks:
        found = visible.get(hook.place.id)
        if hook.place.kind == "topic":
            labels[hook.id] = PlaceLabel(
                N_("topic {name}").format(name=hook.place.id), may_use=True
            )
        elif found is None:
            labels[hook.id] = PlaceLabel(N_("a private room"), may_use=False)
        else:
            may_use = found.is_member or not isinstance(hook, IncomingHook)
            labels[hook.id] = PlaceLabel(f"#{found.room.slug}", may_use)
    return labels
