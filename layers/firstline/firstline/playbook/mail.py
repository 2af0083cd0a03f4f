"""What a playbook may say in its own words in the mails to branches (R46): kind -> language -> sentence -> text.

The words in braces are Jinja's: ``{{ customer }}``, ``{% if … %}``. Nothing else of Jinja is taken, so that a sentence
always ends, reads nothing but the values it is given, and stays text: the mail escapes it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import StringConstraints

from firstline.model.handoff import MailKind

from .parts import Language

TextKind = Literal[MailKind, "digest"]
LONGEST = 500
"""Characters of one sentence."""
Sentence = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST)]
MailTexts = dict[Literal[TextKind, "all"], dict[Language, dict[str, Sentence]]]
"""``all`` is for every kind; a kind's own words come before it."""

CASE_VALUES = frozenset({"brand", "branch", "recipient", "customer", "channel", "ref", "topic", "when"})
"""What every sentence about a case may use. ``recipient`` differs from ``branch`` in an escalation only."""
DIGEST_VALUES = frozenset({"brand", "branch", "week", "open", "late"})

_ABOUT_A_CASE = (
    "subject preview headline somebody by accept_by late day when reach call write only_channel by_page by_reply "
    "by_team quote_reference see_post public private happened words translated original not_translated "
    "attachments older asked reason_safety reason_store reason_onsite reason_region reason_agent please "
    "answer_public answer_private note actions accept contacted done not_ours write_customer more_info "
    "out_of_office page case footer masked_address masked_card masked_customer_number masked_email masked_iban "
    "masked_national_id "
    "masked_order_number masked_phone still_not_accepted still_not_contacted still_not_reached "
    "headline_done preview_done by_done please_done still_not_done still_away reason_moved note_from answer_by_page "
    "still_no_answer tried agreed"
)
_OF_A_KIND: Mapping[str, str] = {
    "escalation": "subject_done subject_away headline_away preview_away please_away by_ahead preview_ahead",
}
"""Sentences that only one kind of mail has."""
_IN_A_DIGEST = (
    "subject preview headline day when numbers open late none_open handed done accepted_in contacted_in helped "
    "not_helped customers_said nobody_said contact_by branches page unsubscribe footer unknown more_open"
)
_MORE: Mapping[str, frozenset[str]] = {
    "day": frozenset({"weekday", "day"}),
    "when": frozenset({"day", "time"}),
    "accept_by": frozenset({"moment"}),
    "call": frozenset({"phone"}),
    "write": frozenset({"email"}),
    "translated": frozenset({"language"}),
    "original": frozenset({"language"}),
    "attachments": frozenset({"count"}),
    "older": frozenset({"count"}),
    "more_open": frozenset({"count"}),
    "contact_by": frozenset({"when"}),
    "reason_moved": frozenset({"before"}),
    "note_from": frozenset({"who"}),
}
_ALONE = frozenset({"day", "when"})
"""They make the values of others and have none beside their own."""


def sentences_of(kind: str) -> tuple[str, ...]:
    """The names of the sentences in a kind of mail. ``all``: of every kind."""
    if kind == "all":
        return tuple(dict.fromkeys(f"{_ABOUT_A_CASE} {_IN_A_DIGEST}".split()))
    if kind == "digest":
        return tuple(_IN_A_DIGEST.split())
    return tuple(f"{_ABOUT_A_CASE} {_OF_A_KIND.get(kind, '')}".split())


def values_of(kind: str, sentence: str) -> frozenset[str]:
    """What a sentence may use in a kind of mail. ``all``: what it may use in every one that has it."""
    more = _MORE.get(sentence, frozenset())
    if sentence in _ALONE:
        return more
    if kind == "all":
        pairs = (("handoff", CASE_VALUES), ("digest", DIGEST_VALUES))
        return more | frozenset.intersection(*(values for each, values in pairs if sentence in sentences_of(each)))
    return more | (DIGEST_VALUES if kind == "digest" else CASE_VALUES)


def problems(mail: MailTexts) -> Iterator[tuple[tuple[Any, ...], str, str]]:
    """``(path, what is wrong, what to write instead)`` of every sentence that no mail could be made of."""
    for kind, languages in mail.items():
        known = sentences_of(kind)
        for language, texts in languages.items():
            for name, text in texts.items():
                path = ("mail", kind, language, name)
                if name not in known:
                    yield path, f"no sentence of {kind} is named {name}", f"one of {', '.join(sorted(known))}"
                    continue
                for message, instead in mistakes(text, values_of(kind, name)):
                    yield path, message, instead


def mistakes(text: str, values: frozenset[str]) -> Iterator[tuple[str, str]]:
    """``(what is wrong, what to write instead)`` of one sentence that may use ``values``."""
    from jinja2 import TemplateSyntaxError, meta, nodes  # here, since functions that only decide need no templates
    from jinja2.sandbox import SandboxedEnvironment

    allowed = (
        nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.If, nodes.CondExpr, nodes.Const,
        nodes.Not, nodes.And, nodes.Or, nodes.Compare, nodes.Operand,
    )  # fmt: skip
    try:
        tree = SandboxedEnvironment().parse(text)
    except TemplateSyntaxError as error:
        where = f" in its line {error.lineno}" if error.lineno > 1 else ""
        yield f"no template{where}: {error.message}", "words, {{ names }} and {% if name %}…{% endif %}"
        return
    for node in tree.find_all(nodes.Node):
        if not isinstance(node, allowed):
            what = type(node).__name__.lower()
            yield f"a {what} is not for sentences", "words, {{ names }} and {% if name %}…{% endif %}"
            return
    for unknown in sorted(meta.find_undeclared_variables(tree) - values):
        yield f"unknown {{{{ {unknown} }}}}", f"one of {', '.join(sorted(values))}"
    if any(not (character.isprintable() or character in "\n\u200c\u200d") for character in text):
        yield "has characters that cannot be seen", "plain words"
