"""All rules about a post in their order, and the decision that follows from them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from firstline.model.decision import Decision, Known, Lane, RuleFired
from firstline.model.post import Post
from firstline.playbook import Playbook
from firstline.playbook.sensitive import ANYWHERE, EMERGENCY, EMERGENCY_NUMBERS

from . import (
    account,
    addressee,
    approval,
    field_level,
    helped,
    lane,
    opt_out,
    priority,
    safety,
    silence,
    situation,
    spam,
    targets,
    tone,
)
from .reading import Reading, read
from .updates import AN_AGENTS_TURN
from .when import Promise, promise
from .wording import Around, Words, compose, fit

WAITS_FOR_NO_MAIL = frozenset({"praise", "house_rules", "spam", "opt_out_confirmed"})
"""Situations whose words would not change once the branch's mail is accepted."""

ALSO_SAID = frozenset({"personal_data", "handed_to_branch"})
"""Situations that are said beside the one that rules the answer: where one reply is all, it says all that is true."""

CANNOT_WAIT = frozenset({"safety", "personal_data"})
URGENT_WAIT = timedelta(seconds=30)
"""How long an answer that cannot wait still does for the branch's mail, which usually takes a second or two: where a
platform allows one automated reply, that reply must carry the handoff too."""


def decide(post: Post, known: Known, playbook: Playbook, now: datetime) -> Decision:
    """The decision about one post at a moment: the same facts always give the same decision.

    Taken at intake and again, with present facts, right before sending. ``not_before``, ``ack_due`` and ``human_due``
    count from when the post was written, except in private, where ``not_before`` is a pause from now.
    """
    now = now.astimezone(UTC)
    reading = read(post, known.burst, playbook)
    opts_out = opt_out.asked_for(post.text, playbook)
    opts_in = known.opted_out and opt_out.taken_back(post.text, playbook)
    if opts_in:
        known = known.model_copy(update={"opted_out": False})
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
    chosen_lane, lane_why = _lane(main, points, reading, silent and silent[0], known.awaited, playbook)
    language = _answer_language(reading.language, post, playbook)
    said = promise(post, clocks.human_due, points, language, playbook, now)
    words = private = None
    if silent is None:
        words = _answer(situations, post, reading, branch, language, said, known, playbook, now)
        private = _private_answer(situations, post, reading, branch, language, said, known, playbook, now)
    wait_until = min(clocks.last_wait, clocks.not_before + URGENT_WAIT) if main in CANNOT_WAIT else clocks.last_wait
    waits = (
        silent is None
        and branch is not None
        and known.handoff in ("none", "waiting")
        and main not in WAITS_FOR_NO_MAIL
        and not safety.now(reading)
        and now < wait_until
    )
    promises = words is not None and _names_time(words, playbook)
    return Decision(
        language=reading.language,
        answer_language=language,
        situation=main,
        situations=situations,
        priority=points,
        priority_reasons=reasons,
        severity=level,
        lane=chosen_lane,
        work_reason=_work_reason(main, reasons, silent and silent[0], known),
        skills=(f"language:{reading.language}", f"channel:{post.channel}"),
        branch=branch,
        branch_reason=branch_reason,
        moderation="spam" if main == "spam" else "abuse" if main == "house_rules" else "none",
        tone=spoken,
        personal_data=reading.personal_data,
        helped=helped.answer(reading, known),
        watched=silence.is_watched(post, known, playbook) and not at_once(main, reading),
        encrypted=post.kind == "encrypted",
        opts_out=opts_out,
        opts_in=opts_in,
        silence=silent and silent[0],
        answer=words and words.text,
        wording=words and words.wording,
        private_answer=private and private.text,
        private_wording=private and private.wording,
        answer_account=account.answering(post, playbook),
        not_before=min(clocks.not_before, now) if safety.now(reading) else clocks.not_before,
        ack_due=clocks.ack_due,
        human_due=clocks.human_due,
        promised_until=said.until if promises else None,
        wait_for_handoff=waits,
        wait_until=wait_until if waits else None,
        rules=_rules(reading, main, situations, branch_reason, silent and silent[1], lane_why, playbook),
        law=known.law.clauses,
        playbook_version=playbook.version,
    )


def at_once(main: str, reading: Reading) -> bool:
    """Whether a person must see it at any hour."""
    return safety.at_stake(reading) or main == "sensitive"


def _work_reason(main: str, reasons: tuple[str, ...], silent: str | None, known: Known) -> str:
    """What the case waits for, in a line: where a robot may not answer, that it is answered in the platform's app."""
    parts = [main.replace("_", " "), *reasons[:1]]
    if silent == "law":
        parts.insert(0, f"no robot may answer ({known.law.because or 'law'}): answer in the app")
    return "; ".join(parts)


def _branch(post: Post, reading: Reading, known: Known, playbook: Playbook) -> tuple[str | None, str | None]:
    """The case's branch stays the case's branch: an agent may change it, a second robot's mail may not."""
    if known.branch is not None:
        return known.branch, "the case is already with this branch"
    issue = field_level.assess(post, reading, playbook)
    return (issue.branch, issue.reason) if issue else (None, None)


