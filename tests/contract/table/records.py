"""Records as operations write them, with only what a test speaks of said."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from firstline.model.case import Case
from firstline.model.post import Author, Post
from firstline.model.records import AuthorRecord, StoredPost
from firstline.model.reply import Reply
from firstline.model.work import WorkAuthor
from tests.builders import CARE

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)


def minutes(number: float) -> timedelta:
    """So many minutes."""
    return timedelta(minutes=number)


def a_case(case_id: str, **changes: Any) -> Case:
    """A case of an author on X."""
    fields: dict[str, Any] = {
        "id": case_id,
        "channel": "x",
        "account": CARE,
        "author_key": f"x:author-{case_id}",
        "author": WorkAuthor(id=f"author-{case_id}"),
        "language": "en",
        "opened_at": NOW,
        "last_post_at": NOW,
        "playbook_version": "test-1",
    }
    return Case(**{**fields, **changes})


def waiting(case_id: str, lane: str = "standard", *, priority: int = 50, due: datetime = NOW) -> Case:
    """A case that waits for an agent in a lane."""
    case = a_case(case_id, priority=priority, human_due=due)
    return case.queued(lane, "first", NOW, minutes(60))  # type: ignore[arg-type]


def a_reply(reply_id: str, *, severity: int = 1, not_before: datetime = NOW, **changes: Any) -> Reply:
    """An acknowledgement that waits in the outbox of the care account."""
    fields: dict[str, Any] = {
        "id": reply_id,
        "case_id": f"case-{reply_id}",
        "kind": "acknowledgement",
        "channel": "x",
        "account": CARE,
        "endpoint": "posts",
        "post_keys": ("x:1",),
        "author_key": "x:501",
        "severity": severity,
        "created_at": NOW,
        "not_before": not_before,
        "due_at": not_before + minutes(1),
    }
    return Reply(**{**fields, **changes})


def a_stored_post(case_id: str, post_id: str, text: str) -> StoredPost:
    """A post on its case."""
    return StoredPost(
        case_id=case_id,
        post=Post(
            channel="x",
            account=CARE,
            post_id=post_id,
            author=Author(id="501"),
            text=text,
            at=NOW,
            thread_id=post_id,
        ),
        delivery_id="d",
        decided_at=NOW,
        playbook_version="test-1",
        situation="first",
    )


def an_author(author_id: str, **changes: Any) -> AuthorRecord:
    """An author on X."""
    return AuthorRecord(key=f"x:{author_id}", **changes)
