"""Which situation a post is in, and which others hold besides (R24).

Why this order: safety comes first, since it cannot wait; then personal data, which is being read by strangers; then
the news that somebody acts; then information; then that we noticed. What is no complaint (spam, nothing but insults,
undoubted praise, an opt-out) has a situation of its own, unless safety is at stake.

Examples: smoke and a phone number in public -> safety, then personal_data; the branch's mail is out -> handed_to_branch;
the third post of a case -> repeated; in a chat -> chat_first, chat_repeated, and personal data is no matter there.
"""

from __future__ import annotations

from firstline.model.decision import Known
from firstline.model.post import Post
from firstline.playbook import Playbook
from firstline.playbook.rules import Answer

from . import abuse, helped, praise, safety, spam, talk
from .reading import Reading
from .words import found, of_languages


def of(
    post: Post, reading: Reading, branch: str | None, opts_out: bool, known: Known, playbook: Playbook
) -> tuple[str, ...]:
    """The situations that hold, the one that rules the answer first."""
    private = post.visibility == "private"
    holding = []
    if reading.sensitive and not safety.now(reading):
        return ("sensitive",)
    if safety.at_stake(reading):
        holding.append("safety")
    elif opts_out:
        return ("opt_out_confirmed",)
    elif spam.why_spam(reading, playbook):
        return ("spam",)
    elif known.asked_helped is False and talk.is_small_talk(post, known.burst):
        return ("talk",)
    elif abuse.without_a_point(post, reading):
        return ("house_rules",)
    elif praise.undoubted(reading) or helped.answer(reading, known) == "yes":
        return ("praise",)
    if reading.personal_data and not private:
        holding.append("personal_data")
    if branch is not None and known.handoff == "mailed":
        holding.append("handed_to_branch")
    if known_answer(reading, playbook):
        holding.append("known_answer")
    repeated = known.earlier_posts > 0
    if private:
        holding.append("chat_repeated" if repeated else "chat_first")
    else:
        holding.append("repeated" if repeated else "first")
    return tuple(holding)


def known_answer(reading: Reading, playbook: Playbook) -> Answer | None:
    """The known answer whose words occur (R52)."""
    return next((a for a in playbook.answers if found(of_languages(a.when, a.when), reading.plain)), None)
