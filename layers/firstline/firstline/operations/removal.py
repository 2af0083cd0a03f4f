"""A post is gone from the platform: its text goes here, too, and nobody needs to answer it any more (R6, R65)."""

from __future__ import annotations

from datetime import datetime, timedelta

from ..model.case import Case
from ..model.records import StoredPost
from ..playbook import Playbook


def without_text(stored: StoredPost) -> StoredPost:
    """The post as a place in its thread, without anything that was said."""
    nothing: dict[str, object] = {"text": "", "media": (), "quoted_text": None, "parent_text": None, "contacts": ()}
    gone = stored.post.model_copy(update=nothing)
    return stored.model_copy(update={"state": "deleted", "post": gone, "erased": True})


def relieved(case: Case, key: str, now: datetime, playbook: Playbook, *, gone: bool) -> Case:
    """The case without that post to answer: over when it was all there was (``gone``: deleted, not only hidden), else
    the customer's turn."""
    case = case.without_post(key)
    if case.unanswered or case.holder is not None or case.work_id is None:
        return case
    if gone and case.posts <= 1:
        return case.closed("deleted_by_customer")
    return case.waiting_for_customer(now, timedelta(hours=playbook.case.window_hours))
