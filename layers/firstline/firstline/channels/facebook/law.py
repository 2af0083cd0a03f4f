"""What Facebook lets a robot say on a Page."""

from __future__ import annotations

from urllib.parse import quote

from ...model.law import Clause, Law, Requirement, Terms
from ...model.post import Post

MAX_COMMENT = 8000  # unconfirmed
PRIVATE_REPLY_ENDS = 7 * 24 * 3600

CLAUSES: dict[str, Clause] = {
    clause.name: clause
    for clause in (
        Clause(
            name="facebook_private_reply",
            says="One private reply to a comment or post on the Page, within 7 days; it does not open the 24 h window.",
            source="Meta: messenger-platform/discovery/private-replies",
            date="2026-08",
        ),
        Clause(
            name="facebook_own_page_only",
            says="Private replies go to comments on the Page itself, not to those elsewhere that mention it.",
            source="Meta: messenger-platform/discovery/private-replies",
            date="2026-08",
        ),
        Clause(
            name="facebook_comment_as_page",
            says="The Page may comment on what people write on it and where it is mentioned, as the author of the comment.",
            source="Meta: pages-api/comments-mentions",
            date="2026-08",
        ),
        Clause(
            name="facebook_published",
            says="Comments of the Page are refused while it is unpublished.",
            source="Meta: pages-api/comments-mentions",
            date="2026-08",
        ),
    )
}

TERMS: dict[str, Terms] = {
    terms.endpoint: terms
    for terms in (
        Terms(endpoint="comments", who="whoever_addresses", clauses=("facebook_comment_as_page",)),
        Terms(
            endpoint="private_replies",
            who="whoever_wrote_here",
            once=True,
            ends_after=PRIVATE_REPLY_ENDS,
            clauses=("facebook_private_reply", "facebook_own_page_only"),
        ),
    )
}

REQUIREMENTS = (
    Requirement(name="page_published", where="page", says="The Page is published.", clause="facebook_published"),
)


def law(post: Post, plan: str) -> Law:
    """Facebook knows no plans: ``plan`` changes nothing."""
    here = post.kind in ("comment", "post")
    privately = "facebook_private_reply" if here else "facebook_own_page_only"
    return Law(
        private_reply=here,
        private_reply_ends_after=TERMS["private_replies"].ends_after,
        max_length=MAX_COMMENT,
        clauses=("facebook_comment_as_page", privately),
    )


def endpoint(post: Post) -> str:
    """Public answers are comments; the one private reply has an endpoint of its own, ``private_replies``."""
    return "comments"


def app_url(post: Post) -> str:
    """Where a person answers it on Facebook."""
    return post.url or f"https://www.facebook.com/{quote(post.post_id, safe='')}"
