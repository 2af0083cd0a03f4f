"""Take a post in: find its case, decide, record all of it in one transaction, wake who must act."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from .. import channels
from ..decide import decide
from ..decide.joining import case_for, new_case_id
from ..decide.targets import contact_by
from ..model.case import Case
from ..model.decision import Decision
from ..model.events import Posted
from ..model.handoff import Handoff
from ..model.post import Post
from ..model.records import AuthorCase, AuthorRecord, ContactRecord, Seen, StoredPost, Thread
from ..model.reply import Reply
from ..model.work import WorkAuthor
from ..playbook import Playbook
from ..table import Record, keys
from ..table.keys import Key
from . import emit, identity, joins, take_change, whole_later
from .audit import line
from .facts import gather
from .services import GRACE
from .snapshot import Snapshot
from .work import back_to_holder, better, requeue

if TYPE_CHECKING:
    from .take_in import Taking

TOLD_IN_PERSON = "person_in_conversation"
MOST_HANDED = 20
"""Of a case's posts the latest ones are handed to a branch."""


def thread_key(post: Post) -> str:
    """One author in one thread: others in the same thread have cases of their own."""
    return f"{post.channel}:{post.thread_id}:{post.author.id}"


def first_keys(event: Posted) -> list[Key]:
    """What is read in the first round."""
    post = event.post
    return [
        keys.seen(post.key),
        *identity.author_keys(post.channel, post.author.id, *post.author.others),
        *identity.silence_keys(post.channel, post.author.id, *post.author.others),
        *([keys.author(post.counted_as)] if post.anonymous else []),
        keys.thread(thread_key(post)),
        *joins.first_keys(post),
        *(keys.contact(each.key) for each in post.contacts),
    ]


def second_keys(event: Posted, snapshot: Snapshot) -> list[Key | None]:
    """What is read in the second round: the cases that the post may join, the burst that it may be part of."""
    who = identity.of(event.post, snapshot)
    post, author = who.post, who.author
    thread = snapshot.get(Thread, keys.thread(thread_key(post)))
    seen = snapshot.get(Seen, keys.seen(post.key))
    found: list[Key | None] = [keys.case(thread.case_id)] if thread else []
    found += [keys.case(case_id) for case_id in (author.open_case, author.last_case) if case_id]
    if author.burst and author.open_case and post.visibility == "private":
        found.append(keys.reply(author.open_case, author.burst))
    found += [keys.case(each.case_id) for each in _contact_records(post, snapshot)]
    if seen is not None and seen.case_id:
        found.append(keys.case(seen.case_id))
        if seen.reply_id:
            found.append(keys.reply(seen.case_id, seen.reply_id))
    if not found:
        found.append(keys.case(new_case_id(post.key)))
    return [*found, *joins.second_keys(post, snapshot)]


def take(event: Posted, taking: Taking) -> None:
    """Record the post on its case and emit; a post that was seen before emits only if this message brought it."""
    snapshot, post = taking.snapshot, event.post
    snapshot.fetch(first_keys(event))
    seen = taking.seen(post.key)
    if seen is not None and not seen.to_come:
        if seen.message_id == taking.source.message_id:
            _emit_again(seen, taking)
        elif seen.outcome == whole_later.NAMELESS and not post.author.unknown:
            awaited, left = whole_later.left_behind(post, seen, taking)
            snapshot.fetch(second_keys(event, snapshot))
            _take_new(post, awaited, taking, left)
        elif seen.outcome == whole_later.HOLLOW and post.text.strip():
            take_change.take(whole_later.words_of(post), taking)
        return
    snapshot.fetch(second_keys(event, snapshot))
    if seen is not None and seen.edited_text is not None:
        post = post.model_copy(update={"text": seen.edited_text})
    if seen is not None and seen.edited_at is not None and seen.edited_text is None:
        post = take_change.noted(post, take_change.UNREAD)
    _take_new(post, seen, taking)


