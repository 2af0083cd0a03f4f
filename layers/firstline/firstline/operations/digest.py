"""The weekly digest of a branch or a region (R49): planned by the diary, mailed once at most, stopped by its own link.

It is the one mail that may be lost: an unclear answer of SES counts as sent, so nobody gets a week twice.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from ..decide import mask
from ..decide.branch_pace import is_late, pace
from ..decide.weekly import next_digest
from ..model.base import stamp
from ..model.case import Case
from ..model.digest import Digest
from ..model.errors import AccountDown, LostRace, NotSent, Outcome, Unclear, Wait
from ..model.handoff import Handoff
from ..model.records import BranchMailbox, Lease, StoredPost
from ..outward.links import Link
from ..outward.mailtext import BranchFigures, DigestMail, OpenHandoff, Words, digest_mail, masks
from ..playbook import Branch, Playbook
from ..table import Record, keys
from ..table.keys import Key
from .record import record_outcome
from .services import LEASE, Services

DIGEST = "digest"
"""What stands for the case in a digest's message, link and tag: no case has this id."""
PLANNED_EVERY = timedelta(hours=1)
OPEN_FOR = timedelta(days=28)
"""What still waits is looked for so far back: older handoffs went back to the agents long ago."""
MOST_READ = 200
MOST_SAID = 5
LATER = timedelta(minutes=10)


def plan(services: Services) -> None:
    """See to it that every branch and region of the active playbook has its digest in the diary; once an hour."""
    now = services.clock()
    held = services.table.get(keys.lease("digests"))
    if isinstance(held, Lease) and held.until > now:
        return
    playbook = services.playbooks.active()
    wanted = {keys.digest(about): desk for about, desk in _readers(playbook)}
    found = services.table.read(wanted)
    try:
        for key, desk in wanted.items():
            if key not in found:
                due_at = next_digest(playbook.handoff, desk.time_zone, now)
                about = key.pk.partition("#")[2]
                services.table.commit([Digest(about=about, since=now, due_at=due_at)], now)
        version = held.version if isinstance(held, Lease) else 0
        services.table.commit([Lease(name="digests", until=now + PLANNED_EVERY, version=version)], now)
    except LostRace:  # another run plans, too
        return


def _readers(playbook: Playbook) -> Iterable[tuple[str, Branch]]:
    """Whom a digest is for, and the branch whose clock and language it has."""
    for branch in playbook.branches:
        yield f"branch-{branch.id}", branch
    for region in playbook.regions:
        desk = playbook.branch(region.desk)
        if desk is not None:
            yield f"region-{region.id}", desk


def reader(about: str, playbook: Playbook) -> Branch | None:
    """The branch in whose language and on whose clock a digest is."""
    return dict(_readers(playbook)).get(about)


def send_digest(about: str, services: Services) -> None:
    """Mail what is due. Told twice it is mailed once."""
    now, playbook = services.clock(), services.playbooks.active()
    digest = services.table.read([keys.digest(about)]).get(keys.digest(about))
    if not isinstance(digest, Digest) or digest.due_at is None or digest.due_at > now:
        return
    desk = reader(about, playbook)
    if desk is None:  # not in the playbook any more
        services.table.commit([digest.stopped("not in the playbook")], now)
        return
    following = next_digest(playbook.handoff, desk.time_zone, now)
    to = _address(digest, desk, services)
    if digest.state == "sending" or to is None:
        services.table.commit([digest.over(now, following, sent=False)], now)
        return
    rate = services.settings.mails_per_second
    if rate and services.table.take_turn("mail", rate, now) > now:
        services.table.commit([digest.later(now + timedelta(minutes=1))], now)
        return
    message = digest_mail(_week(digest, desk, to, playbook, services))
    taken = digest.taken(now + LEASE)
    services.table.commit([taken], now)
    taken = taken.model_copy(update={"version": digest.version + 1})
    outcome: Outcome | None = None
    try:
        services.mailer.send(message, to=to, handoff_tag=f"{DIGEST}-{about}")
    except Outcome as refused:
        outcome = refused
    record_outcome(
        taken,
        lambda: _sending(about, services),
        lambda digest: services.table.commit([_after(digest, outcome, now, following)], now),
        services,
    )
    if outcome is None or isinstance(outcome, Unclear):
        services.count("DigestMailed")
    elif not isinstance(outcome, Wait | NotSent | AccountDown):
        services.tell("digest_refused", reason=outcome.reason, metric="DigestRefused")


def _sending(about: str, services: Services) -> Digest | None:
    """The digest that is being sent, as it is now; None once it is stopped: then it stays so."""
    digest = services.table.get(keys.digest(about))
    return digest if isinstance(digest, Digest) and digest.state == "sending" else None


def _after(digest: Digest, outcome: Outcome | None, now: datetime, following: datetime) -> Digest:
    """The digest after the call; ``outcome``: what SES answered, None when it took the mail."""
    if isinstance(outcome, Wait | NotSent | AccountDown):
        return digest.later(now + (timedelta(seconds=outcome.after) if outcome.after else LATER))
    return digest.over(now, following, sent=outcome is None or isinstance(outcome, Unclear))


def stop(about: str, because: str, services: Services) -> bool:
    """No more digests until somebody confirms the address; whether there was anything to stop."""
    digest = services.table.read([keys.digest(about)]).get(keys.digest(about))
    if not isinstance(digest, Digest) or digest.state == "stopped":
        return False
    services.table.commit([digest.stopped(because)], services.clock())
    return True


