"""What became of a message of ours: ``statuses[]``, in any order and any number of times.

Source: Meta, whatsapp/cloud-api/webhooks statuses object; david-lev/pywa, restfb.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from ...model.events import Event, ReplyStatus
from .. import reading
from ..meta.entry import Entry
from .people import Contacts, ids
from .refusals import failure

CHANNEL = "whatsapp"
_STATUSES: dict[str, Literal["sent", "delivered", "read", "failed"]] = {
    "sent": "sent",
    "delivered": "delivered",
    "read": "read",
    "played": "read",
    "failed": "failed",
}
_IGNORED = ("deleted", "warning")


def status(value: Any, contacts: Contacts, account: str | None, entry: Entry) -> Iterator[Event]:
    """The event of one status. Raises ValueError for what is not understood."""
    told = reading.obj(value)
    named = reading.words(told.get("status"))
    if named in _IGNORED:
        yield entry.ignored(CHANNEL, f"status_{named}", value)
        return
    if named not in _STATUSES:
        raise ValueError("unknown_status")
    platform_id = reading.required(told.get("id"), "post_id")
    person = ids(told.get("recipient_id"), told.get("recipient_user_id"), contacts)
    errors = [reading.obj(one) for one in reading.items(told.get("errors"))]
    what, reason, after = failure(reading.whole(errors[0].get("code")) if errors else None)
    failed = named == "failed"
    yield ReplyStatus(
        key=f"{CHANNEL}:{platform_id}#status:{_STATUSES[named]}",
        channel=CHANNEL,
        account=reading.required(account, "account"),
        platform_id=platform_id,
        status=_STATUSES[named],
        at=reading.moment(told.get("timestamp"), entry.time),
        tag=reading.identifier(told.get("biz_opaque_callback_data")),
        author_id=person.id,
        author_also=next(iter(person.all[1:]), None),
        failure=what if failed else None,
        reason=reason if failed else None,
        after=after if failed else None,
    )
