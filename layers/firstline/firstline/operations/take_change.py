"""Take edits and deletions in, also those that arrive before their post (R6), and hiding and its undoing (R33)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..decide import decide
from ..model.case import Case
from ..model.events import Deleted, Edited
from ..model.post import Post
from ..model.records import OwnPost, Seen, StoredPost
from ..model.reply import Reply
from ..table import Record, keys
from ..table.keys import Key
from . import emit, identity, look_up
from .audit import line
from .facts import gather
from .removal import relieved, without_text
from .snapshot import Snapshot
from .work import back_to_holder, better, need_agent, requeue

if TYPE_CHECKING:
    from .take_in import Taking


UNREAD = "edited, see the app"
"""What agents read where the platform told of an edit without its words."""


def _post_key(event: Edited | Deleted) -> str:
    return f"{event.channel}:{event.post_id}"


def _own_key(event: Edited | Deleted) -> str:
    """The mark of the brand's own words, which a platform may tell the changes of in the same way."""
    return f"{_post_key(event)}#own"


def first_keys(event: Edited | Deleted) -> list[Key]:
    """What is read in the first round."""
    return [keys.seen(_post_key(event)), keys.seen(_own_key(event))]


def second_keys(event: Edited | Deleted, snapshot: Snapshot) -> list[Key | None]:
    """What is read in the second round."""
    seen = snapshot.get(Seen, keys.seen(_post_key(event)))
    if seen is None or seen.case_id is None or seen.kind != "post":
        return []
    reply = keys.reply(seen.case_id, seen.reply_id) if seen.reply_id else None
    return [keys.case(seen.case_id), keys.post(seen.case_id, seen.key), reply]


def take(event: Edited | Deleted, taking: Taking) -> None:
    """Apply the change to the post, or remember it for the post that is still to come."""
    if taking.taken(event.key):
        return
    snapshot = taking.snapshot
    snapshot.fetch(first_keys(event))
    snapshot.fetch(second_keys(event, snapshot))
    key = _post_key(event)
    seen = taking.seen(key)
    own = taking.seen(_own_key(event))
    if own is not None and own.case_id is not None:
        _own_words(event, own, own.case_id, taking)
        return
    if seen is None or seen.to_come:
        if isinstance(event, Edited) and event.unread is not None:
            look_up.ask(event.unread, taking, taking.marked(event.key, "change", "asked"))
            return
        _remember(event, seen or taking.marked(key, "awaited", "awaited"), taking)
        return
    stored = snapshot.get(StoredPost, keys.post(seen.case_id, key)) if seen.case_id else None
    case = snapshot.get(Case, keys.case(seen.case_id)) if seen.case_id else None
    if stored is None or case is None:
        taking.commit([taking.marked(event.key, "change", "no_post_of_a_case")])
        return
    reply = snapshot.get(Reply, keys.reply(case.id, seen.reply_id)) if seen.reply_id else None
    if isinstance(event, Edited) and event.readable:
        _edit(event, stored, case, reply, taking)
    elif isinstance(event, Edited):
        _unread_edit(event, stored, case, taking)
    else:
        _delete(event, stored, case, reply, taking)


def _own_words(event: Edited | Deleted, own: Seen, case_id: str, taking: Taking) -> None:
    """A person of the brand changed or took back, in the app, what the brand had said: the case shows what stands."""
    written = taking.snapshot.get(OwnPost, keys.own_post(case_id, own.key))
    unread = isinstance(event, Edited) and not event.readable
    text = event.text if isinstance(event, Edited) else ""
    what = "own_words_edited" if isinstance(event, Edited) else f"own_words_{event.how}"
    about = (own.reply_id or own.key, *((event.key,) if unread else ()))
    taking.commit(
        [
            taking.marked(event.key, "change", what, case_id=case_id),
            written.model_copy(update={"text": text}) if written is not None and not unread else None,
            line(case_id, taking.now, what, by="person", about=about, why=UNREAD if unread else None),
        ]
    )


def _remember(event: Edited | Deleted, awaited: Seen, taking: Taking) -> None:
    if isinstance(event, Edited):
        newer = awaited.edited_text is None or awaited.edited_at is None or event.at >= awaited.edited_at
        words = event.text if event.readable else awaited.edited_text
        update: dict[str, object] = {"edited_at": event.at, "edited_text": words} if newer else {}
    elif event.how == "deleted":
        update = {"deleted_at": event.at, "edited_text": None}
    else:
        update = {"hidden": event.how == "hidden"}
    taking.commit([taking.marked(event.key, "change", "before_its_post"), awaited.model_copy(update=update)])


