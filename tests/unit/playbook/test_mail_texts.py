"""A playbook's own words for the mails: what no mail could be made of is named at its line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstline.outward.mailtext import handoff_mail
from firstline.playbook import PlaybookErrors, load_yaml
from firstline.playbook.mail import LONGEST, mistakes, values_of
from infra.ops.playbook import EXAMPLE
from tests.unit.mailtext.builders import a_customer, a_handoff, html_of, received, text_of


def errors(block: str) -> list[str]:
    with pytest.raises(PlaybookErrors) as raised:
        load_yaml(f"{EXAMPLE.read_text()}\nmail:\n{block}")
    return [str(each) for each in raised.value.errors]


@pytest.mark.parametrize(
    ("block", "said"),
    [
        ("  handoff: {de: {headline: 'Ruf {{ kunde }} an'}}", "unknown {{ kunde }}"),
        ("  handoff: {de: {headline: 'Ruf {{ customer an'}}", "no template"),
        ("  handoff: {de: {headline: '{% if customer %}Ruf an'}}", "no template"),
        ("  handoff: {de: {heading: 'Ruf an'}}", "no sentence of handoff is named heading"),
        ("  letter: {de: {headline: 'Ruf an'}}", "letter"),
        ("  digest: {de: {headline: '{{ customer }}'}}", "unknown {{ customer }}"),
        ("  all: {de: {footer: '{{ customer }}'}}", "unknown {{ customer }}"),
        ("  handoff: {de: {headline: '{% for x in customer %}a{% endfor %}'}}", "a for is not for sentences"),
        ("  handoff: {de: {headline: '{{ customer.__class__ }}'}}", "a getattr is not for sentences"),
        ("  handoff: {de: {headline: '{{ customer * 9999999 }}'}}", "a mul is not for sentences"),
        ("  handoff: {de: {headline: \"{% include 'base.html.j2' %}\"}}", "a include is not for sentences"),
        ("  handoff: {de: {headline: '%s'}}" % ("a" * (LONGEST + 1)), "at most 500 characters"),
        ("  handoff: {de: {headline: \"a\\u202eb\"}}", "cannot be seen"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_at_its_line_with_what_to_write_instead(block, said):
    (error,) = errors(block)
    last = len(EXAMPLE.read_text().splitlines()) + 3
    assert error.startswith(f"line {last}, ")
    assert said in error
    assert "(write " in error or "500" in error


def test_own_sentences_come_before_the_shipped_ones_and_a_kinds_own_before_those_for_all():
    texts = {
        "all": {"en": {"headline": "For all: {{ customer }}", "case": "Job"}},
        "reminder": {"en": {"headline": "Again: {{ customer }}{% if ref %} ({{ ref }}){% endif %}"}},
    }
    assert "For all: Maria Hughes" in text_of(received(a_handoff(texts=texts)))
    again = text_of(received(a_handoff(texts=texts, kind="reminder")))
    assert "Again: Maria Hughes (FL-7K3M-9QX2)" in again
    assert "Job FL-7K3M-9QX2" in again
    assert "Bitte melden" in text_of(received(a_handoff(texts=texts, language="de")))


def test_own_words_are_text_and_never_markup():
    texts = {"all": {"en": {"headline": "<script>{{ customer }}</script> & <b>now</b>"}}}
    mail = received(a_handoff(texts=texts, customer=a_customer(name="<img src=x>")))
    assert "&lt;script&gt;<bdi>&lt;img src=x&gt;</bdi>&lt;/script&gt; &amp; &lt;b&gt;now&lt;/b&gt;" in html_of(mail)
    assert "<script>" not in html_of(mail)


def test_a_broken_sentence_that_was_published_all_the_same_does_not_stop_the_mail():
    texts = {"all": {"en": {"headline": "{{ nobody }}", "by": "{% if %}"}}}
    assert "Please contact Maria Hughes" in text_of(received(a_handoff(texts=texts)))


@given(
    st.one_of(
        st.text(max_size=60),
        st.lists(st.sampled_from(["{{", "}}", "{%", "%}", "customer", "if", "{#", " ", "x"]), max_size=8).map("".join),
    )
)
def test_whatever_check_lets_pass_makes_a_mail(text):
    if text and not list(mistakes(text, values_of("handoff", "headline"))):
        handoff_mail(a_handoff(texts={"handoff": {"en": {"headline": text}}}))
