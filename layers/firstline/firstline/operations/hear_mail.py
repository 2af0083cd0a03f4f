"""Take a branch's reply by mail onto its case (R47), once; what cannot be believed is quarantined with the reason.

Every mail that SES tells of ends as a note, as ignored with a reason, or in quarantine. What costs is done only for
who has shown a handoff's address and proven to be its branch. Nothing is ever answered: no loop can begin here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from botocore.exceptions import BotoCoreError, ClientError

from ..model.case import ERASED, Case
from ..model.errors import FirstlineError, LostRace, Malformed, NotFound, Refused, Retry
from ..model.handoff import Handoff
from ..model.records import Attachment, HeardMail, Note, Quarantined
from ..outward.bodies import MAIL, attached_at
from ..outward.mailbox import (
    Mail,
    Part,
    Receipt,
    TooDeep,
    automatic,
    away_until,
    case_named,
    doubt,
    means_away,
    media_type,
    own_subject,
    read,
    read_head,
    read_mail,
)
from ..outward.mailbox.files import MOST_BYTES, MOST_KEPT
from ..table import Record, keys
from . import emit
from .audit import ROBOT, line
from .branch import out_of_office
from .services import Services
from .snapshot import Snapshot
from .work import need_agent

LARGEST_MAIL = 40 * 1024 * 1024
"""Bytes; SES itself takes no more (service quotas, read 2026-11-24)."""
RACES = 5
MOST_LISTED = 40
"""Attachments that are named on a note."""
MOST_RAISED, HOUR = 6, timedelta(hours=1)
"""So many mails to a handoff's address bring its case to an agent within an hour."""
NO_WORDS = "(no text)"
SEALED = "(the words could not be read: the mail is encrypted, or in a format of one mail program; ask for a plain one)"


@dataclass
class Hearing:
    """One mail being heard: what was read for it."""

    receipt: Receipt
    snapshot: Snapshot
    services: Services
    now: datetime
    case: Case | None = None
    handoff: Handoff | None = None

    @property
    def branch_name(self) -> str:
        """The branch as people call it."""
        branch = self.services.playbooks.active().branch(self.handoff.id) if self.handoff else None
        return branch.name if branch else (self.handoff.id if self.handoff else "")

    @property
    def addresses(self) -> set[str]:
        """From which addresses the branch may answer: its own, its escalation's, and where the handoff was mailed."""
        branch = self.services.playbooks.active().branch(self.handoff.id) if self.handoff else None
        own = {branch.email, branch.escalation_email} if branch else set()
        mailed = (self.handoff.to or "") if self.handoff else ""
        return own | {address.strip() for address in mailed.split(",") if address.strip()}


def hear_mail(receipt: Receipt, link_keys: Sequence[str], services: Services) -> HeardMail:
    """Take in a mail that SES received; returns what became of it. Raises `Retry` to be told again.

    ``link_keys``: the live keys of the reply addresses, newest first.
    """
    for _ in range(RACES):
        hearing = Hearing(receipt, Snapshot(services.table), services, services.clock())
        known = hearing.snapshot.get(HeardMail, keys.heard(receipt.mail_id))
        try:
            heard = known or _hear(hearing, link_keys)
        except LostRace:
            continue
        _emit(heard, services)
        return heard
    raise Retry("contended")


def _emit(heard: HeardMail, services: Services) -> None:
    """What the recorded mail causes; the same however often it is told."""
    if heard.case_id is None or heard.branch_id is None:
        return
    if heard.outcome == "out_of_office":
        note = f"by mail, until {heard.until}" if heard.until else "by mail"
        try:
            out_of_office(heard.case_id, heard.branch_id, services, note=note)
        except Refused as refusal:  # the handoff is over
            services.tell("absence_without_effect", case_id=heard.case_id, reason=refusal.reason)
    if heard.work_id is not None:
        case = Snapshot(services.table).get(Case, keys.case(heard.case_id))
        if case is not None and case.work_id == heard.work_id:
            services.queues.send(emit.work(case, services))


def _hear(hearing: Hearing, link_keys: Sequence[str]) -> HeardMail:
    try:
        return _judged(hearing, link_keys)
    except (FirstlineError, BotoCoreError, ClientError):
        raise
    except Exception as error:  # the outermost handler of a mail: a bug must cost one mail, and be seen
        hearing.services.tell("mail_failed", error=type(error).__name__, metric="MailFailed")
        hearing.snapshot.forget()
        return _quarantined(hearing, f"bug:{type(error).__name__}")


