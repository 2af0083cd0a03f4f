"""Whether a robot may speak at all, or why not (R11a, R21, R24, R25a, R31).

Why: a wrong word costs more than no word; every silence has a reason that is recorded and shown. Being silent does
not mean doing nothing: except for spam, insults and what is gone, a person still gets the work.

Examples: the author deleted the post -> deleted; an agent answered in the app -> answered_by_person; the platform
forbids it -> law; the platform does not say who wrote it -> author_unknown; the twenty-first robot's word to one author in an hour -> robot_cap (two machines talking).
"""

from __future__ import annotations

from datetime import datetime, timedelta

from firstline.model.decision import Known, Silence
from firstline.model.post import UNREAD, Post
from firstline.playbook import Playbook

WITHOUT_WORK: frozenset[str] = frozenset({"spam", "talk", "house_rules", "deleted", "answered_by_person", "watched"})
"""Silences after which nobody needs to act (unless somebody may get hurt)."""

NEVER_TOGETHER: frozenset[str] = frozenset({"safety", "opt_out_confirmed"})
"""Situations whose words must be said even to a late message of a burst."""


def why(post: Post, situation: str, known: Known, playbook: Playbook, now: datetime) -> tuple[Silence, str] | None:
    """The first reason that holds, in words too, or None if a robot may speak."""
    window = known.law.window_ends_after
    last_word = known.last_message_at or post.at
    cap = playbook.robot_cap_per_author_hour
    reasons: tuple[tuple[bool, Silence, str], ...] = (
        (known.deleted, "deleted", "the post is gone"),
        (known.hidden, "hidden", "the post is hidden from view"),
        (situation == "spam", "spam", "spam gets no answer"),
        (situation == "talk", "talk", "small talk: nothing is asked, nothing is promised"),
        (known.answered_by_person, "answered_by_person", "a person answered this post"),
        (situation == "sensitive", "sensitive", "death, violence, a child or the like: only a person answers"),
        (is_watched(post, known, playbook), "watched", "it is about the brand, not to it"),
        (
            known.answered_together and situation not in NEVER_TOGETHER,
            "answered_together",
            "the answer to the burst was for this message too",
        ),
        (known.opted_out, "opted_out", "the author asked robots to be silent"),
        (known.walked_away, "walked_away", "we walked away from this author for a time"),
        (known.person_in_conversation, "person_in_conversation", "a person is in conversation with the author"),
        (
            situation == "house_rules" and playbook.rules.abuse.policy == "silence",
            "house_rules",
            "nothing but insults: silence, by policy",
        ),
        (known.robots_off, "robots_off", "automatic words are switched off"),
        (post.author.unknown, "author_unknown", "nobody knows who wrote it: it may be the brand itself"),
        (post.kind == UNREAD, "unread", "it is of a kind that only people can read, in the app"),
        (not known.law.automatic, "law", f"the platform allows no robot's answer here: {known.law.because or 'law'}"),
        (
            window is not None and now - last_word > timedelta(seconds=window),
            "window_closed",
            "the platform's window for messages is closed",
        ),
        (known.robot_words_last_hour >= cap, "robot_cap", f"{cap} robot's words to this author within an hour"),
    )
    return next(((silence, said) for holds, silence, said in reasons if holds), None)


def is_watched(post: Post, known: Known, playbook: Playbook) -> bool:
    """Whether it only mentions the brand; who comes back a second time, or reaches many, is cared for instead."""
    return not post.addressed and known.earlier_posts == 0 and not reaches_many(post, playbook)


def reaches_many(post: Post, playbook: Playbook) -> bool:
    """Whether as many people see it as the playbook's limit says (R31)."""
    limit = playbook.rules.reach_limit
    return limit is not None and max(post.author.followers or 0, post.reach or 0) >= limit
