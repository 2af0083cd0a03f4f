"""What Messenger lets a robot say."""

from __future__ import annotations

from urllib.parse import urlencode

from ...model.law import Clause, Law, Requirement, Terms
from ...model.post import Post

MAX_TEXT = 2000  # unconfirmed
WINDOW = 24 * 3600
HUMAN_WINDOW = 7 * 24 * 3600

CLAUSES: dict[str, Clause] = {
    clause.name: clause
    for clause in (
        Clause(
            name="messenger_window",
            says="A robot may write within 24 hours of the person's last message.",
            source="Meta: messenger-platform/send-messages (standard messaging window)",
            date="2026-08",
        ),
        Clause(
            name="messenger_human_agent",
            says="After the window only people may write, for 7 days, under the tag HUMAN_AGENT; automated messages may not.",
            source="Copies of Meta: message-tags (botmother, Atlassian)",
            date="2026-08",
        ),
        Clause(
            name="thread_owner",
            says="While another app holds the conversation (standby), do not answer without taking it over.",
            source="Meta: messenger-platform/handover-protocol",
            date="2026-08",
        ),
        Clause(
            name="messenger_stop",
            says="Who stops notifications (optin: notification_messages_status STOP_NOTIFICATIONS) gets no marketing "
            "messages any more. Firstline sends none; answers to their own messages go on.",
            source="Meta: messenger-platform/webhooks/webhook-events/messaging_optins",
            date="2026-11",
        ),
    )
}

TERMS: dict[str, Terms] = {
    "messages": Terms(
        endpoint="messages",
        who="whoever_wrote_here",
        window=WINDOW,
        human_window=HUMAN_WINDOW,
        human_tag="HUMAN_AGENT",
        clauses=("messenger_window", "messenger_human_agent", "thread_owner", "messenger_stop"),
    )
}

REQUIREMENTS: tuple[Requirement, ...] = ()


def law(post: Post, plan: str) -> Law:
    """Messenger knows no plans: ``plan`` changes nothing."""
    ours = post.kind != "standby"
    return Law(
        automatic=ours,
        because=None if ours else "thread_owner",
        window_ends_after=TERMS["messages"].window,
        max_length=MAX_TEXT,
        clauses=("messenger_window", "messenger_human_agent") if ours else ("thread_owner",),
    )


def endpoint(post: Post) -> str:
    """All are ``messages``."""
    return "messages"


def app_url(post: Post) -> str:
    """The conversation in the Page's inbox (Meta Business Suite; unconfirmed)."""
    talk = {"asset_id": post.account, "selected_item_id": post.author.id, "thread_type": "FB_MESSAGE"}
    return f"https://business.facebook.com/latest/inbox/all?{urlencode(talk)}"
