"""What the customer is told later about a handoff (R49): that the branch has it, that it was done, whether it helped.

Why not always by the robot: where a platform allows one automated reply only, or a person is talking with the author,
the same words wait for an agent, ready to send. Who asked robots to be silent, or deleted the post, is told nothing.

Examples: a Facebook comment, done -> said in its thread; an X post that was acknowledged -> an agent's ready reply.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from firstline.model.decision import Known, Silence
from firstline.model.handoff import Handoff
from firstline.model.post import Post
from firstline.playbook import Branch, Playbook

from . import addressee, silence
from .when import day_named
from .wording import Around, compose

UpdateKind = Literal[
    "branch_accepted", "branch_contacted", "branch_done", "branch_tried", "branch_agreed", "branch_moved"
]
AN_AGENTS_TURN: frozenset[str] = frozenset(
    {"law", "window_closed", "robot_cap", "person_in_conversation", "robots_off", "author_unknown", "unread"}
)
"""Silences of the robot in which a person may still say it."""


class Update(NamedTuple):
    """The words and their wording's id, and who says them; ``text`` is None when nothing is to be said."""

    text: str | None
    wording: str | None
    by: Literal["robot", "agent", "nobody"]
    why: str = ""


IN_EACH_THREAD: frozenset[str] = frozenset({"branch_contacted", "branch_done", "branch_moved"})
"""Outcomes: they count as the answer to every post of the handoff, so they are told in every thread; and that another
branch has it than the one that was named there."""
MORE_THAN_ONCE: frozenset[str] = frozenset({"branch_tried", "branch_agreed"})
"""What may be told again: the next try, another day."""


def last_of_each_thread(posts: Iterable[Post]) -> list[Post]:
    """Where an outcome is told: the last post of each thread, in the order in which the threads were last written to.

    A private talk is one thread. In public a top-level post starts one; a reply belongs to the author's own post above
    it, else to its conversation.
    """
    found = list(posts)
    own = {post.post_id for post in found}
    last: dict[str, Post] = {}
    for post in sorted(found, key=lambda each: each.at):
        if post.visibility == "private":
            thread = f"private:{post.thread_id}"
        elif post.top_level:
            thread = post.post_id
        else:
            thread = next((each for each in (post.thread_id, post.parent_id) if each in own), post.thread_id)
        last.pop(thread, None)
        last[thread] = post
    return list(last.values())


def update(
    kind: UpdateKind,
    post: Post,
    language: str,
    branch: Branch,
    known: Known,
    playbook: Playbook,
    now: datetime,
    given: Handoff | None = None,
) -> Update:
    """What is to be said now. ``language`` is the case's; without wordings in it the brand's language is used.
    ``given`` knows the day of a next try or of what was agreed."""
    spoken = language if language in playbook.languages else playbook.brand.language
    silent = silence.why(post, kind, known, playbook, now)
    reason: Silence | None = silent[0] if silent else "law" if known.law.once else None
    if reason is not None and reason not in AN_AGENTS_TURN and reason != "answered_by_person":
        return Update(None, None, "nobody", reason)
    values = {
        "name": addressee.first_name(post.author, playbook),
        "ref": known.case_ref,
        "when": _day(kind, given, branch, spoken, playbook),
        "ask": "",
        "branch": branch.name,
        "team": playbook.brand.team,
    }
    explanation = "" if spoken == language else playbook.explanations.get(language, "")
    words = compose(kind, spoken, Around(explanation=explanation), values, f"{post.key}/{kind}", known, playbook)
    if words is None:
        return Update(None, None, "nobody", f"no wording for {kind}")
    robot = reason in (None, "answered_by_person") and not known.robots_off
    return Update(words.text, words.wording, "robot" if robot else "agent", reason or "")


def _day(kind: UpdateKind, given: Handoff | None, branch: Branch, language: str, playbook: Playbook) -> str:
    """The day that the words name, on the branch's calendar."""
    on = given.agreed_for if given is not None and kind == "branch_agreed" else None
    if given is not None and given.next_try is not None and kind == "branch_tried":
        on = given.next_try.astimezone(ZoneInfo(branch.time_zone)).date()
    return day_named(on, language, playbook.brand.language) if on else ""