def _address(digest: Digest, desk: Branch, services: Services) -> str | None:
    """Where it goes; None where the branch's address bounced."""
    if digest.kind == "region":
        return desk.escalation_email
    key = keys.branch_mailbox(desk.id)
    box = services.table.read([key]).get(key)
    return None if isinstance(box, BranchMailbox) and box.closed(desk.email) else desk.email


def _week(digest: Digest, desk: Branch, to: str, playbook: Playbook, services: Services) -> DigestMail:
    now, region = services.clock(), digest.kind == "region"
    since = max(digest.since, now - timedelta(days=7))
    about = [each for each in playbook.branches if each.region == digest.id] if region else [desk]
    found = {branch.id: _handoffs(branch, now, services) for branch in about}
    new = {name: [each for each in handoffs if each.created_at >= since] for name, handoffs in found.items()}
    every = [each for handoffs in new.values() for each in handoffs]
    waiting = sorted(
        (each for handoffs in found.values() for each in handoffs if each.with_branch),
        key=lambda each: (not is_late(each, now), each.contact_by),
    )
    answered = [each for handoffs in found.values() for each in handoffs if each.said and _changed(each) >= since]
    read = services.table.read(_needed(waiting[:MOST_READ], answered[:MOST_SAID])).readable
    names = {branch.id: branch.name for branch in about}
    named = playbook.region(digest.id) if region else None
    whole = pace(every, desk.hours, now)
    base = services.settings.public_base_url
    return DigestMail(
        branch=named.name if named else desk.name,
        language=desk.language,
        time_zone=desk.time_zone,
        team_zone=playbook.hours.time_zone,
        sender=services.settings.mail_from,
        to=to,
        brand=playbook.brand.name,
        texts=playbook.mail,
        since=since,
        until=now,
        open=tuple(
            _line(each, names[each.id] if region else "", now, read, playbook, desk, services) for each in waiting
        ),
        handed=len(every),
        done=whole.done,
        accepted_in=_minutes(whole.accept_minutes),
        contacted_in=_minutes(whole.contact_minutes),
        helped=sum(each.helped is True for each in answered),
        not_helped=sum(each.helped is False for each in answered),
        said=tuple(_said(answered[:MOST_SAID], read, playbook, desk)),
        branches=tuple(_figures(branch, found[branch.id], new[branch.id], now) for branch in about) if region else (),
        page_url=f"{base}/desk/index.html" if base and region else "",
        unsubscribe_url=services.links.url(
            Link(case_id=DIGEST, branch=digest.about, action="digest_off", expires_at=now + timedelta(days=90))
        ),
    )


def _handoffs(branch: Branch, now: datetime, services: Services) -> list[Handoff]:
    since = keys.handoff_order(stamp(now - OPEN_FOR))
    rows = services.table.listed(keys.branch_partition(branch.id), newest_first=True, most=MOST_READ, since=since)
    return [each for each in rows if isinstance(each, Handoff)]


def _changed(given: Handoff) -> datetime:
    """When the last thing was done with it."""
    return given.steps[-1].at if given.steps else given.created_at


def _needed(waiting: list[Handoff], answered: list[Handoff]) -> Iterable[Key]:
    for each in waiting:
        yield keys.case(each.case_id)
        yield keys.post(each.case_id, each.post_keys[0])
    for each in answered:
        yield keys.post(each.case_id, str(each.said))


def _line(
    given: Handoff,
    branch: str,
    now: datetime,
    read: dict[Key, Record],
    playbook: Playbook,
    desk: Branch,
    services: Services,
) -> OpenHandoff:
    case, post = (
        read.get(keys.case(given.case_id)),
        _standing(read.get(keys.post(given.case_id, given.post_keys[0]))),
    )
    known = case if isinstance(case, Case) else None
    page = Link(
        case_id=given.case_id,
        branch=given.id,
        action="page",
        expires_at=now + timedelta(days=playbook.handoff.link_days),
    )
    channel = playbook.channel_name(known.channel, known.account) if known else ""
    return OpenHandoff(
        case_ref=known.ref if known else given.case_id,
        customer=(known.author.name or known.author.handle if known else None) or channel,
        topic=mask(post.post.text, playbook, masks(desk.language)) if post else channel,
        contact_by=given.contact_by,
        late=is_late(given, now),
        url=services.links.url(page),
        branch=branch,
    )


def _standing(record: Record | None) -> StoredPost | None:
    return record if isinstance(record, StoredPost) and record.state == "standing" and not record.erased else None


def _said(answered: list[Handoff], read: dict[Key, Record], playbook: Playbook, desk: Branch) -> Iterable[Words]:
    for each in answered:
        post = _standing(read.get(keys.post(each.case_id, str(each.said))))
        if post is not None:
            yield Words(text=mask(post.post.text, playbook, masks(desk.language)), at=post.post.at)


def _figures(branch: Branch, handoffs: list[Handoff], new: list[Handoff], now: datetime) -> BranchFigures:
    present, week = pace(handoffs, branch.hours, now), pace(new, branch.hours, now)
    contacted = _minutes(week.contact_minutes)
    return BranchFigures(name=branch.name, open=present.open, late=present.late, done=week.done, contacted_in=contacted)


def _minutes(minutes: int | None) -> timedelta | None:
    return None if minutes is None else timedelta(minutes=minutes)