def _lane(
    main: str, points: int, reading: Reading, silent: str | None, awaited: bool, playbook: Playbook
) -> tuple[Lane | None, str]:
    danger = at_once(main, reading)
    if silent == "answered_by_person":
        return None, "a person answered"
    if silent == "talk" and awaited:
        return "standard", "the customer answered what a person asked"
    if silent in silence.WITHOUT_WORK and not danger:
        return None, f"nobody needs to act: {silent}"
    if main == "opt_out_confirmed" and silent in AN_AGENTS_TURN:
        return "standard", "a person confirms that robots are silent: no robot may"
    if silent == "walked_away" and not (danger or reading.point or reading.asks):
        return None, "walked away, and no new issue"
    return lane.choose(main, points, danger, reading.language, playbook)


def _answer_language(language: str, post: Post, playbook: Playbook) -> str:
    """The post's language if it has wordings; an unknown one: the account's; any other: the brand's, explained."""
    if language in playbook.languages:
        return language
    own = playbook.account(post.channel, post.account)
    if language == "und" and own is not None and own.language in playbook.languages:
        return own.language
    return playbook.brand.language


def _values(
    post: Post, reading: Reading, branch: str | None, language: str, said: Promise, known: Known, playbook: Playbook
) -> dict[str, str]:
    acting = playbook.branch(branch) if branch else None
    return {
        "name": addressee.first_name(post.author, playbook),
        "ref": known.case_ref,
        "when": said.phrase,
        "ask": _ask(post, reading, language, playbook),
        "branch": acting.name if acting else "",
        "team": playbook.brand.team,
    }


def _ask(post: Post, reading: Reading, language: str, playbook: Playbook) -> str:
    """The one thing that helps most and was not said yet: where, if somebody must come; else what; else since when."""
    asks = playbook.asks.get(language)
    if asks is None:
        return ""
    placed = field_level.names_a_place(post, reading, playbook)
    if reading.field and not placed:
        return asks.place
    if not reading.products:
        return asks.product
    if not placed and playbook.branches:
        return asks.place
    return "" if reading.since else asks.since


def _answer(
    situations: tuple[str, ...],
    post: Post,
    reading: Reading,
    branch: str | None,
    language: str,
    said: Promise,
    known: Known,
    playbook: Playbook,
    now: datetime,
) -> Words | None:
    main = situations[0]
    values = _values(post, reading, branch, language, said, known, playbook)
    late = known.promised_until is not None and known.promised_until < now and main not in lane.NOBODYS_WORK
    around = Around(
        explanation="" if language == reading.language else playbook.explanations.get(reading.language, ""),
        prefix="promise_missed" if late else None,
        suffixes=_also_said(situations, values),
    )
    if main == "handed_to_branch" and not values["branch"]:
        main = next(other for other in situations[1:] if other != "known_answer")  # the branch is gone: claim nothing
    if main == "known_answer":
        answer = situation.known_answer(reading, playbook)
        if answer is not None and approval.may_be_said(answer, language, playbook):
            text = {f"answer.{answer.id}.{language}": answer.texts[language]}
            return fit(text, language, around, values, post.key, known, playbook)
        main = situations[situations.index(main) + 1]
    if main == "safety" and safety.now(reading):
        return _emergency(reading, language, around, values, post, known, playbook)
    return compose(main, language, around, values, post.key, known, playbook)


def _emergency(
    reading: Reading,
    language: str,
    around: Around,
    values: Mapping[str, str],
    post: Post,
    known: Known,
    playbook: Playbook,
) -> Words | None:
    """Present fire: the emergency number first. The words are the package's; an older playbook needs none."""
    spoken = next(each for each in (reading.language, language, "en") if each in EMERGENCY)
    number = EMERGENCY_NUMBERS.get(playbook.hours.country or "", ANYWHERE)
    texts = {f"emergency.{spoken}.{n}": text.replace("{number}", number) for n, text in enumerate(EMERGENCY[spoken])}
    return fit(texts, spoken, around._replace(explanation=""), values, post.key, known, playbook)


def _also_said(situations: tuple[str, ...], values: Mapping[str, str]) -> tuple[str, ...]:
    """The sentences beside the answer; none that names a branch which the playbook no longer has."""
    said = [each for each in situations[1:] if each in ALSO_SAID]
    return tuple(f"also_{each}" for each in said if each != "handed_to_branch" or values["branch"])


def _private_answer(
    situations: tuple[str, ...],
    post: Post,
    reading: Reading,
    branch: str | None,
    language: str,
    said: Promise,
    known: Known,
    playbook: Playbook,
    now: datetime,
) -> Words | None:
    """The one private reply where the platform has it: only when the talk must leave the public."""
    if not known.law.private_reply or post.visibility == "private" or "personal_data" not in situations:
        return None
    ends = known.law.private_reply_ends_after
    if ends is not None and now - post.at > timedelta(seconds=ends):
        return None
    values = _values(post, reading, branch, language, said, known, playbook)
    around = Around(
        explanation="" if language == reading.language else playbook.explanations.get(reading.language, ""),
        suffixes=("also_safety",) if "safety" in situations else (),
    )
    return compose("private_reply", language, around, values, post.key, known, playbook)


def _names_time(words: Words, playbook: Playbook) -> bool:
    situation_of, _, rest = words.wording.partition(".")
    template = playbook.texts(situation_of, rest.partition(".")[0]).get(words.wording, "")
    return "{when}" in template


def _rules(
    reading: Reading,
    main: str,
    situations: tuple[str, ...],
    branch_reason: str | None,
    silent: str | None,
    lane_why: str,
    playbook: Playbook,
) -> tuple[RuleFired, ...]:
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
