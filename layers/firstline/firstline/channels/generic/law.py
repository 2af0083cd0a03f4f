"""What a robot may say over a generic source. The law is the source's own: what it says of a post, and the playbook."""

from __future__ import annotations

from ...model.law import Clause, Law, Requirement, Terms
from ...model.post import Post

MAX_TEXT = 8000
PEOPLE_ONLY = "people_only"
"""The plan of an account over which no robot speaks."""

CLAUSES: dict[str, Clause] = {
    clause.name: clause
    for clause in (
        Clause(
            name="generic_callback",
            says="What is written to the brand may be answered through the source's callback, in public or in private as "
            "the event says.",
            source="docs/channels.md, generic sources",
            date="2026-11",
        ),
        Clause(
            name="generic_people_only",
            says="The playbook's account leaves every answer over this source to people.",
            source="playbook: accounts, plan people_only",
            date="2026-11",
        ),
        Clause(
            name="generic_unaddressed",
            says="No automated reply to people who did not address the brand (a listening tool's posts).",
            source="docs/channels.md, generic sources; as X: developer-guidelines, automation rules",
            date="2026-11",
        ),
        Clause(
            name="generic_call",
            says="A call was spoken and is answered by a person.",
            source="docs/channels.md, generic sources",
            date="2026-11",
        ),
    )
}


TERMS: dict[str, Terms] = {
    "callbacks": Terms(
        endpoint="callbacks",
        who="whoever_addresses",
        clauses=("generic_callback", "generic_people_only", "generic_unaddressed", "generic_call"),
    )
}

REQUIREMENTS: tuple[Requirement, ...] = ()


def law(post: Post, plan: str) -> Law:
    """``plan`` is ``people_only`` where no robot speaks; anything else lets it answer who wrote to the brand."""
    because = None
    if post.kind == "call":
        because = "generic_call"
    elif plan == PEOPLE_ONLY:
        because = "generic_people_only"
    elif not post.addressed:
        because = "generic_unaddressed"
    return Law(
        automatic=because is None,
        because=because,
        max_length=MAX_TEXT,
        clauses=(because or "generic_callback",),
    )


def endpoint(post: Post) -> str:
    """All are ``callbacks``."""
    return "callbacks"


def app_url(post: Post) -> str | None:
    """Where the source says that people see it."""
    return post.url if post.url is not None and post.url.startswith("https://") else None
