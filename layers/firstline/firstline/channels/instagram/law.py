"""What Instagram lets a robot say."""

from __future__ import annotations

from urllib.parse import urlencode

from ...model.law import Clause, Law, Requirement, Terms
from ...model.post import Post

MAX_BYTES = 1000
"""Of a message's text in UTF-8 (unconfirmed; nyaruka/courier splits there). Comments are kept as short."""
WINDOW = 24 * 3600
WEEK = 7 * 24 * 3600

CLAUSES: dict[str, Clause] = {
    clause.name: clause
    for clause in (
        Clause(
            name="instagram_own_media",
            says="The account may reply to comments on its media; a reply to a reply stands below the top comment.",
            source="Meta: instagram-graph-api/reference/ig-comment/replies",
            date="2026-08",
        ),
        Clause(
            name="instagram_mentioned",
            says="The account may comment where it was mentioned in a caption or a comment, not in a story.",
            source="Meta: instagram-graph-api/reference/ig-user/mentions",
            date="2026-08",
        ),
        Clause(
            name="instagram_private_reply",
            says="One private reply to a comment on the account's media, within 7 days; the window stays closed.",
            source="Meta: instagram-platform/private-replies",
            date="2026-08",
        ),
        Clause(
            name="instagram_live",
            says="Comments on live video get no public reply, and a private one only during the broadcast.",
            source="Meta: ig-comment/replies, instagram-platform/private-replies",
            date="2026-08",
        ),
        Clause(
            name="instagram_window",
            says="A robot may write within 24 hours of the person's last message.",
            source="Meta: instagram-platform, messaging-api (standard messaging window)",
            date="2026-08",
        ),
        Clause(
            name="instagram_human_agent",
            says="After the window only people may write, for 7 days, under the tag HUMAN_AGENT; automated messages may not.",
            source="Copies of Meta: message-tags (botmother, Atlassian)",
            date="2026-08",
        ),
        Clause(
            name="instagram_thread_owner",
            says="While another app holds the conversation (standby), do not answer without taking it over.",
            source="Meta: messenger-platform/handover-protocol",
            date="2026-08",
        ),
    )
}

TERMS: dict[str, Terms] = {
    terms.endpoint: terms
    for terms in (
        Terms(endpoint="replies", who="whoever_wrote_here", clauses=("instagram_own_media", "instagram_live")),
        Terms(endpoint="mentions", who="whoever_addresses", clauses=("instagram_mentioned",)),
        Terms(
            endpoint="private_replies",
            who="whoever_wrote_here",
            once=True,
            ends_after=WEEK,
            clauses=("instagram_private_reply", "instagram_live"),
        ),
        Terms(
            endpoint="messages",
            who="whoever_wrote_here",
            window=WINDOW,
            human_window=WEEK,
            human_tag="HUMAN_AGENT",
            clauses=("instagram_window", "instagram_human_agent", "instagram_thread_owner"),
        ),
    )
}

REQUIREMENTS: tuple[Requirement, ...] = ()


def law(post: Post, plan: str) -> Law:
    """Instagram knows no plans: ``plan`` changes nothing."""
    because: str | None = None
    private_reply, window = False, None
    applied: tuple[str, ...] = ("instagram_mentioned",)
    if post.kind == "standby":
        because = "instagram_thread_owner"
    elif post.visibility == "private":
        window, applied = TERMS["messages"].window, ("instagram_window", "instagram_human_agent")
    elif post.kind == "live_comment":
        because = "instagram_live"
    elif post.kind != "mention":
        private_reply, applied = True, ("instagram_own_media", "instagram_private_reply")
    return Law(
        automatic=because is None,
        because=because,
        window_ends_after=window,
        private_reply=private_reply,
        private_reply_ends_after=TERMS["private_replies"].ends_after if private_reply else None,
        max_length=MAX_BYTES,
        measure=size,
        clauses=(because,) if because else applied,
    )


def size(text: str) -> int:
    """Bytes of the text in UTF-8."""
    return len(text.encode("utf-8", "replace"))


def endpoint(post: Post) -> str:
    """``messages`` in private, ``mentions`` on other people's media, ``replies`` below the account's own.

    The one private reply to a comment has an endpoint of its own, ``private_replies``.
    """
    if post.visibility == "private":
        return "messages"
    return "mentions" if post.kind == "mention" else "replies"


def app_url(post: Post) -> str:
    """The media where its address is known, else the inbox of Meta Business Suite (unconfirmed)."""
    if post.url is not None and post.url.startswith("https://"):
        return post.url
    if post.visibility == "public":
        return "https://business.facebook.com/latest/inbox/instagram_comments?" + urlencode({"asset_id": post.account})
    talk = {"asset_id": post.account, "selected_item_id": post.author.id, "thread_type": "INSTAGRAM_MESSAGE"}
    return f"https://business.facebook.com/latest/inbox/all?{urlencode(talk)}"