def _take_new(post: Post, awaited: Seen | None, taking: Taking, more: Sequence[Record | None] = ()) -> None:
    snapshot, playbook, now = taking.snapshot, taking.playbook, taking.now
    who = identity.of(post, snapshot)
    post, author = who.post, who.author
    thread = snapshot.get(Thread, keys.thread(thread_key(post)))
    joined = _joined(post, author, thread, snapshot, playbook)
    basis = _basis(post, joined, snapshot) if joined is not None and not _own(joined, author, thread) else None
    case_id = joined.id if joined else _free_case_id(post, snapshot)
    together = _answered_together(post, joined, author, snapshot)
    known = gather(
        post,
        playbook,
        taking.services,
        now,
        case=joined,
        case_id=case_id,
        author=author,
        counted=snapshot.get(AuthorRecord, keys.author(post.counted_as)) if post.anonymous else None,
        seen=awaited,
        answered_together=together,
    )
    decision = decide(post, known, playbook, now)
    wants_answer = decision.lane is not None and not known.answered_by_person and not known.deleted

    case = joined or _opened(case_id, post, decision, now)
    case = case.with_post(post.key, post.at, wants_answer=wants_answer)
    open_url = channels.adapter(post.channel).app_url(post)
    if wants_answer:
        case = case.model_copy(update={"open_url": open_url})
    stored = StoredPost(
        case_id=case.id,
        post=post.model_copy(update={"text": "", "contacts": ()}) if known.deleted else post,
        delivery_id=taking.source.intake.delivery_id,
        decided_at=now,
        playbook_version=playbook.version,
        situation=decision.situation,
        earlier_posts=case.posts - 1,
        silence=decision.silence,
        law=known.law.because if decision.silence == "law" else None,
        open_url=open_url,
        wants_answer=wants_answer,
        state="deleted" if known.deleted else "hidden" if known.hidden else "standing",
        edited_at=awaited.edited_at if awaited else None,
        erased=known.deleted,
        answered_at=awaited.answered_at if awaited else None,
        human_due=decision.human_due if wants_answer else None,
        contact_keys=tuple(each.key for each in post.contacts),
    )
    given, later = _handoff(post, decision, case, taking) if wants_answer else (None, None)
    if given is not None:
        case = case.model_copy(update={"handoffs": (*case.handoffs, given.id)})
    case, judged = _judged(case, post, decision, later, taking)
    reply = _reply(post, decision, case, author, given or later, taking)
    private = _private_reply(post, decision, case, reply)
    if given is not None and reply is not None:
        given = given.model_copy(update={"replies_waiting": (reply.id,)})
    if private is not None:
        case = case.flying(private.id)
    if reply is not None:
        case = case.flying(reply.id)
        stored = stored.model_copy(update={"reply_id": reply.id})
    before = case.work_id
    case = _worked(case, decision, joined, wants_answer, taking)
    author_before, author = author, _author(author, post, case, reply, decision, now)
    if joined is not None and basis is not None:
        author = author.model_copy(update={"linked_from": f"{joined.author_key} ({basis})"})
    mark = taking.marked(
        post.key,
        "post",
        decision.silence or (whole_later.HOLLOW if whole_later.is_hollow(post) else "case"),
        case_id=case.id,
        reply_id=reply.id if reply else None,
    )
    records: list[Record | None] = [mark, stored, case, author, *who.pointers, reply, private, given or judged or later]
    if who.pointers or author_before.last_case != case.id or author_before.last_post_at is None:
        records.append(AuthorCase(author_key=author.key, case_id=case.id))
    if thread is None or thread.case_id != case.id:
        version = thread.version if thread else 0
        records.append(Thread(key=thread_key(post), case_id=case.id, version=version))
    what = "case_opened" if joined is None else "case_reopened" if joined.done else "post_joined"
    why = ", ".join(decision.priority_reasons)[:300] or decision.situation
    records.append(line(case.id, now, what, about=(post.key,), why=why))
    records += _wishes(post, decision, author_before, case, now)
    joined_in = joins.raised(post, case, decision, taking)
    records += joined_in.records
    if basis is not None:
        records.append(line(case.id, now, "identity_linked", about=(post.key,), why=basis))
    records += _contacts(post, case, snapshot, now)
    if decision.severity == 3 and wants_answer:
        # Before the commit: an alarm too many costs a look, one too few perhaps a life.
        taking.services.count("PeopleAtRisk")
    taking.commit([*records, *more])

    if reply is not None:
        taking.messages += emit.nudge(reply, now, taking.services)
    if private is not None:
        taking.messages += emit.nudge(private, now, taking.services)
    if given is not None:
        taking.messages += emit.handoff(given, taking.services)
    if case.work_id is not None and case.work_id != before:
        taking.messages += emit.work(case, taking.services)
    for each in joined_in.cases:
        taking.messages += emit.work(each, taking.services)


