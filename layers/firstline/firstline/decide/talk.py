"""Small talk: a message that closes or carries on a conversation and wants nothing.

Why: "Thanks." is no new matter. A promise of an answer by one o'clock and the question which product it is make a fool of
the brand; so a robot says nothing, the message goes on the case, and no clock moves. Only the whole message counts, and
only without a picture, a link or a question.

Examples: "sent!" -> talk; "ok 👍" -> talk; "thanks, but it still leaks" -> none; "ok?" -> none.
"""

from __future__ import annotations

from functools import lru_cache

from firstline.model.post import Post
from firstline.playbook.talk import TALK

from .opt_out import bare

LONGEST = 60
"""Characters of a message that may be small talk."""
_ASKS = "?؟？"
SAYS_MORE = frozenset({"encrypted", "contact", "order"})
"""Kinds of posts that hold more than their text."""
_FRIENDLY = frozenset("👍👌🙏🙂😊😀😄✅🤝❤👏💪🫶")


def is_small_talk(post: Post, burst: tuple[str, ...]) -> bool:
    """Whether the post and the whole burst that it belongs to are small talk."""
    if post.media or post.kind in SAYS_MORE:
        return False
    return all(_is_one(text) for text in (*burst, post.text))


def _is_one(text: str) -> bool:
    if len(text) > LONGEST or any(sign in text for sign in _ASKS):
        return False
    said = bare(text)
    return said in _shipped() if said else any(sign in _FRIENDLY for sign in text)


@lru_cache(maxsize=1)
def _shipped() -> frozenset[str]:
    return frozenset(bare(message) for messages in TALK.values() for message in messages)