def _judged(hearing: Hearing, link_keys: Sequence[str]) -> HeardMail:
    receipt, services = hearing.receipt, hearing.services
    if receipt.bucket != services.settings.bodies_bucket or not receipt.key.startswith(MAIL):
        return _quarantined(hearing, "not_in_our_bucket")
    if not _find_handoff(hearing, link_keys):
        return _quarantined(hearing, "no_handoffs_address")
    if hearing.case is not None and hearing.case.disposition == ERASED:
        return _not_kept_of_erased(hearing, hearing.case.id)
    try:
        raw = services.bodies.get(receipt.key, most=LARGEST_MAIL)
    except NotFound:
        return _quarantined(hearing, "body_missing")
    except Malformed as error:
        return _quarantined(hearing, str(error))
    head = read_head(raw)
    reason = doubt(receipt, head, hearing.addresses)
    machine = automatic(head, receipt.sender, _before_ours(head.subject, hearing))
    if reason is not None:
        return _ignored(hearing, f"{machine}:{reason}") if machine else _quarantined(hearing, reason)
    if machine is not None and machine != "automatic_reply":
        return _ignored(hearing, machine)
    try:
        mail = read_mail(raw, {services.settings.mail_from, *receipt.recipients})
    except TooDeep:
        return _quarantined(hearing, "too_deep")
    if mail.calendar:
        return _ignored(hearing, "calendar_reply")
    if machine is None:
        return _noted(hearing, mail, _kept(mail.parts, hearing))
    said = f"{_before_ours(mail.subject, hearing)}\n{mail.said}"
    if means_away(said):
        until = away_until(said, hearing.now.date())
        return _recorded(hearing, "out_of_office", until=until)
    return _ignored(hearing, machine)


def _find_handoff(hearing: Hearing, link_keys: Sequence[str]) -> bool:
    """Whether a recipient is a handoff's address; its case and handoff are known then."""
    for recipient in hearing.receipt.recipients:
        named = case_named(recipient)
        case = hearing.snapshot.get(Case, keys.case(named)) if named else None
        found = read(recipient, link_keys, case.handoffs) if case else None
        given = hearing.snapshot.get(Handoff, keys.handoff(*found)) if found else None
        if given is not None:
            hearing.case, hearing.handoff = case, given
            return True
    return False


def _not_kept_of_erased(hearing: Hearing, case_id: str) -> HeardMail:
    """The mail goes, and what a try before put beside it, which the erasure overtook."""
    mail_id = hearing.receipt.mail_id
    for key in (hearing.receipt.key, *(attached_at(case_id, mail_id, number) for number in range(MOST_KEPT))):
        hearing.services.bodies.delete(key)
    return _ignored(hearing, ERASED)


def _before_ours(subject: str, hearing: Hearing) -> str:
    """What the branch's mail program put before our own subject."""
    case = hearing.case
    return own_subject(subject, case.ref, case.author.name or case.author.handle) if case else subject


def _kept(parts: Sequence[Part], hearing: Hearing) -> tuple[Attachment, ...]:
    """Put what may be kept into the bucket; the same mail again writes the same files again."""
    assert hearing.case is not None
    told: list[Attachment] = []
    kept = 0
    for part in parts[:MOST_LISTED]:
        found = media_type(part.data) if part.data else None
        why = _not_kept(part, found, kept, hearing.receipt)
        key = None
        if why is None and part.data is not None and found is not None:
            key = attached_at(hearing.case.id, hearing.receipt.mail_id, kept)
            hearing.services.bodies.attach(key, part.data, name=part.name, media_type=found)
            kept += 1
        told.append(Attachment(name=part.name, media_type=found or part.claimed, size=part.size, key=key, why=why))
    return tuple(told)


def _not_kept(part: Part, found: str | None, kept: int, receipt: Receipt) -> str | None:
    if found is None:
        return "only pictures and PDF are kept"
    if part.size > MOST_BYTES:
        return "too large"
    if kept >= MOST_KEPT:
        return "too many"
    return None if receipt.virus == "PASS" else "not scanned for viruses"