def _wishes(post: Post, decision: Decision, author: AuthorRecord, case: Case, now: datetime) -> list[Record | None]:
    """The trail's line of what the author wishes of robots from now on (R25a)."""
    if decision.opts_out and author.opted_out_at is None:
        return [line(case.id, now, "opted_out", by="author", about=(post.key,))]
    if decision.opts_in and author.opted_out_at is not None:
        return [line(case.id, now, "opted_in", by="author", about=(post.key,))]
    return []


def _joined(
    post: Post, author: AuthorRecord, thread: Thread | None, snapshot: Snapshot, playbook: Playbook
) -> Case | None:
    of_thread = snapshot.get(Case, keys.case(thread.case_id)) if thread else None
    own = [each for each in (author.open_case, author.last_case) if each]
    linked = [each.case_id for each in _contact_records(post, snapshot)]
    of_author = [snapshot.get(Case, keys.case(each)) for each in dict.fromkeys((*own, *linked))]
    return case_for(post, of_thread, [case for case in of_author if case is not None], playbook)


def _contact_records(post: Post, snapshot: Snapshot) -> list[ContactRecord]:
    """What is known of the post's verified contacts, the surest first."""
    found = [snapshot.get(ContactRecord, keys.contact(each.key)) for each in post.contacts]
    return [record for record in found if record is not None]


def _own(case: Case, author: AuthorRecord, thread: Thread | None) -> bool:
    """Whether the author's own identity leads to the case, and no link to another one."""
    return case.id in (author.open_case, author.last_case, thread.case_id if thread else None)


def _basis(post: Post, case: Case, snapshot: Snapshot) -> str:
    """On whose word two identities are one customer (R12): the contacts that they share."""
    shared = [
        each.kind.replace("_", " ")
        for each in post.contacts
        if (known := snapshot.get(ContactRecord, keys.contact(each.key))) is not None and known.case_id == case.id
    ]
    return f"same verified {' and '.join(shared)}, told by {post.channel}:{post.account}"


def _contacts(post: Post, case: Case, snapshot: Snapshot, now: datetime) -> list[Record | None]:
    """The rows that lead from the post's verified contacts to its case. They change under condition, as an author's row
    does: of two first posts with one contact at once, the second finds the first one's case."""
    rows: list[Record | None] = []
    for each in post.contacts:
        known = snapshot.get(ContactRecord, keys.contact(each.key))
        rows.append(
            ContactRecord(
                key=each.key,
                case_id=case.id,
                author_key=post.author_key,
                told_by=f"{post.channel}:{post.account}",
                at=now,
                version=known.version if known else 0,
            )
        )
    return rows


def _answered_together(post: Post, joined: Case | None, author: AuthorRecord, snapshot: Snapshot) -> bool:
    """Whether a private message came in late: it was written before its burst's answer went out (R11a)."""
    if joined is None or post.visibility != "private" or not author.burst or author.open_case != joined.id:
        return False
    burst = snapshot.get(Reply, keys.reply(joined.id, author.burst))
    if burst is None or burst.state not in ("sending", "unclear", "sent"):
        return False
    return burst.first_tried_at is not None and post.at <= burst.first_tried_at


def _free_case_id(post: Post, snapshot: Snapshot) -> str:
    attempt = 0
    while snapshot.get(Case, keys.case(new_case_id(post.key, attempt))) is not None:
        attempt += 1
    return new_case_id(post.key, attempt)


