"""Which of the brand's accounts answers (R11b).

Why: a post that names the main and the care account comes in over both; it is one post and gets one answer, from the
account that the playbook puts first.

Examples: "@main @care help" -> care, if care answers first; a comment on the page -> the page.
"""

from __future__ import annotations

from firstline.model.post import Post
from firstline.playbook import Playbook


def answering(post: Post, playbook: Playbook) -> str:
    """The id of the account that answers."""
    named = {*post.mentions, post.account} if post.account in post.mentions else set(post.mentions)
    ours = [account.id for account in playbook.accounts_on(post.channel) if account.id in named]
    return ours[0] if ours else post.account