# -- outcomes ----------------------------------------------------------------------------------------------------


def _noted(hearing: Hearing, mail: Mail, attachments: tuple[Attachment, ...]) -> HeardMail:
    assert hearing.case is not None and hearing.handoff is not None
    by = f"branch:{hearing.handoff.id}"
    note = Note(
        case_id=hearing.case.id,
        id=f"mail-{hearing.receipt.mail_id}",
        by=by,
        at=hearing.now,
        text=mail.words or (SEALED if mail.sealed else NO_WORDS),
        attachments=attachments,
    )
    trail = line(hearing.case.id, hearing.now, "branch_answered", by=by, about=(note.id,))
    given = hearing.handoff.done_by(by, "replied", hearing.now, note.id)
    told = f"{hearing.branch_name} answered by mail"
    if mail.sealed:
        told += ", and the words could not be read"
    return _recorded(hearing, "noted", note, given, trail, tell_agent=told)


def _ignored(hearing: Hearing, reason: str) -> HeardMail:
    return _recorded(hearing, "ignored", reason=reason)


def _quarantined(hearing: Hearing, reason: str) -> HeardMail:
    """Recorded and countable; the mail stays where SES put it. Who shows a handoff's address may well be its branch,
    writing from another mailbox: an agent learns that there is something, not what it says."""
    receipt = hearing.receipt
    kept = Quarantined(
        key=f"mail:{receipt.mail_id}",
        channel="mail",
        reason=reason,
        delivery_id=receipt.mail_id,
        body_key=receipt.key,
        at=hearing.now,
    )
    why = f"a mail about {hearing.branch_name} was not let in: {reason}" if hearing.case else None
    return _recorded(hearing, "quarantined", kept, reason=reason, tell_agent=why)


def _within_reason(
    hearing: Hearing, tell_agent: str | None, records: Sequence[Record]
) -> tuple[str | None, Handoff | None]:
    """What an agent is told, and the handoff with its count. Who holds a handoff's address may write to it all day: from
    so many mails an hour on they are recorded, one notice says so, and nobody is called again."""
    given = next((each for each in records if isinstance(each, Handoff)), hearing.handoff)
    if given is None or tell_agent is None:
        return tell_agent, None
    fresh = given.mails_since is None or hearing.now - given.mails_since >= HOUR
    before = 0 if fresh else given.mails_raised
    if before > MOST_RAISED:
        return None, None
    since = hearing.now if fresh else given.mails_since
    counted = given.model_copy(update={"mails_since": since, "mails_raised": before + 1})
    if before < MOST_RAISED:
        return tell_agent, counted
    hearing.services.count("MailsOverLimit")
    return f"more than {MOST_RAISED} mails about {hearing.branch_name} within an hour: look at them together", counted


def _recorded(
    hearing: Hearing,
    outcome: str,
    *records: Record,
    reason: str | None = None,
    until: date | None = None,
    tell_agent: str | None = None,
) -> HeardMail:
    """Commit what became of the mail in one transaction with all that follows from it."""
    receipt, case, writes = hearing.receipt, hearing.case, list(records)
    work_id = None
    if case is not None and outcome != "noted":
        writes.append(
            line(case.id, hearing.now, f"mail_{outcome}", by=ROBOT, about=(f"mail-{receipt.mail_id}",), why=reason)
        )
    tell_agent, counted = _within_reason(hearing, tell_agent, writes)
    if counted is not None:
        writes = [each for each in writes if not isinstance(each, Handoff)] + [counted]
    if case is not None and tell_agent is not None:
        changed = need_agent(case, tell_agent, hearing.now, hearing.services.playbooks.active())
        if changed != case:
            work_id = changed.work_id
            writes.append(changed)
    heard = HeardMail(
        id=receipt.mail_id,
        at=hearing.now,
        outcome=outcome,  # type: ignore[arg-type]
        reason=reason,
        body_key=receipt.key,
        case_id=case.id if case else None,
        branch_id=hearing.handoff.id if hearing.handoff else None,
        until=until.isoformat() if until else None,
        work_id=work_id,
    )
    hearing.snapshot.commit([heard, *writes], hearing.now)
    hearing.services.count("MailHeard", outcome=outcome, reason=reason or "none")
    return heard
