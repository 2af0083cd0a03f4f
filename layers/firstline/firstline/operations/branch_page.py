"""What a request at a branch's link does (R47): a GET shows, a POST does the one thing that the link is for.

The link is the proof: whoever has it acts as the branch. A forged one costs a hash and no call. Whatever was done
before, or can't be done any more, is shown with who did what; nothing here answers with a redirect or a 5xx.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, get_args
from zoneinfo import ZoneInfo

from ..decide import branch_words
from ..decide.personal_data import mask
from ..decide.voice import findings
from ..model.case import Case, reference
from ..model.errors import Forged, LostRace, Malformed, Refused, Retry
from ..model.handoff import Action, Handoff, Stage, Step
from ..model.records import Note, StoredPost
from ..model.reply import Reply
from ..outward.branchpages import (
    ActionPage,
    Delivery,
    Doing,
    Notice,
    Outcome,
    Problem,
    Request,
    action_page,
    answer,
    notice_page,
    read_request,
)
from ..outward.branchpages.sentences import sentences
from ..outward.links import Link
from ..outward.mailtext import language_of, masks
from ..outward.mailtext.plain import block, line
from ..outward.translate import NoTranslator
from ..playbook import Branch, Playbook
from ..table import keys
from . import branch as acts
from . import digest
from .hand_over import mail_fresh_links
from .mail_view import view
from .services import Services
from .snapshot import Snapshot

MINUTE = timedelta(minutes=1)
OFFERED: Mapping[Stage, tuple[Action, ...]] = {
    "waiting": ("accept", "contacted", "tried", "agreed", "write", "done", "more_info", "not_ours", "out_of_office"),
    "accepted": ("contacted", "tried", "agreed", "write", "done", "more_info", "not_ours", "out_of_office"),
    "contacted": ("done", "agreed", "write", "more_info", "not_ours"),
}
"""What a branch may still do, in order of use; in the other stages nothing."""
_ONCE = re.compile(r"[0-9a-f]{16}")


@dataclass
class Visit:
    """A request by a link that holds: what was read for it."""

    services: Services
    link: Link
    case: Case
    given: Handoff
    branch: Branch
    playbook: Playbook
    snapshot: Snapshot
    now: datetime

    @property
    def post(self) -> StoredPost | None:
        """The latest post that still stands: the one that words to the customer answer."""
        return next(reversed(self.standing), None)

    @property
    def standing(self) -> list[StoredPost]:
        """The handoff's posts that nobody removed, oldest first."""
        return [each for each in self.posts if each.state == "standing" and not each.erased]

    @property
    def posts(self) -> list[StoredPost]:
        """All posts of the handoff, oldest first."""
        self.snapshot.fetch(keys.post(self.case.id, key) for key in self.given.post_keys)
        found = (self.snapshot.get(StoredPost, keys.post(self.case.id, key)) for key in self.given.post_keys)
        return [each for each in found if each is not None]


def visit(event: Mapping[str, Any], services: Services) -> dict[str, Any]:
    """Answer one HTTP API event (payload 2.0). Never raises for anything that a sender can send."""
    try:
        return _visit(read_request(event), services)
    except Malformed:
        return _notice(413, "large", services)
    except Forged:
        services.tell("branch_link_refused", reason="forged", metric="BranchLinkForged")
        return _notice(404, "unknown", services)
    except Retry as error:
        services.tell("branch_page_busy", reason=error.reason, metric="BranchPageBusy")
        return _notice(429, "busy", services, retry_after="60")


def _visit(request: Request, services: Services) -> dict[str, Any]:
    if request.method not in ("GET", "HEAD", "POST"):
        return _notice(405, "method", services, allow="GET, HEAD, POST")
    link, now = services.links.read(request.token), services.clock()
    playbook = services.playbooks.active()
    if link.action == "digest_off":
        return _no_digest(request, link, playbook, services, now)
    branch = playbook.branch(link.branch)
    if branch is None:
        return _notice(404, "unknown", services)
    if _too_often(link, playbook, services, now):
        services.tell("branch_page_busy", reason="rate", metric="BranchPageBusy")
        return _notice(429, "busy", services, language=branch.language, retry_after="60")
    if link.expires_at <= now:
        return _expired(request, link, branch, playbook, services, now)
    seen = _read(link, branch, playbook, services, now)
    if seen is None:
        return _notice(404, "unknown", services, language=branch.language)
    if request.method != "POST" or link.action == "page":
        return answer(200, "" if request.method == "HEAD" else _page(seen))
    return _act(seen, request.form)


