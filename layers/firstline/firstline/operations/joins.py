"""Others join in below a post that only mentions the brand: it is watched no longer, but a case (R31).

The post that is joined is known by the thread that the newcomer's post names: its root, its parent, or what it quotes.
No row is kept for this: the mark of that post says which case it is on. A watched case changes once, by the first who
joins in; later ones find it raised already, so that a busy thread does not write to it again and again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ..model.case import Case
from ..model.decision import Decision
from ..model.post import Post
from ..model.records import Seen
from ..table import Record, keys
from ..table.keys import Key
from .audit import line
from .snapshot import Snapshot
from .work import need_agent

if TYPE_CHECKING:
    from .take_in import Taking

WHY = "others join in"


class Raised(NamedTuple):
    """Watched cases that became work, and all records of that."""

    cases: tuple[Case, ...] = ()
    records: tuple[Record | None, ...] = ()


def _around(post: Post) -> tuple[str, ...]:
    """Keys of the posts that this one is written to: thread, parent, quoted."""
    if post.visibility == "private":
        return ()
    ids = dict.fromkeys(each for each in (post.thread_id, post.parent_id, post.quoted_id) if each)
    return tuple(f"{post.channel}:{each}" for each in ids if each != post.post_id)


def first_keys(post: Post) -> list[Key]:
    """What is read in the first round: whether one of those posts was seen."""
    return [keys.seen(key) for key in _around(post)]


def second_keys(post: Post, snapshot: Snapshot) -> list[Key | None]:
    """What is read in the second round: their cases."""
    seen = [snapshot.get(Seen, keys.seen(key)) for key in _around(post)]
    return [keys.case(each.case_id) for each in seen if each is not None and each.case_id]


def raised(post: Post, own: Case, decision: Decision, taking: Taking) -> Raised:
    """The watched cases of other authors that this post joins; spam and insults raise nothing."""
    if decision.moderation != "none":
        return Raised()
    snapshot, now = taking.snapshot, taking.now
    cases: list[Case] = []
    records: list[Record | None] = []
    for key in _around(post):
        seen = snapshot.get(Seen, keys.seen(key))
        case = snapshot.get(Case, keys.case(seen.case_id)) if seen is not None and seen.case_id else None
        if case is None or case.status != "watching" or case.id == own.id or case.author_key == post.author_key:
            continue
        if any(case.id == each.id for each in cases):
            continue
        awaken = case.model_copy(update={"unanswered": (key,), "human_due": decision.human_due})
        work = need_agent(awaken, WHY, now, taking.playbook)
        cases.append(work)
        records += [work, line(case.id, now, "others_joined_in", by="platform", about=(key, post.key))]
    return Raised(tuple(cases), tuple(records))
