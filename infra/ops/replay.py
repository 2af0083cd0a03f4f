"""`firstline replay`: what a platform delivered, or could not, once more (R62). X only; Meta repeats by itself.

Source: X changelog 20 March 2026 (POST /2/webhooks/replay), account-activity/quickstart (limits of the times).
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta

import click

from firstline.channels import reading
from firstline.model.errors import Outcome

from .connect import setup_of
from .connect import x as connection
from .connect.setup import Setup, why
from .findings import Finding, bad, show
from .stack import record

FARTHEST = timedelta(hours=24)
BEGINS_BEFORE = timedelta(minutes=31)
ENDS_BEFORE = timedelta(minutes=10)
"""How long ago a replay must begin and end, and how far back X remembers."""
MINUTE = "%Y%m%d%H%M"
TIMES = "ISO times; without a zone they are UTC."


@click.command()
@click.argument("channel", type=click.Choice(("x",)))
@click.option("--from", "begin", required=True, help=f"The first minute. {TIMES}")
@click.option("--to", "end", default=None, help="The minute after the last one; default: as late as X allows.")
@click.option("--stack", envvar="FIRSTLINE_STACK", default="firstline", show_default=True, help="The deployed stack.")
def replay(channel: str, begin: str, end: str | None, stack: str) -> None:
    """Let X deliver again what it had in that time. What was taken in already stays as it is."""
    setup = setup_of(channel, stack)
    record(setup.services, "replay_asked", channel)
    if not show([replayed(setup, _time(begin, "--from"), _time(end, "--to") if end else None)]):
        sys.exit(1)


def _time(text: str, name: str) -> datetime:
    try:
        told = datetime.fromisoformat(text)
    except ValueError:
        raise click.UsageError(f"{name} wants a time such as 2026-11-25T14:30Z") from None
    return told.astimezone(UTC) if told.tzinfo else told.replace(tzinfo=UTC)


def replayed(setup: Setup, begin: datetime, end: datetime | None) -> Finding:
    """Ask X for it; its end comes over the webhook, nobody waits for it here."""
    check, now = "replay", setup.services.clock()
    end = end or now - ENDS_BEFORE
    wrong = _refused(begin, end, now)
    if wrong:
        return bad(check, wrong, "choose another time")
    try:
        app = connection.app_of(setup)
        ours = connection.our_webhook(app, setup)
        if ours is None:
            return bad(check, f"X has no webhook at {setup.url}", "firstline connect x")
        content = {"webhook_id": str(ours["id"]), "from_date": begin.strftime(MINUTE), "to_date": end.strftime(MINUTE)}
        response = app.call("POST", "/2/webhooks/replay", json=content)
    except Outcome as outcome:
        return bad(
            check,
            f"X did not answer: {why(outcome)}",
            "it may run: firstline reconcile in some minutes, before you try again",
        )
    if response.status not in (200, 201, 202):
        reason = connection.reason_of(response)
        return bad(
            check,
            f"X refused it: {reason}",
            HINTS.get(reason, "X's plan may not hold it; firstline reconcile names what is missing"),
        )
    data = reading.obj(response.data)
    told = reading.obj(data.get("data")) or reading.obj(data.get("replay_event")) or data
    job = reading.identifier(told.get("job_id")) or "without a number"
    return Finding(
        check,
        "ok",
        f"X delivers {begin:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M} UTC again (job {job})",
        "in some minutes firstline reconcile; if X could not deliver all of it, intake's log says replay_incomplete",
    )


HINTS = {
    "ReplayConflictError": "another replay runs: try again in some minutes",
    "CrcValidationFailed": "the door does not answer: firstline doctor",
    "WebhookIdInvalid": "firstline connect x",
    "QueryParamInvalid": "choose another time",
}


def _refused(begin: datetime, end: datetime, now: datetime) -> str:
    """Why X would not take these times; empty when it would."""
    if begin >= end:
        return "it ends before it begins"
    if begin < now - FARTHEST:
        return f"X remembers 24 hours: the earliest is {now - FARTHEST + timedelta(minutes=1):%Y-%m-%d %H:%M} UTC"
    if begin > now - BEGINS_BEFORE:
        return f"it must begin at least 31 minutes ago, so at {now - BEGINS_BEFORE:%H:%M} UTC or before"
    if end > now - ENDS_BEFORE:
        return f"it must end at least 10 minutes ago, so at {now - ENDS_BEFORE:%H:%M} UTC or before"
    return ""