def _expired(
    request: Request, link: Link, branch: Branch, playbook: Playbook, services: Services, now: datetime
) -> dict[str, Any]:
    """A link that is over shows nothing of the case. It offers fresh ones, which go to the branch's own mailbox only."""
    ref, form = reference(link.case_id), services.links.token(link)
    if request.method != "POST" or "fresh" not in request.form:
        return _notice(410, "expired", services, language=branch.language, ref=ref, form=form)
    seen = _read(link, branch, playbook, services, now)
    if seen is not None and seen.given.with_branch and not seen.given.open and not seen.case.done:
        try:
            mail_fresh_links(seen.given, branch, seen.snapshot, services, now)
        except LostRace as error:
            raise Retry("contended") from error
    return _notice(200, "fresh_links", services, language=branch.language, ref=ref)


def _no_digest(request: Request, link: Link, playbook: Playbook, services: Services, now: datetime) -> dict[str, Any]:
    """The way out of the weekly digest: a GET asks, a POST stops it (by the button, or a mail client's: RFC 8058)."""
    desk = digest.reader(link.branch, playbook)
    if desk is None:
        return _notice(404, "unknown", services)
    if link.expires_at <= now:
        return _notice(410, "expired", services, language=desk.language)
    if _too_often(link, playbook, services, now):
        services.tell("branch_page_busy", reason="rate", metric="BranchPageBusy")
        return _notice(429, "busy", services, language=desk.language, retry_after="60")
    name = playbook.brand.name
    if request.method != "POST":
        page = notice_page("digest_off", desk.language, name, form=services.links.token(link))
        return answer(200, "" if request.method == "HEAD" else page)
    try:
        digest.stop(link.branch, "unsubscribed", services)
    except LostRace as error:
        raise Retry("contended") from error
    return answer(200, notice_page("digest_stopped", desk.language, name))


def _too_often(link: Link, playbook: Playbook, services: Services, now: datetime) -> bool:
    """Whether one link was used more often than the playbook says within a minute."""
    most = playbook.handoff.page_rate_per_minute
    limits = {"window": (most, MINUTE)}
    taken = services.table.reserve("page", f"{link.case_id}-{link.branch}", link.action, limits, now)
    return taken.until is not None


def _read(link: Link, branch: Branch, playbook: Playbook, services: Services, now: datetime) -> Visit | None:
    snapshot = Snapshot(services.table)
    snapshot.fetch([keys.case(link.case_id), keys.handoff(link.case_id, link.branch)])
    case = snapshot.get(Case, keys.case(link.case_id))
    given = snapshot.get(Handoff, keys.handoff(link.case_id, link.branch))
    if case is None or given is None:
        return None
    seen = Visit(services, link, case, given, branch, playbook, snapshot, now)
    return seen if seen.posts else None  # what was said is past its retention: there is nothing to act on


# -- acting -------------------------------------------------------------------------------------------------------


def _act(seen: Visit, form: Mapping[str, str]) -> dict[str, Any]:
    """Do what the link is for with what was typed, then show how it stands."""
    typed = {name: block(text, len(text) + 1) for name, text in form.items()}
    if seen.link.action in OFFERED.get(seen.given.stage, ()):
        problems = _problems(seen, typed)
        if problems:
            return answer(422, _page(seen, problems=problems, typed=typed))
    try:
        _ACTS[seen.link.action](seen, typed)
    except Refused:
        return answer(200, _page(_again(seen), outcome="too_late"))
    after = _again(seen)
    outcome: Outcome = "already" if after.given == seen.given else "thanks"
    return answer(200, _page(after, outcome=outcome))


def _again(seen: Visit) -> Visit:
    return _read(seen.link, seen.branch, seen.playbook, seen.services, seen.now) or seen


def _problems(seen: Visit, typed: Mapping[str, str]) -> tuple[Problem, ...]:
    """Why a form is not taken as it is; the page shows it with what was typed."""
    action = seen.link.action
    field = "text" if action in ("write", "more_info") else "note"
    words = typed.get(field, "")
    most = acts.MOST_TEXT
    if not words and action in ("write", "more_info", "not_ours"):
        return (Problem(sentence="needs_words"),)
    if len(words) > most:
        return (Problem(sentence="too_long", what=str(most)),)
    if action in ("tried", "agreed") and not _day_holds(seen, typed, needed=action == "agreed"):
        return (Problem(sentence="choose_day"),)
    if action == "contacted" and typed.get("how") not in get_args(acts.How):
        return (Problem(sentence="choose_how"),)
    if action == "not_ours" and _named(seen, typed) is None:
        return (Problem(sentence="unknown_branch"),)
    if action == "not_ours":
        return _links(seen, words)
    if action in ("write", "more_info") and branch_words.too_often(
        seen.given, seen.playbook, seen.now, words=action == "write"
    ):
        return (Problem(sentence="enough"),)
    if action == "write":
        return _unsaid(seen, words)
    return ()


