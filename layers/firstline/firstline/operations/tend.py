"""Do what is due and not yet done, through the same operations as always (the diary)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from ..decide import branch_clock
from ..model.case import Case
from ..model.decision import Lane
from ..model.digest import Digest
from ..model.errors import NotFound
from ..model.handoff import BranchMail, Handoff
from ..model.records import Erasure, Lookup, RemovedCase
from ..model.reply import Reply
from ..outward.messages import handoff_nudge, lookup_nudge, reply_nudge
from ..outward.queues import Message
from ..playbook import Playbook
from ..table import DueRow, Record, keys
from . import emit
from .audit import line
from .capacity import measure_capacity
from .digest import DIGEST
from .digest import plan as plan_digests
from .erase import erase
from .leases import take
from .renew_tokens import renew_tokens
from .retention import end_trail, retain
from .robots import hand_over_what_waits
from .services import Services
from .snapshot import Snapshot
from .steps import Steps
from .work import back_to_holder, better, requeue

RUN = timedelta(seconds=50)
RISK_POINTS = 15
LANES = ("urgent", "standard", "email")


def run(services: Services, *, time_left: Callable[[], float] = lambda: 60.0) -> int:
    """One run: every shard of the diary that nobody else works on, then tokens, parked deliveries, and what is measured.

    ``time_left`` gives the seconds until the run must end. Returns how many rows were acted on. No step costs another
    one its turn; raises `StepsFailed` at the end if there was an error that nobody foresaw.
    """
    steps, acted = Steps(services), 0
    for shard in keys.all_shards(services.table.shards):
        if time_left() >= 10:
            acted += steps.run("shard", partial(_tend_shard, shard, steps, time_left, services)) or 0
    if time_left() >= 10:
        steps.run("tokens", lambda: renew_tokens(services))
    steps.run("robots", lambda: hand_over_what_waits(services))
    steps.run("digests", lambda: plan_digests(services))
    steps.run("parked", lambda: collect_parked(services, time_left, steps))
    steps.run("lanes", lambda: measure_lanes(services))
    steps.run("capacity", lambda: measure_capacity(services))
    steps.end()
    services.count("SweepRuns")  # the beat: an alarm rings when it stays away
    return acted


def _tend_shard(shard: str, steps: Steps, time_left: Callable[[], float], services: Services) -> int:
    """What is due in a shard, if nobody else works on it. One bad row must not stop the others."""
    if take(f"diary-{shard}", RUN, services) is None:
        return 0
    acted = 0
    for row in services.table.due(shard, services.clock()):
        if time_left() < 10:
            break
        acted += steps.run(row.entity, partial(_act, row, services)) or 0
    return acted


def _act(row: DueRow, services: Services) -> int:
    """An index row is a hint: what it names is read again."""
    record = services.table.get(row.key)
    due_at = getattr(record, "due_at", None)
    if record is None or due_at is None or due_at > services.clock():
        return 0
    _tend(record, services)
    return 1


def _tend(record: Record, services: Services) -> None:
    settings = services.settings
    match record:
        case Reply():
            text = reply_nudge(record.case_id, record.id)
            services.queues.send([Message(settings.replies_queue_url, text)])
        case Handoff() | BranchMail():
            text = handoff_nudge(record.case_id, record.id)
            services.queues.send([Message(settings.handoffs_queue_url, text)])
        case Digest():
            services.queues.send([Message(settings.handoffs_queue_url, handoff_nudge(DIGEST, record.about))])
        case Lookup():
            services.queues.send([Message(settings.lookups_queue_url, lookup_nudge(record.key))])
        case Erasure():
            erase(record.code, services)
        case RemovedCase():
            end_trail(record, services)
        case Case() if record.over:
            retain(record, services)
        case Case():
            tend_case(record, services)


def tend_case(case: Case, services: Services) -> None:
    """Issue again what nobody claimed, give back what nobody touched, raise what is about to be missed, close what
    is over."""
    now, playbook = services.clock(), services.playbooks.active()
    tended, what = _tended(case, now, playbook)
    if what is None:
        return
    if tended.done and _kept_open(case, now, playbook, services):
        return
    services.table.commit([tended, line(case.id, now, what)], now)
    if tended.work_id is not None:
        services.queues.send(emit.work(tended, services))


def _kept_open(case: Case, now: datetime, playbook: Playbook, services: Services) -> bool:
    """Whether a branch still has the case, which then stays open, and the branch is asked on."""
    if case.done or not case.handoffs:
        return False
    snapshot = Snapshot(services.table)
    snapshot.fetch(keys.handoff(case.id, branch) for branch in case.handoffs)
    found = (snapshot.get(Handoff, keys.handoff(case.id, branch)) for branch in case.handoffs)
    theirs = [each for each in found if each is not None and each.with_branch]
    if not theirs:
        return False
    asked = [each for each in (_asked_on(given, playbook, now) for given in theirs) if each is not None]
    snapshot.commit([case.kept_open(now + timedelta(hours=playbook.case.window_hours)), *asked], now)
    return True


def _asked_on(given: Handoff, playbook: Playbook, now: datetime) -> Handoff | None:
    """A contacted handoff whose clock stands still (its round is over, or an earlier release stopped it): another
    round."""
    branch = playbook.branch(given.id)
    if branch is None or given.stage != "contacted" or given.open or given.next_due is not None:
        return None
    clock = branch_clock.to_finish(branch, playbook, now)
    return given.ticking(reminders=clock.reminders, escalate_at=clock.escalate_at, settle_by=clock.target)


def _tended(case: Case, now: datetime, playbook: Playbook) -> tuple[Case, str | None]:
    def past(moment: datetime | None) -> bool:
        return moment is not None and moment <= now

    if case.status == "in_progress" and past(case.claimed_until):
        return case.queued(
            case.lane or "standard", "taken, and not touched for a time", now, requeue(playbook), announced=False
        ), "taken_back"
    if case.status == "watching" and past(case.watch_until):
        return case.closed("watched"), "watch_expired"
    if case.work_id is None:
        return (case.closed(), "closed") if past(case.close_at) and not case.unanswered else (case, None)
    kept = back_to_holder(case, now, playbook)
    if past(case.kept_for_until):
        return case.queued(
            case.lane or "standard", case.work_reason, now, requeue(playbook), announced=False
        ), "back_to_lane"
    if past(case.promised_until) and not case.promise_missed:
        missed = _raised(case, "a promised time passed").model_copy(update={"promise_missed": True})
        return missed.queued(
            _lane(missed, playbook),
            "a promised time passed",
            now,
            requeue(playbook),
            announced=False,
            kept_for_until=kept,
        ), "promise_missed"
    if past(case.risk_at):
        risky = _raised(case, "the target is about to be missed").model_copy(update={"at_risk": True})
        return risky.queued(
            _lane(risky, playbook), case.work_reason, now, requeue(playbook), announced=False, kept_for_until=kept
        ), "target_at_risk"
    if not case.announced:
        after = (case.queued_at or now) + requeue(playbook)
        return case.model_copy(update={"announced": True, "requeue_at": max(after, now)}), "announced_again"
    if past(case.requeue_at):
        return case.queued(
            case.lane or "standard", case.work_reason, now, requeue(playbook), announced=False, kept_for_until=kept
        ), "queued_again"
    return case, None


def _raised(case: Case, why: str) -> Case:
    points = min(case.priority + RISK_POINTS, 100)
    return case.model_copy(update={"priority": points, "priority_reasons": (*case.priority_reasons, why)[-12:]})


def _lane(case: Case, playbook: Playbook) -> Lane:
    urgent = case.priority >= playbook.rules.lanes.urgent_from_priority
    return better(case.lane, "urgent" if urgent else "standard") or "standard"


def collect_parked(services: Services, time_left: Callable[[], float], steps: Steps) -> None:
    """Hand parked deliveries to the intake queue; the body goes only once the queue has it. One that cannot be read now
    stays for the next minute and holds up none behind it."""
    for key in services.bodies.parked():
        if time_left() < 5:
            break
        steps.run("parked", partial(_collect, key, services))


def _collect(key: str, services: Services) -> None:
    try:
        text = services.bodies.get(key).decode("ascii")
    except NotFound:
        return  # another run took it
    services.queues.send([Message(services.settings.intake_queue_url, text)])
    services.bodies.delete(key)


def measure_lanes(services: Services) -> None:
    """The age of the oldest unclaimed due time of each lane, in seconds past due: what the lane alarms watch."""
    now = services.clock()
    for lane in LANES:
        due = services.table.oldest_due_in_lane(lane)
        late = 0.0 if due is None else max((now - due).total_seconds(), 0.0)
        services.count("LaneOldestDueSeconds", value=late, lane=lane)
