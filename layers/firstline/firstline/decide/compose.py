"""All rules about a post in their order, and the decision that follows from them."""

from __future__ import annotations

from datetime import UTC, datetime

from firstline.model.decision import Decision, Known, Lane, RuleFired
from firstline.model.post import Post
from firstline.playbook import Playbook

from . import account, answer, field_level, lane, opt_out, priority, safety, silence, situation, spam, targets, tone
from .answer import Occasion
from .reading import Reading, read
from .when import promise

WAITS_FOR_NO_MAIL = frozenset({"safety", "personal_data", "praise", "house_rules", "spam", "opt_out_confirmed"})
"""Situations whose words would not change once the branch's mail is accepted."""


def decide(post: Post, known: Known, playbook: Playbook, now: datetime) -> Decision:
    """The decision about one post at a moment: the same facts always give the same decision.

    Taken at intake and again, with present facts, right before sending. ``not_before``, ``ack_due``, ``human_due`` and
    ``resolve_due`` count from when the post was written, except in private, where ``not_before`` is a pause from now.
    """
    now = now.astimezone(UTC)
    reading = read(post, known.burst, playbook)
    opts_out = opt_out.asked_for(post.text, playbook)
    spoken = tone.of(reading)
    branch, branch_reason = _branch(post, reading, known, playbook)
    situations = situation.of(post, reading, branch, opts_out, known, playbook)
    main = situations[0]
    if main in lane.NOBODYS_WORK and known.branch is None:
        branch = branch_reason = None
    level = priority.severity(reading)
    points, reasons = priority.of(post, reading, spoken, branch is not None, known, playbook, now)
    clocks = targets.clocks(post, points, known, playbook, now)
    silent = silence.why(post, main, known, playbook, now)
    chosen_lane, lane_why = _lane(main, points, reading, silent and silent[0], playbook)
    language = answer.language_of(reading.language, post, playbook)
    said = promise(post, clocks.human_due, points, language, playbook, now)
    occasion = Occasion(post, reading, situations, branch, language, said, known, playbook, now)
    words = None if silent else answer.public_or_chat(occasion)
    private = None if silent else answer.continued_in_private(occasion)
    waits = (
        silent is None
        and branch is not None
        and known.handoff in ("none", "waiting")
        and main not in WAITS_FOR_NO_MAIL
        and now < clocks.last_wait
    )
    return Decision(
        language=reading.language,
        answer_language=language,
        situation=main,
        situations=situations,
        priority=points,
        priority_reasons=reasons,
        severity=level,
        lane=chosen_lane,
        work_reason=f"{main.replace('_', ' ')}; {reasons[0]}" if reasons else main.replace("_", " "),
        skills=(f"language:{reading.language}", f"channel:{post.channel}"),
        branch=branch,
        branch_reason=branch_reason,
        moderation="spam" if main == "spam" else "abuse" if main == "house_rules" else "none",
        tone=spoken,
        personal_data=reading.personal_data,
        watched=silence.is_watched(post, known) and not safety.at_stake(reading),
        opts_out=opts_out,
        silence=silent and silent[0],
        answer=words and words.text,
        wording=words and words.wording,
        private_answer=private and private.text,
        private_wording=private and private.wording,
        answer_account=account.answering(post, playbook),
        not_before=clocks.not_before,
        ack_due=clocks.ack_due,
        human_due=clocks.human_due,
        resolve_due=clocks.resolve_due,
        promised_until=said.until if words and answer.names_time(words, playbook) else None,
        wait_for_handoff=waits,
        wait_until=clocks.last_wait if waits else None,
        rules=_rules(reading, main, situations, branch_reason, silent and silent[1], lane_why, playbook),
        law=known.law.clauses,
        playbook_version=playbook.version,
    )


def _branch(post: Post, reading: Reading, known: Known, playbook: Playbook) -> tuple[str | None, str | None]:
    """The case's branch stays the case's branch: an agent may change it, a second robot's mail may not."""
    if known.branch is not None:
        return known.branch, "the case is already with this branch"
    issue = field_level.assess(post, reading, playbook)
    return (issue.branch, issue.reason) if issue else (None, None)


def _lane(main: str, points: int, reading: Reading, silent: str | None, playbook: Playbook) -> tuple[Lane | None, str]:
    danger = safety.at_stake(reading)
    if silent == "answered_by_person":
        return None, "a person answered"
    if silent in silence.WITHOUT_WORK and not danger:
        return None, f"nobody needs to act: {silent}"
    if silent == "walked_away" and not (danger or reading.point or reading.asks):
        return None, "walked away, and no new issue"
    return lane.choose(main, points, danger, reading.language, playbook)


def _rules(
    reading: Reading,
    main: str,
    situations: tuple[str, ...],
    branch_reason: str | None,
    silent: str | None,
    lane_why: str,
    playbook: Playbook,
) -> tuple[RuleFired, ...]:
    """Every rule that had a say, in the order in which they are asked."""
    fired = [("language", f"{reading.language}: {reading.language_why}")]
    if reading.safety:
        fired.append(("safety", f"says “{reading.safety[0]}”"))
    if main == "spam":
        fired.append(("spam", spam.why_spam(reading, playbook) or "spam"))
    if reading.abuse:
        why = "nothing but insults" if main == "house_rules" else "insults, but with a point: a complaint"
        fired.append(("abuse", why))
    if reading.praise:
        why = "undoubted" if main == "praise" else "doubtful, so it is taken for a complaint"
        fired.append(("praise", f"“{reading.praise[0]}”: {why}"))
    if reading.personal_data:
        fired.append(("personal_data", ", ".join(reading.personal_data)))
    if branch_reason:
        fired.append(("field_level", branch_reason))
    fired.append(("situation", ", then ".join(situations)))
    if silent:
        fired.append(("silence", silent))
    fired.append(("lane", lane_why))
    return tuple(RuleFired(rule=rule, why=why) for rule, why in fired)
