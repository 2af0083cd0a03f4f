"""What is known about a post when it is decided about, and what is decided."""

from __future__ import annotations

from typing import Literal

from .base import Instant, Value
from .law import Law

Lane = Literal["urgent", "standard", "email"]
Silence = Literal[
    "spam",
    "talk",
    "sensitive",
    "house_rules",
    "law",
    "watched",
    "person_in_conversation",
    "answered_by_person",
    "answered_together",
    "deleted",
    "hidden",
    "opted_out",
    "walked_away",
    "robot_cap",
    "window_closed",
    "robots_off",
    "author_unknown",
    "unread",
]


class Known(Value):
    """Facts beside the post and the playbook. The defaults are those of an author's very first post.

    ``earlier_posts`` counts the author's posts in this case before this one; ``burst`` holds the texts of the other
    messages of the same chat burst in order (R11a); ``recent_wordings`` the ids of wordings that this author was sent,
    newest last; ``attempt`` is raised by one for every refusal as duplicate, so that another wording is taken.
    ``handoff`` is the state of the handoff to the decided branch: ``none`` before there is one, ``waiting`` until the
    mail was accepted for sending, ``mailed``, or ``failed`` (not accepted in time, refused, unclear).
    """

    law: Law = Law()
    case_ref: str = "FL-0000-0000"
    earlier_posts: int = 0
    first_post_at: Instant | None = None
    burst: tuple[str, ...] = ()
    recent_wordings: tuple[str, ...] = ()
    attempt: int = 0
    handoff: Literal["none", "waiting", "mailed", "failed"] = "none"
    branch: str | None = None
    """The branch that already has (or is about to get) this case's handoff."""
    answered_together: bool = False
    """It was written before the answer to its burst went out, and came in after: the answer was for all of it."""
    asked_helped: bool = False
    """The customer was asked whether it helped, and has not said."""
    awaited: bool = False
    """A person waits for the customer's answer: then "sent!" is one."""
    answered_by_person: bool = False
    person_in_conversation: bool = False
    deleted: bool = False
    hidden: bool = False
    opted_out: bool = False
    robots_off: bool = False
    """Whether somebody switched all automatic words off, for this account or for all."""
    walked_away: bool = False
    robot_words_last_hour: int = 0
    promised_until: Instant | None = None
    """The next update that an earlier answer in this case promised in words (R19)."""
    last_message_at: Instant | None = None
    """The person's latest message, for windows."""
    hold_back_override: int | None = None
    """Seconds, from the deployment's parameter; None: the playbook's."""
    chat_pause_override: int | None = None


class RuleFired(Value):
    """A rule that had a say: its file's name and why, in words for people."""

    rule: str
    why: str


class Decision(Value):
    """The decision about one post: a pure function of post, known facts, playbook and now.

    Times are absolute (UTC). ``answer`` is the text a robot sends (None with ``silence`` set, or when an agent must
    answer first); ``private_answer`` the text of the one private reply where the law has it and the situation asks for
    it. ``wait_for_handoff`` is true when the answer should wait for the branch's mail until ``wait_until``.
    ``lane`` is None when no person needs to act.
    """

    language: str
    answer_language: str
    situation: str
    situations: tuple[str, ...]
    priority: int
    priority_reasons: tuple[str, ...]
    severity: Literal[0, 1, 2, 3]
    lane: Lane | None
    work_reason: str
    skills: tuple[str, ...]
    branch: str | None = None
    branch_reason: str | None = None
    moderation: Literal["none", "spam", "abuse"] = "none"
    tone: Literal["calm", "upset", "abusive", "happy"] = "calm"
    personal_data: tuple[str, ...] = ()
    helped: Literal["yes", "no"] | None = None
    """What the customer says of the branch's help, once asked."""
    watched: bool = False
    encrypted: bool = False
    """Nobody here can read it."""
    opts_out: bool = False
    """The author asks robots to be silent."""
    opts_in: bool = False
    """The author, who had asked for silence, lets robots speak again."""
    silence: Silence | None = None
    answer: str | None = None
    wording: str | None = None
    private_answer: str | None = None
    private_wording: str | None = None
    answer_account: str
    not_before: Instant
    ack_due: Instant
    human_due: Instant
    promised_until: Instant | None = None
    """The time that the answer names for the next update."""
    wait_for_handoff: bool = False
    wait_until: Instant | None = None
    rules: tuple[RuleFired, ...] = ()
    law: tuple[str, ...] = ()
    playbook_version: str