def _edit(event: Edited, stored: StoredPost, case: Case, reply: Reply | None, taking: Taking) -> None:
    """The newest text counts; what it says may make the case more urgent, never less. A reply that waits is worded
    when it is sent, and so from the new text."""
    now = taking.now
    mark = taking.marked(event.key, "change", "edited", case_id=case.id)
    if stored.state == "deleted" or (stored.edited_at is not None and stored.edited_at > event.at):
        taking.commit([mark])
        return
    post = _read_after_all(stored.post).model_copy(update={"text": event.text})
    author = identity.present(post.author_key, taking.snapshot)
    known = gather(post, taking.playbook, taking.services, now, case=case, author=author, stored=stored)
    decision = decide(post, known, taking.playbook, now)
    before = case.work_id
    if decision.priority > case.priority and decision.lane is not None and stored.answered_at is None:
        case = case.model_copy(
            update={
                "priority": decision.priority,
                "priority_reasons": decision.priority_reasons,
                "severity": decision.severity,
                "human_due": min(case.human_due or decision.human_due, decision.human_due),
            }
        )
        if case.holder is None:
            lane = better(decision.lane, case.lane) or "standard"
            kept = back_to_holder(case, now, taking.playbook, danger=decision.severity == 3)
            why, pause = decision.work_reason or "edited", requeue(taking.playbook)
            case = case.queued(lane, why, now, pause, announced=False, kept_for_until=kept)
    records: list[Record | None] = [
        mark,
        stored.model_copy(update={"post": post, "edited_at": event.at, "situation": decision.situation}),
        case,
        line(case.id, now, "post_edited", by="author", about=(stored.key,)),
    ]
    if decision.opts_out and author is not None and author.opted_out_at is None:
        records += [
            author.model_copy(update={"opted_out_at": now, "opted_out_by": "author"}),
            line(case.id, now, "opted_out", by="author", about=(stored.key,)),
        ]
        if reply is not None and reply.state == "pending" and reply.post_keys == (stored.key,):
            records.append(reply.model_copy(update={"kind": "opt_out"}))
    taking.commit(records)
    if case.work_id != before:
        taking.messages += emit.work(case, taking.services)


def _unread_edit(event: Edited, stored: StoredPost, case: Case, taking: Taking) -> None:
    """The words that are known stay. The platform is asked for the new ones, else an agent looks into the app."""
    now = taking.now
    mark = taking.marked(event.key, "change", "edited_unread", case_id=case.id)
    if stored.state == "deleted":
        taking.commit([mark])
        return
    before = case.work_id
    if event.unread is None and not case.done:
        case = need_agent(case, "a post was edited: the new words are in the app only", now, taking.playbook)
    records = [
        stored.model_copy(update={"post": noted(stored.post, UNREAD)}),
        case,
        line(case.id, now, "post_edited", by="author", about=(stored.key, event.key), why=UNREAD),
    ]
    if event.unread is None:
        taking.commit([mark, *records])
    else:
        look_up.ask(event.unread, taking, mark, *records)
    if case.work_id != before:
        taking.messages += emit.work(case, taking.services)


def noted(post: Post, note: str) -> Post:
    """The post with a note for the agents beside those that it has."""
    notes = [each for each in (post.incomplete or "").split("; ") if each and each != note]
    return post.model_copy(update={"incomplete": "; ".join((*notes, note))})


def _read_after_all(post: Post) -> Post:
    """The post without the note that its new words are not known."""
    notes = [each for each in (post.incomplete or "").split("; ") if each and each != UNREAD]
    return post.model_copy(update={"incomplete": "; ".join(notes) or None})


def _delete(event: Deleted, stored: StoredPost, case: Case, reply: Reply | None, taking: Taking) -> None:
    """The text goes, the trail stays; nobody answers what is gone. A hidden post may come back."""
    now = taking.now
    records: list[Record | None] = [taking.marked(event.key, "change", event.how, case_id=case.id)]
    if event.how == "restored":
        taking.commit(
            [
                *records,
                stored.model_copy(update={"state": "standing"}),
                line(case.id, now, "post_restored", by="platform", about=(stored.key,)),
            ]
        )
        return
    if event.how == "deleted":
        records.append(without_text(stored))
    else:
        records.append(stored.model_copy(update={"state": "hidden"}))
    if reply is not None and reply.state == "pending" and reply.post_keys == (stored.key,):
        records.append(reply.cancelled(event.how, now))
        case = case.landed(reply.id)
    case = relieved(case, stored.key, now, taking.playbook, gone=event.how == "deleted")
    records += [case, line(case.id, now, f"post_{event.how}", by="platform", about=(stored.key,))]
    taking.commit(records)
