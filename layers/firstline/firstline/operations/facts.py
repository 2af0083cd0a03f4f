"""The facts that a decision rests on, gathered from records."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from .. import channels
from ..model.case import Case, reference
from ..model.decision import Known
from ..model.handoff import Handoff
from ..model.law import Law
from ..model.post import Post
from ..model.records import AuthorRecord, Seen, StoredPost
from ..playbook import Playbook
from .services import Services

HOUR = timedelta(hours=1)


def law_for(post: Post, playbook: Playbook) -> Law:
    """What the platform allows a robot to say to this post."""
    account = playbook.account(post.channel, post.account)
    plan = (account.plan if account else None) or "self_serve"
    law = channels.adapter(post.channel).law(post, plan)
    if account is None or account.max_length is None or account.max_length >= law.max_length:
        return law
    return law.model_copy(update={"max_length": account.max_length})


def person_in_conversation(case: Case | None, playbook: Playbook, now: datetime) -> bool:
    """Whether a person of the brand is talking with the author: then no robot speaks, until a human target is missed
    (R11a)."""
    if case is None:
        return False
    if case.human_due is not None and case.human_due <= now and case.unanswered:
        return False
    spoke = case.last_human_at
    return spoke is not None and now - spoke < timedelta(minutes=playbook.case.conversation_minutes)


def handoff_state(given: Handoff | None) -> str:
    """The state of a handoff as decisions know it."""
    if given is None:
        return "none"
    return {"pending": "waiting", "sending": "waiting", "mailed": "mailed"}.get(given.state, "failed")


def spoken_last_hour(author: AuthorRecord, now: datetime) -> int:
    """How often robots spoke to the author within an hour."""
    return sum(1 for moment in author.robot_words if now - moment < HOUR)


def gather(
    post: Post,
    playbook: Playbook,
    services: Services,
    now: datetime,
    *,
    case: Case | None = None,
    case_id: str = "",
    author: AuthorRecord | None = None,
    counted: AuthorRecord | None = None,
    stored: StoredPost | None = None,
    seen: Seen | None = None,
    given: Handoff | None = None,
    **more: Any,
) -> Known:
    """All that is known about a post. ``counted`` is under whom robots' words to strangers are counted
    (`Post.counted_as`). ``more`` goes into `Known` as it is."""
    facts: dict[str, Any] = {
        "law": law_for(post, playbook),
        "hold_back_override": services.settings.hold_back_seconds,
        "chat_pause_override": services.settings.chat_pause_seconds,
        "last_message_at": post.at,
        "handoff": handoff_state(given),
    }
    if case is not None:
        facts |= {
            "case_ref": case.ref,
            "earlier_posts": case.posts,
            "first_post_at": case.opened_at,
            "promised_until": case.promised_until,
            "person_in_conversation": person_in_conversation(case, playbook, now),
            "branch": case.handoffs[-1] if case.handoffs else None,
            "asked_helped": case.asked_helped is not None,
            "awaited": case.status == "waiting_for_customer",
        }
    elif case_id:
        facts["case_ref"] = reference(case_id)
    if author is not None:
        facts |= {
            "recent_wordings": author.recent_wordings,
            "opted_out": author.opted_out_at is not None,
            "walked_away": author.walked_away_until is not None and author.walked_away_until > now,
            "robot_words_last_hour": spoken_last_hour(author, now),
        }
        if author.last_post_at is not None:
            facts["last_message_at"] = max(author.last_post_at, post.at)
    if counted is not None:
        facts["robot_words_last_hour"] = spoken_last_hour(counted, now)
    if stored is not None:
        facts |= {
            "answered_by_person": stored.answered_at is not None,
            "deleted": stored.state == "deleted",
            "hidden": stored.state == "hidden",
        }
    if seen is not None and seen.to_come:
        facts |= {
            "answered_by_person": seen.answered_at is not None,
            "deleted": seen.deleted_at is not None,
            "hidden": seen.hidden,
        }
    return Known(**{**facts, **more})
