"""What a branch may write to a customer, how often, and what an agent reads before it goes out.

Why: whoever has a branch's mail has its links, and a mail is easily forwarded. A stranger must not get a megaphone in
the brand's name: no way leads out of the conversation but to the brand's own pages, the first public words of a handoff
are read by an agent, and a handoff has few words an hour.

Examples: "see acme.example/help" -> fine where acme.example is the brand's; "see acme-help.com" -> refused; the fourth
message within an hour -> refused until later; the first public one -> waits for an agent.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from firstline.model import links
from firstline.model.handoff import Handoff
from firstline.model.post import Post
from firstline.playbook import Playbook

HOUR = timedelta(hours=1)
BY_BRANCH = "branch:"


def foreign_links(text: str, playbook: Playbook, post: Post | None = None) -> tuple[str, ...]:
    """What leads elsewhere: links, addresses and handles but the brand's own (and the author's handle)."""
    handles = [each.handle for each in playbook.accounts if each.handle]
    if post is not None and post.author.handle:
        handles.append(post.author.handle)
    return links.foreign(text, playbook.public_data.domains, handles)


def too_often(given: Handoff, playbook: Playbook, now: datetime, *, words: bool = False) -> bool:
    """Whether the branch's hour is full: of all that it did with this handoff, or (``words``) of words to the customer."""
    hour = [each for each in given.steps if each.by.startswith(BY_BRANCH) and each.at > now - HOUR]
    said = sum(each.what == "wrote" for each in hour)
    return len(hour) >= playbook.handoff.acts_per_hour or (words and said >= playbook.handoff.words_per_hour)


def needs_approval(given: Handoff, playbook: Playbook, *, public: bool) -> bool:
    """Whether an agent reads these words first: until one message was let through, or always, by playbook."""
    match playbook.handoff.approve_words:
        case "all":
            return True
        case "every_public":
            return public
    return public and given.words_approved_at is None