def _opened(case_id: str, post: Post, decision: Decision, now: datetime) -> Case:
    return Case(
        id=case_id,
        channel=post.channel,
        account=decision.answer_account,
        author_key=post.author_key,
        author=WorkAuthor(id=post.author.id, handle=post.author.handle, name=post.author.name),
        language=decision.language,
        opened_at=now,
        last_post_at=post.at,
        playbook_version=decision.playbook_version,
    )


def _worked(case: Case, decision: Decision, joined: Case | None, wants_answer: bool, taking: Taking) -> Case:
    """The case with the decision in it: priority, targets, and the live work item if a person must act."""
    now, playbook = taking.now, taking.playbook
    rises = joined is None or joined.done or decision.priority >= case.priority
    update: dict[str, object] = {"playbook_version": decision.playbook_version}
    if rises:
        update |= {
            "priority": decision.priority,
            "priority_reasons": decision.priority_reasons,
            "severity": decision.severity,
            "situation": decision.situation,
        }
    update["skills"] = tuple(dict.fromkeys((*case.skills, *decision.skills)))
    if decision.language != "und":
        update["language"] = decision.language
    if wants_answer:
        waits = case.human_due is not None and len(case.unanswered) > 1
        update["human_due"] = (
            min(case.human_due, decision.human_due) if waits and case.human_due else decision.human_due
        )
        update["at_risk"] = case.at_risk and waits
    changed = case.model_copy(update=update)
    if decision.watched and joined is None:
        watch = timedelta(hours=playbook.case.watch_hours)
        return changed.model_copy(update={"status": "watching", "watch_until": now + watch, "human_due": None})
    if not wants_answer:
        if joined is not None and not joined.done and decision.helped != "yes":
            return changed
        if decision.moderation == "spam":
            return changed.closed("spam")
        if decision.helped == "yes":
            return changed.resolved("helped", now, timedelta(days=playbook.case.reopen_days))
        return changed.settled(now, timedelta(hours=playbook.case.window_hours))
    if case.holder is not None:
        return changed
    if decision.encrypted and case.work_id is not None:
        return changed  # nobody here can read it: the whole talk is one piece of work
    lane = better(decision.lane, case.lane) or "standard"
    kept = back_to_holder(changed, now, playbook, danger=decision.severity == 3)
    same = lane == case.lane and changed.priority == case.priority and kept == case.kept_for_until
    if case.work_id is not None and same:
        return changed
    reason = decision.work_reason or decision.situation
    return changed.queued(lane, reason, now, requeue(playbook), kept_for_until=kept)


def _reply(
    post: Post, decision: Decision, case: Case, author: AuthorRecord, given: Handoff | None, taking: Taking
) -> Reply | None:
    """The acknowledgement to come, the burst's if one is under way, or None with the silence recorded on the post."""
    talking = decision.silence == TOLD_IN_PERSON
    if decision.silence is not None and not talking:
        return None
    now = taking.now
    not_before = max(decision.human_due, now) if talking else decision.not_before
    if post.visibility == "private" and author.burst and author.open_case == case.id and not talking:
        burst = taking.snapshot.get(Reply, keys.reply(case.id, author.burst))
        if burst is not None and burst.state == "pending" and not decision.opts_out:
            until = min(not_before, burst.target or not_before)
            return burst.joined(post.key, until, GRACE)
    return Reply(
        id=f"ack-{post.key}",
        case_id=case.id,
        kind="opt_out" if decision.opts_out else "acknowledgement",
        channel=post.channel,
        account=decision.answer_account,
        endpoint=channels.adapter(post.channel).endpoint(post),
        post_keys=(post.key,),
        author_key=post.author_key,
        in_reply_to=post.post_id,
        recipient=post.author.reached_at if post.visibility == "private" else None,
        severity=decision.severity,
        created_at=now,
        not_before=not_before,
        target=max(decision.human_due, now) if talking else decision.ack_due,
        due_at=not_before + GRACE,
        handoff=given.id if given is not None and given.open else None,
        late_because=TOLD_IN_PERSON if talking else None,
        playbook_version=decision.playbook_version,
    )


