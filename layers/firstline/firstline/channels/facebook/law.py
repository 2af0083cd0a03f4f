"""What Facebook lets a robot say on a Page."""

from __future__ import annotations

from ...model.law import Clause, Law
from ...model.post import Post

MAX_COMMENT = 8000  # unconfirmed

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
    )
}


def law(post: Post, plan: str) -> Law:
    """Facebook knows no plans: ``plan`` changes nothing."""
    here = post.kind in ("comment", "post")
    privately = "facebook_private_reply" if here else "facebook_own_page_only"
    return Law(private_reply=here, max_length=MAX_COMMENT, clauses=("facebook_comment_as_page", privately))


def endpoint(post: Post) -> str:
    """Public answers are comments; the one private reply has an endpoint of its own, ``private_replies``."""
    return "comments"
