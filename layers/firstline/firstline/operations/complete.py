"""Complete a notice that carries ids only (R8c): read the platform, put the whole post back on the intake queue."""

from __future__ import annotations

from datetime import timedelta

from .. import channels
from ..model.base import stamp
from ..model.errors import LostRace, Outcome, Permanent, Retry
from ..model.post import Post
from ..model.records import Lookup, Seen
from ..outward.messages import Intake
from ..outward.queues import Message
from ..table import keys
from .services import GRACE, Services

MOST_TRIES = 12


def complete(event_key: str, services: Services) -> None:
    """Read the platform and hand the post on. If the read is refused, the case opens with what is known and says so."""
    lookup = services.table.get(keys.lookup(event_key))
    if not isinstance(lookup, Lookup) or lookup.state == "done":
        return
    now = services.clock()
    event = lookup.event
    if event.key == event.partial.key and _came_by_itself(event.key, services):
        _commit(lookup.model_copy(update={"state": "done", "due_at": None, "outcome": event.key}), services)
        return
    credentials = services.tokens.credentials(event.channel, event.account)
    try:
        post = channels.adapter(event.channel).read(services.http, credentials, event)
    except Permanent as outcome:
        post = _as_known(event.partial, outcome.reason)
    except Outcome as outcome:
        if lookup.tries + 1 < MOST_TRIES:
            pause = timedelta(seconds=outcome.after) if outcome.after else GRACE * (lookup.tries + 1)
            _commit(lookup.model_copy(update={"tries": lookup.tries + 1, "due_at": now + pause}), services)
            return
        post = _as_known(event.partial, outcome.reason)
    message = Intake(
        channel=event.channel,
        delivery_id=lookup.delivery_id,
        received_at=stamp(lookup.received_at),
        body=b"",
        only=(event.key,),
        completed=post.model_dump_json(),
    )
    # Message first: if the record is not marked done, the same post comes again and is known by its key.
    services.queues.send([Message(services.settings.intake_queue_url, message.text())])
    _commit(lookup.model_copy(update={"state": "done", "due_at": None, "outcome": post.key}), services)


def _came_by_itself(key: str, services: Services) -> bool:
    """Whether the post came whole in the meantime."""
    seen = services.table.get(keys.seen(key))
    return isinstance(seen, Seen) and not seen.to_come


def _as_known(partial: Post, reason: str) -> Post:
    return partial.model_copy(update={"incomplete": f"the platform refused to show the rest ({reason})"})


def _commit(lookup: Lookup, services: Services) -> None:
    try:
        services.table.commit([lookup], services.clock())
    except LostRace as error:
        raise Retry("contended") from error
