"""Which case a post belongs to (R10): one case per customer and issue.

A post joins the case of its author's thread, or the author's open case within the playbook's window; a post after
resolution within the reopen window reopens it; anything else opens a new case.

Example: the same author writes in another thread two hours later -> the open case. Ten days later -> a new one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime, timedelta

from ..model.case import Case
from ..model.post import Post
from ..playbook import Playbook

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no letter that is taken for a digit."""


def case_for(post: Post, of_thread: Case | None, of_author: Iterable[Case], playbook: Playbook) -> Case | None:
    """The case that the post joins (or reopens), None when it opens one. ``of_author`` in order of preference."""
    if of_thread is not None and _takes(of_thread, post.at, playbook, window=False):
        return of_thread
    return next((case for case in of_author if _takes(case, post.at, playbook, window=True)), None)


def _takes(case: Case, at: datetime, playbook: Playbook, *, window: bool) -> bool:
    if case.status == "resolved":
        return case.close_at is not None and at < case.close_at
    if case.status in ("closed", "walked_away"):
        return False
    return not window or at - case.last_post_at <= timedelta(hours=playbook.case.window_hours)


def new_case_id(post_key: str, attempt: int = 0) -> str:
    """Eight characters of Crockford's base 32: 40 bits that follow from the post, so that a repeated try opens the
    same case. Whoever opens the case checks that the id is free and raises ``attempt`` if not."""
    number = int.from_bytes(hashlib.sha256(f"{post_key}|{attempt}".encode()).digest()[:5], "big")
    return "".join(ALPHABET[number >> shift & 31] for shift in range(35, -1, -5))
