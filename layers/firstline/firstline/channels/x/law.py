"""What X lets a robot say."""

from __future__ import annotations

from urllib.parse import quote

from ...model.law import Clause, Law, Requirement, Terms
from ...model.post import Post
from .length import MAX_MESSAGE, MAX_POST, weighted_length

_READ = "2026-08"

CLAUSES: dict[str, Clause] = {
    clause.name: clause
    for clause in (
        Clause(
            name="x_summoned",
            says="A self-serve app may reply only to a post whose author mentions the replying account or quotes it.",
            source="X: changelog 23 Feb 2026, posts/manage-tweets/integrate",
            date=_READ,
        ),
        Clause(
            name="x_one_reply",
            says="At most one automated reply per interaction.",
            source="X: developer-guidelines, automation rules",
            date=_READ,
        ),
        Clause(
            name="x_unaddressed",
            says="No automated reply to people who complained without addressing the brand.",
            source="X: developer-guidelines, automation rules",
            date=_READ,
        ),
        Clause(
            name="x_wrote_first",
            says="No automated direct message unless the person wrote one first.",
            source="X: developer-guidelines, automation rules",
            date=_READ,
        ),
        Clause(
            name="x_encrypted",
            says="Encrypted talks can neither be read nor answered over the API.",
            source="X: activity/event-payloads, chat.received",
            date=_READ,
        ),
        Clause(
            name="x_opt_out",
            says="Whoever says stop is not answered automatically again, from that moment on.",
            source="X: developer-guidelines, requirements for automated accounts",
            date=_READ,
        ),
        Clause(
            name="x_privacy_link",
            says="Automated direct messages of customer support carry a link to the privacy policy.",
            source="X: developer-guidelines, customer support automation",
            date=_READ,
        ),
        Clause(
            name="x_label",
            says="An automated account has the profile label Automated, and its bio says so and who operates it.",
            source="X: developer-guidelines, requirements for automated accounts",
            date=_READ,
        ),
        Clause(
            name="x_generated",
            says="Replies that an AI wrote need X's approval before they are sent automatically.",
            source="X: developer-guidelines, AI-generated content and replies",
            date=_READ,
        ),
        Clause(
            name="x_link_price",
            says="A post costs 0.015 USD, one with a link in it 0.20; a direct message 0.015 with or without.",
            source="X: getting-started/pricing",
            date=_READ,
        ),
    )
}

TERMS: dict[str, Terms] = {
    terms.endpoint: terms
    for terms in (
        Terms(
            endpoint="posts",
            who="whoever_summons",
            once=True,
            price="0.015",
            price_with_link="0.20",
            clauses=("x_summoned", "x_one_reply", "x_unaddressed", "x_opt_out", "x_generated", "x_link_price"),
        ),
        Terms(
            endpoint="dms",
            who="whoever_wrote_here",
            once=True,
            privacy_link=True,
            price="0.015",
            price_with_link="0.015",
            clauses=("x_wrote_first", "x_one_reply", "x_privacy_link", "x_encrypted", "x_opt_out", "x_generated"),
        ),
    )
}
"""Enterprise contracts are exempt of the summons: there ``posts`` go to `whoever_addresses` the brand."""

REQUIREMENTS = (
    Requirement(name="automated_label", where="profile", says="The profile has the label Automated.", clause="x_label"),
    Requirement(
        name="automated_bio",
        where="profile",
        says="The bio says that answers are automated, and by whom, with the account of the people behind it.",
        clause="x_label",
    ),
    Requirement(
        name="privacy_link",
        where="messages",
        says="brand.privacy_url is a public page: automated direct messages link to it.",
        clause="x_privacy_link",
    ),
)


def law(post: Post, plan: str) -> Law:
    """``plan`` is ``self_serve`` or ``enterprise``; anything else is taken for the stricter one."""
    if post.visibility == "private":
        return _private(post)
    because = None
    if not post.addressed:
        because = "x_unaddressed"
    elif plan != "enterprise" and not post.mentions:
        because = "x_summoned"
    applied = ("x_one_reply", "x_link_price")
    return Law(
        automatic=because is None,
        because=because,
        once=TERMS["posts"].once,
        max_length=MAX_POST,
        measure=weighted_length,
        clauses=(because,) if because else applied if plan == "enterprise" else ("x_summoned", *applied),
    )


def _private(post: Post) -> Law:
    terms = TERMS["dms"]
    readable = post.kind != "encrypted"
    return Law(
        automatic=readable,
        because=None if readable else "x_encrypted",
        once=terms.once,
        privacy_link=terms.privacy_link,
        max_length=MAX_MESSAGE,
        clauses=("x_wrote_first", "x_one_reply", "x_privacy_link") if readable else ("x_encrypted",),
    )


def endpoint(post: Post) -> str:
    """``dms`` for private messages, ``posts`` for the rest."""
    return "dms" if post.visibility == "private" else "posts"


def app_url(post: Post) -> str:
    """Where a person answers it in X's own app (the addresses of talks are unconfirmed)."""
    if post.visibility == "public":
        return post.url or f"https://x.com/i/status/{quote(post.post_id, safe='')}"
    if post.kind == "encrypted":
        return "https://x.com/i/chat"
    parties = sorted((post.account, post.author.id), key=lambda each: (len(each), each))
    return f"https://x.com/messages/{'-'.join(quote(each, safe='') for each in parties)}"
