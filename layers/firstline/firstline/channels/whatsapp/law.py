"""What WhatsApp lets a robot say."""

from __future__ import annotations

from urllib.parse import urlencode

from ...model.law import Clause, Law, Requirement, Terms
from ...model.post import Post

MAX_TEXT = 4096
WINDOW = 24 * 3600
GROUP = "group"

CLAUSES: dict[str, Clause] = {
    clause.name: clause
    for clause in (
        Clause(
            name="whatsapp_window",
            says="Free text goes only within 24 hours of the person's last message; afterwards approved templates only.",
            source="Meta: whatsapp/cloud-api/guides/send-messages (customer service window)",
            date="2026-08",
        ),
        Clause(
            name="whatsapp_text_length",
            says="A text message holds 4,096 characters.",
            source="Meta: whatsapp/cloud-api/reference/messages; david-lev/pywa and nyaruka/courier",
            date="2026-08",
        ),
        Clause(
            name="whatsapp_group",
            says="What is said in a group is read by people who did not write to the brand: no robot answers there.",
            source="Our own rule; group_id in webhooks after restfb and nyaruka/courier",
            date="2026-08",
        ),
    )
}

TERMS: dict[str, Terms] = {
    "messages": Terms(
        endpoint="messages",
        who="whoever_wrote_here",
        window=WINDOW,
        clauses=("whatsapp_window", "whatsapp_text_length"),
    ),
    "groups": Terms(endpoint="groups", who="nobody", window=WINDOW, clauses=("whatsapp_group",)),
}

REQUIREMENTS: tuple[Requirement, ...] = ()


def law(post: Post, plan: str) -> Law:
    """WhatsApp knows no plans: ``plan`` changes nothing."""
    alone = post.kind != GROUP
    return Law(
        automatic=alone,
        because=None if alone else "whatsapp_group",
        window_ends_after=TERMS["messages"].window,
        max_length=MAX_TEXT,
        clauses=("whatsapp_window", "whatsapp_text_length") if alone else ("whatsapp_group",),
    )


def endpoint(post: Post) -> str:
    """``messages``; what was said in a group has no way of answering over the API (``groups``)."""
    return "groups" if post.kind == GROUP else "messages"


def app_url(post: Post) -> str:
    """The chat with the person's number, in whichever WhatsApp is open; without one the inbox of the Meta Business Suite
    (unconfirmed)."""
    number = post.author.reached_at
    if post.kind != GROUP and number.isascii() and number.isdigit():
        return f"https://wa.me/{number}"
    talk = {"asset_id": post.account, "selected_item_id": post.thread_id, "thread_type": "WHATSAPP"}
    return f"https://business.facebook.com/latest/inbox/all?{urlencode(talk)}"