def _day(typed: Mapping[str, str]) -> date | None:
    """The day that was typed, None for none and for what is none."""
    try:
        return date.fromisoformat(typed.get("on", "").strip())
    except ValueError:
        return None


def _day_holds(seen: Visit, typed: Mapping[str, str], *, needed: bool) -> bool:
    if not typed.get("on", "").strip():
        return not needed
    on = _day(typed)
    return on is not None and acts.day_holds(on, seen.branch, seen.now)


def _links(seen: Visit, words: str) -> tuple[Problem, ...]:
    """The links that a branch's words may not have."""
    post = seen.post.post if seen.post else None
    there = branch_words.foreign_links(words, seen.playbook, post)
    return tuple(Problem(sentence="voice_link", what=each) for each in there)


def _unsaid(seen: Visit, words: str) -> tuple[Problem, ...]:
    """What the voice check has against the words, in the branch's language."""
    post = seen.post
    if post is None:
        return (Problem(sentence="post_gone"),)
    kinds = masks(seen.branch.language)
    there = findings(words, seen.playbook, public=post.post.visibility == "public")
    said = tuple(Problem(sentence=f"voice_{each.kind}", what=kinds.get(each.what, each.what)) for each in there)
    return said + _links(seen, words)


def _others(seen: Visit) -> dict[str, str]:
    """The other branches: their names, told apart where two have the same one, with their ids."""
    others = [each for each in seen.playbook.branches if each.id != seen.branch.id]
    names = [each.name for each in others]
    return {each.name if names.count(each.name) == 1 else f"{each.name} ({each.id})": each.id for each in others}


def _named(seen: Visit, typed: Mapping[str, str]) -> str | None:
    """The id of the branch that was chosen by name or id, "" for none; None when there is no such branch."""
    name = line(typed.get("belongs_to", ""), 200)
    others = _others(seen)
    known = {"": "", sentences(language_of(seen.branch.language))["dont_know"].casefold(): ""}
    known |= {each.casefold(): each for each in others.values()}
    known |= {line(each, 200).casefold(): branch_id for each, branch_id in others.items()}
    return known.get(name.casefold())


def _accept(seen: Visit, typed: Mapping[str, str]) -> None:
    acts.accept(seen.case.id, seen.branch.id, seen.services, first_name=line(typed.get("who", ""), acts.MOST_NAME))


def _tried(seen: Visit, typed: Mapping[str, str]) -> None:
    acts.tried(seen.case.id, seen.branch.id, seen.services, note=typed.get("note", ""), on=_day(typed))


def _agreed(seen: Visit, typed: Mapping[str, str]) -> None:
    on = _day(typed)
    if on is None:  # too late for the form, so it was not looked at
        raise Refused("there is no day")
    acts.agreed(seen.case.id, seen.branch.id, seen.services, note=typed.get("note", ""), on=on)


def _contacted(seen: Visit, typed: Mapping[str, str]) -> None:
    how: acts.How = typed.get("how", "other")  # type: ignore[assignment]  # checked before
    acts.contacted(seen.case.id, seen.branch.id, seen.services, how=how, note=typed.get("note", ""))


def _done(seen: Visit, typed: Mapping[str, str]) -> None:
    acts.done(seen.case.id, seen.branch.id, seen.services, note=typed.get("note", ""))


def _not_ours(seen: Visit, typed: Mapping[str, str]) -> None:
    to = _named(seen, typed) or ""
    acts.not_ours(seen.case.id, seen.branch.id, seen.services, note=typed.get("note", ""), belongs_to=to)


def _write(seen: Visit, typed: Mapping[str, str]) -> None:
    """Sent twice, the same words of the same form are one message; other words after going back are another."""
    words, once = typed.get("text", ""), typed.get("once", "")
    key = hashlib.sha256(f"{once if _ONCE.fullmatch(once) else ''}\n{words}".encode()).hexdigest()[:24]
    acts.write_to_customer(seen.case.id, seen.branch.id, words, seen.services, key=key)


def _more_info(seen: Visit, typed: Mapping[str, str]) -> None:
    acts.more_information(seen.case.id, seen.branch.id, typed.get("text", ""), seen.services)


def _out_of_office(seen: Visit, typed: Mapping[str, str]) -> None:
    acts.out_of_office(seen.case.id, seen.branch.id, seen.services, note=typed.get("note", ""))


_ACTS: Mapping[Action, Callable[[Visit, Mapping[str, str]], None]] = {
    "accept": _accept,
    "tried": _tried,
    "agreed": _agreed,
    "contacted": _contacted,
    "done": _done,
    "not_ours": _not_ours,
    "write": _write,
    "more_info": _more_info,
    "out_of_office": _out_of_office,
}