def _private_reply(post: Post, decision: Decision, case: Case, reply: Reply | None) -> Reply | None:
    """The one private reply that a platform allows to a public post: the talk goes on where nobody reads along."""
    if decision.private_answer is None or reply is None or reply.kind != "acknowledgement":
        return None
    return reply.model_copy(
        update={"id": f"private-{post.key}", "kind": "private_reply", "endpoint": "private_replies", "version": 0}
    )


def _handoff(post: Post, decision: Decision, case: Case, taking: Taking) -> tuple[Handoff | None, Handoff | None]:
    """``(a new handoff, None)``, ``(None, the one there is with the post added)`` or ``(None, None)`` (R46)."""
    if decision.branch is None:
        return None, None
    if decision.branch in case.handoffs:
        present = taking.snapshot.get(Handoff, keys.handoff(case.id, decision.branch))
        if present is None:
            return None, None
        return None, present.with_more((*present.post_keys, post.key)[-MOST_HANDED:], _next_update(present, taking))
    branch = taking.playbook.branch(decision.branch)
    if branch is None:
        return None, None
    return Handoff(
        id=branch.id,
        case_id=case.id,
        reason=decision.branch_reason or decision.situation,
        post_keys=(post.key,),
        created_at=taking.now,
        contact_by=contact_by(branch, taking.playbook, taking.now),
        due_at=taking.now + GRACE,
        playbook_version=decision.playbook_version,
    ), None


def _judged(
    case: Case, post: Post, decision: Decision, later: Handoff | None, taking: Taking
) -> tuple[Case, Handoff | None]:
    """The customer said whether the branch helped: it stands on the handoff, and the question is over (R49)."""
    branch = case.asked_helped
    if branch is None or decision.helped is None:
        return case, None
    given = later if later is not None and later.id == branch else None
    given = given or taking.snapshot.get(Handoff, keys.handoff(case.id, branch))
    case = case.model_copy(update={"asked_helped": None})
    if given is None or (later is not None and given.id != later.id):
        return case, None
    return case, given.model_copy(update={"helped": decision.helped == "yes", "said": post.key})


def _next_update(present: Handoff, taking: Taking) -> datetime | None:
    """When the branch is mailed of this post: at most once a day (R46); None while its first mail is to come."""
    if present.told_at is None:
        return None
    return max(present.told_at + timedelta(hours=taking.playbook.handoff.update_mail_hours), taking.now)


def _author(
    author: AuthorRecord, post: Post, case: Case, reply: Reply | None, decision: Decision, now: datetime
) -> AuthorRecord:
    update: dict[str, object] = {
        "last_case": case.id,
        "open_case": None if case.done else case.id,
        "last_post_at": max(post.at, author.last_post_at or post.at),
    }
    if reply is not None and post.visibility == "private":
        update["burst"] = reply.id
    if decision.opts_out and author.opted_out_at is None:
        update |= {"opted_out_at": now, "opted_out_by": "author"}
    if decision.opts_in and author.opted_out_at is not None:
        update |= {"opted_out_at": None, "opted_out_by": None, "opted_in_at": now}
    return author.model_copy(update=update)


def _emit_again(seen: Seen, taking: Taking) -> None:
    """The same message again: whatever it caused and is not done yet is emitted under the same ids."""
    if seen.case_id is None:
        return
    case = taking.snapshot.get(Case, keys.case(seen.case_id))
    if case is None:
        return
    if seen.reply_id is not None:
        reply = taking.snapshot.get(Reply, keys.reply(case.id, seen.reply_id))
        if reply is not None:
            taking.messages += emit.nudge(reply, taking.now, taking.services)
    for reply_id in case.in_flight:
        if reply_id == f"private-{seen.key}":
            private = taking.snapshot.get(Reply, keys.reply(case.id, reply_id))
            taking.messages += emit.nudge(private, taking.now, taking.services) if private else []
    for branch in case.handoffs:
        given = taking.snapshot.get(Handoff, keys.handoff(case.id, branch))
        if given is not None:
            taking.messages += emit.handoff(given, taking.services)
    taking.messages += emit.work(case, taking.services)
