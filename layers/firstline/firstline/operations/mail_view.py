"""What a branch's mail shows of a case: only what the branch needs, in its own words as far as they can be had (R46)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType

from phonenumbers import NumberParseException, PhoneNumberFormat, format_number, parse

from ..decide import branch_clock, field_level
from ..decide.language import UNKNOWN
from ..decide.personal_data import find, mask
from ..decide.reading import read
from ..model.case import Case
from ..model.handoff import BranchMail, Handoff, MailKind
from ..model.post import Contact, Post
from ..model.records import Note, StoredPost
from ..outward.mailtext import (
    MOST_POSTS,
    Action,
    Customer,
    HandoffMail,
    Reason,
    Words,
    handoff_tag,
    language_of,
    masks,
    thread_root,
)
from ..outward.translate import NoTranslator, NotTranslated
from ..playbook import Branch, Playbook
from ..table import keys
from .services import Services

ONE_GO = timedelta(minutes=15)
"""Private messages that follow one another so closely are read as one."""
A_GREETING = 3
"""Words; so few without any meaning that we know are no matter."""
TO_THE_REGION: frozenset[MailKind] = frozenset({"escalation", "fallback"})
NO_LINKS: Mapping[Action, str] = MappingProxyType({})


def view(
    given: Handoff,
    case: Case,
    posts: list[StoredPost],
    branch: Branch,
    playbook: Playbook,
    services: Services,
    *,
    later: BranchMail | None = None,
    to: str = "",
    links: Mapping[Action, str] = NO_LINKS,
    reply_to: str | None = None,
) -> HandoffMail:
    """The contents of one mail of a handoff; ``posts`` are oldest first and not empty.

    It asks for translations, so it comes before the lease is taken; without them the mail says so. ``later`` is the
    mail if it is not the first one, ``to`` where it goes if that is not the branch's address: then it went to the
    region, and is in the language and on the clock of its desk. ``links`` and ``reply_to`` are given where there are
    pages and a mailbox behind them.
    """
    now = services.clock()
    kind: MailKind = later.kind if later else "handoff"
    if kind == "handoff" and to not in ("", branch.email):
        kind = "fallback"
    first = posts[0].post
    sender = services.settings.mail_from
    region = playbook.region(branch.region) if kind in TO_THE_REGION else None
    reader = (playbook.branch(region.desk) if region else None) or branch
    phone, email = _given_for_contact(case, posts, playbook, services)
    bursts = _bursts(posts)
    before = playbook.branch(given.by.removeprefix("branch:")) if given.by.startswith("branch:") else None
    away = _note_of_absence(given, services) if kind == "escalation" else None
    target = given.settle_by if given.stage == "contacted" and given.settle_by else given.contact_by
    return HandoffMail(
        kind=kind,
        case_ref=case.ref,
        branch=branch.name,
        recipient=region.name if region else None,
        language=reader.language,
        time_zone=reader.time_zone,
        team_zone=playbook.hours.time_zone,
        sender=sender,
        to=to or branch.email,
        reply_to=reply_to,
        brand=playbook.brand.name,
        texts=playbook.mail,
        customer=Customer(
            channel=playbook.channel_name(first.channel, first.account),
            name=case.author.name,
            handle=case.author.handle,
            post_url=first.url,
            phone=phone,
            email=email,
        ),
        posts=_words(bursts, reader, playbook, services),
        lead=_lead(bursts, playbook),
        topic=_topic(bursts, reader, playbook),
        older_posts=max(0, case.posts - len(given.post_keys)),
        new=sum(burst[-1].decided_at > later.since for burst in bursts) if later and later.since else 0,
        reason=_why(given, posts, branch, playbook),
        note="\n\n".join(filter(None, (given.asks, None if before else given.note))) or None,
        before=before.name if before else "",
        away=away is not None,
        tries=given.tries,
        branch_note=mask((given.note if before else away) or "", playbook, masks(reader.language)),
        accept_by=_accept_by(given, branch, playbook, now),
        contact_by=target,
        late=target < now,
        waits_for="accept" if given.stage == "waiting" else "done" if given.stage == "contacted" else "contact",
        visibility=first.visibility,
        links=dict(links),
        thread_root=thread_root(case.id, branch.id, sender.rpartition("@")[2]),
        handoff_tag=handoff_tag(case.id, later.id if later else given.id),
    )


def _bursts(posts: list[StoredPost]) -> list[list[StoredPost]]:
    """What was written in one go in a chat is one message; in public each post stands alone."""
    found: list[list[StoredPost]] = []
    for each in posts:
        last = found[-1][-1].post if found else None
        together = (
            last is not None
            and last.visibility == each.post.visibility == "private"
            and last.thread_id == each.post.thread_id
            and each.post.at - last.at <= ONE_GO
        )
        if together:
            found[-1].append(each)
        else:
            found.append([each])
    return found


def _weight(post: Post, playbook: Playbook) -> int:
    """How much a post matters to the branch: an issue for it, trouble, something said, or a greeting."""
    reading = read(post, (), playbook)
    if reading.safety or reading.field or field_level.assess(post, reading, playbook) is not None:
        return 3
    if reading.trouble or reading.negative or reading.products:
        return 2
    return 1 if reading.words > A_GREETING else 0


def _lead(bursts: list[list[StoredPost]], playbook: Playbook) -> int:
    """Which burst the mail leads with: the first of those that matter most."""
    weights = [max(_weight(each.post, playbook) for each in burst) for burst in bursts]
    return weights.index(max(weights))


def _topic(bursts: list[list[StoredPost]], reader: Branch, playbook: Playbook) -> str:
    """The words that name the matter, for the subject."""
    burst = bursts[_lead(bursts, playbook)]
    return mask(max(burst, key=lambda each: _weight(each.post, playbook)).post.text, playbook, masks(reader.language))


def _words(bursts: list[list[StoredPost]], reader: Branch, playbook: Playbook, services: Services) -> tuple[Words, ...]:
    """The bursts as the reader may see them. Only those that the mail shows are translated, until it fails once."""
    written_in = language_of(reader.language)
    understood = (written_in, *reader.languages)
    names = masks(reader.language)
    translator = services.translator
    lead, told = _lead(bursts, playbook), list[Words]()
    for number, burst in enumerate(bursts):
        text = "\n".join(each.post.text for each in burst)
        language = read(burst[-1].post.model_copy(update={"text": text}), (), playbook).language
        words = Words(
            text=mask(text, playbook, names),
            at=burst[-1].post.at,
            language=None if language == UNKNOWN else language,
            attachments=sum(len(each.post.media) for each in burst),
        )
        shown = number == lead or number >= len(bursts) - MOST_POSTS
        if shown and words.language not in (None, *understood) and words.text.strip():
            try:
                translation = translator.translate(words.text, language, written_in)
                words = words.model_copy(update={"translation": translation})
            except NotTranslated as error:
                words = words.model_copy(update={"untranslated": True})
                if not isinstance(translator, NoTranslator):
                    services.tell("not_translated", reason=error.reason, metric="NotTranslated")
                    translator = NoTranslator()  # asking again would only take time from the mail
        told.append(words)
    return tuple(told)


def _accept_by(given: Handoff, branch: Branch, playbook: Playbook, now: datetime) -> datetime | None:
    """By when the branch is to take it; its clock begins with the first mail."""
    if given.stage != "waiting":
        return None
    return given.accept_by or branch_clock.to_accept(branch, playbook, now).target


def _given_for_contact(
    case: Case, posts: list[StoredPost], playbook: Playbook, services: Services
) -> tuple[str | None, str | None]:
    """The phone number and the mail address by which the customer can be reached: the last in private words, else what
    a source verified, on whichever post of the case it stands.

    What stands in public is masked: whoever wrote it there is asked to remove it, and it may be somebody else's.
    """
    known: dict[str, str] = {}
    for stored in posts:
        if stored.post.visibility == "private":
            text = stored.post.text
            known.update({one.kind: text[one.start : one.end] for one in find(text, playbook)})
    if "phone" not in known or "email" not in known:
        for record in (*services.table.of_case(case.id, "post#"), *posts):
            if isinstance(record, StoredPost) and record.state == "standing":
                for each in record.post.contacts:
                    known.setdefault(each.kind, _written(each))
    return known.get("phone"), known.get("email")


def _written(contact: Contact) -> str:
    """A contact as people write it: "+44 7700 900123"."""
    if contact.kind != "phone":
        return contact.value
    try:
        return format_number(parse(contact.value), PhoneNumberFormat.INTERNATIONAL)
    except NumberParseException:
        return contact.value


def _note_of_absence(given: Handoff, services: Services) -> str | None:
    """What the branch wrote when it said that nobody can act ("": nothing), None if that is not why the region is
    told."""
    told = [place for place, step in enumerate(given.steps) if step.what == "escalated"]
    cause = given.steps[told[-1] - 1] if told and told[-1] > 0 else None
    if cause is None or cause.what != "out_of_office":
        return None
    note = services.table.get(keys.note(given.case_id, cause.note)) if cause.note else None
    return note.text if isinstance(note, Note) else ""


def _why(given: Handoff, posts: list[StoredPost], branch: Branch, playbook: Playbook) -> Reason:
    """The kind of reason, which the mail says in its own language: the first post's that leads to this branch."""
    if given.by != "robot":
        return "moved" if given.by.startswith("branch:") else "agent"
    for stored in posts:
        issue = field_level.assess(stored.post, read(stored.post, (), playbook), playbook)
        if issue is not None and issue.branch == branch.id:
            return issue.kind
    return "onsite"