# -- showing ------------------------------------------------------------------------------------------------------


def _page(
    seen: Visit,
    *,
    outcome: Outcome | None = None,
    problems: tuple[Problem, ...] = (),
    typed: Mapping[str, str] | None = None,
) -> str:
    """The page of the link's action; the page of the whole case has a form for each that is still possible."""
    link, given = seen.link, seen.given
    offered = OFFERED.get(given.stage, ()) if not seen.case.done else ()
    first = tuple(each for each in offered if each == link.action) if outcome is None else ()
    # What the link is for comes first, and what else can be said below it: no page is a dead end.
    wanted = first + tuple(each for each in offered if each not in first)
    tokens = {each: seen.services.links.token(link.for_action(each)) for each in wanted}
    other = seen.playbook.branch(given.moved_to) if given.moved_to else None
    return action_page(
        ActionPage(
            mail=_shown(seen),
            action=link.action,
            stage=given.stage,
            closed=seen.case.done and given.with_branch,
            asked=link.action in first,
            taken_by=given.taken_by or "",
            agreed_for=given.agreed_for,
            next_try=given.next_try if given.stage == "accepted" and given.tries else None,
            today=seen.now.astimezone(ZoneInfo(seen.branch.time_zone)).date(),
            moved_to=other.name if other else "",
            forms=tokens,
            acted=link.action if outcome or problems else None,
            outcome=outcome,
            problems=problems,
            typed=dict(typed or {}),
            steps=tuple(_doing(step, seen) for step in given.steps),
            branches=tuple(_others(seen)) if "not_ours" in wanted else (),
            once=secrets.token_hex(8),
            read_first=_read_first(seen),
        )
    )


def _read_first(seen: Visit) -> bool:
    """Whether an agent reads the branch's next words to the customer before they go out."""
    post = seen.post
    public = post is not None and post.post.visibility == "public"
    return branch_words.needs_approval(seen.given, seen.playbook, public=public)


def _shown(seen: Visit) -> Any:
    """What the branch's mail shows of the handoff; of posts that were removed nothing."""
    standing = seen.standing
    services = seen.services if standing else replace(seen.services, translator=NoTranslator())
    mail = view(
        seen.given,
        seen.case,
        standing or seen.posts,
        seen.branch,
        seen.playbook,
        services,
    )
    if standing:
        return mail
    bare = mail.customer.model_copy(update={"phone": None, "email": None, "post_url": None})
    return mail.model_copy(update={"posts": (), "customer": bare})


def _doing(step: Step, seen: Visit) -> Doing:
    """A step as it is shown; the branch's words stand on the page of the whole case only."""
    return Doing(at=step.at, what=step.what, who=_who(step.by, seen), **_words(step, seen))


def _who(by: str, seen: Visit) -> str | None:
    """A name for people: the branch's, or our team's without naming anybody; None for the robot."""
    if by == "robot":
        return None
    branch = seen.playbook.branch(by.removeprefix("branch:")) if by.startswith("branch:") else None
    return branch.name if branch else sentences(language_of(seen.branch.language))["team"]


def _words(step: Step, seen: Visit) -> dict[str, Any]:
    if step.note is None:
        return {}
    delivery: Delivery | None = None
    text: str | None
    if step.what == "wrote":
        sent = seen.snapshot.get(Reply, keys.reply(seen.case.id, step.note))
        text = sent.text if sent else None
        if sent is not None:
            delivery = _delivery(sent, seen.case)
    else:
        note = seen.snapshot.get(Note, keys.note(seen.case.id, step.note))
        text = note.text if note else None
    shown = seen.link.action in ("page", "write") and text is not None
    words = mask(text, seen.playbook, masks(seen.branch.language)) if shown and text else ""
    return {"delivery": delivery, "words": words}


def _delivery(words: Reply, case: Case) -> Delivery:
    if words.state == "ready" and not case.done:
        return "waiting"
    if words.state in ("ready", "cancelled"):
        return "declined"
    return "sent" if words.state == "sent" else "underway" if words.open else "failed"


def _notice(
    status: int,
    notice: Notice,
    services: Services,
    *,
    language: str = "",
    ref: str = "",
    form: str = "",
    **headers: str,
) -> dict[str, Any]:
    """A page without a handoff; in the brand's language where it is not known whose link it is."""
    try:
        brand = services.playbooks.active().brand
        name, language = brand.name, language or brand.language
    except Retry:
        name = ""
    return answer(status, notice_page(notice, language, name, ref, form), **headers)
