"""The address of a handoff: found again however a mail client writes it, and made by nobody else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstline.outward.mailbox import case_named, make, read, reply_to

NEW, OLD = "new key", "old key"
HANDED_TO = ("berlin", "Leeds_North-2")
case_ids = st.text("0123456789ABCDEFGHJKMNPQRSTVWXYZ", min_size=8, max_size=8)
branches = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_-]{0,80}", fullmatch=True)


@given(case_ids, branches)
def test_the_address_names_its_case_and_branch(case_id: str, branch: str) -> None:
    address = reply_to("case@reply.acme.example", case_id, branch, [NEW])
    local, _, domain = address.partition("@")
    assert len(local) <= 64 and domain == "reply.acme.example"
    for written in (address, local, address.upper(), address.title()):
        assert case_named(written) == case_id
        assert read(written, [NEW], ["other", branch]) == (case_id, branch)


def test_a_key_that_was_replaced_still_opens_until_it_is_dropped() -> None:
    local = make("7K3M9QX2", "berlin", [OLD])
    assert read(local, [NEW, OLD], HANDED_TO) == ("7K3M9QX2", "berlin")
    assert read(local, [NEW], HANDED_TO) is None


@given(st.data())
def test_a_changed_address_is_nobodys(data: st.DataObject) -> None:
    local = make("7K3M9QX2", "berlin", [NEW])
    place = data.draw(st.integers(local.index("+") + 1, len(local) - 1))
    letter = data.draw(st.sampled_from("0123456789abcdefghjkmnpqrstvwxyz").filter(lambda each: each != local[place]))
    assert read(local[:place] + letter + local[place + 1 :], [NEW], HANDED_TO) is None


def test_a_branchs_address_is_not_anothers() -> None:
    local = make("7K3M9QX2", "berlin", [NEW])
    assert read(local, [NEW], ["Leeds_North-2"]) is None
    assert read(local, [NEW], []) is None
    assert read(local, [], HANDED_TO) is None


@given(st.text())
def test_what_is_no_address_of_ours_names_nothing(text: str) -> None:
    assert read(text, [NEW], HANDED_TO) is None


def test_an_address_needs_a_key_and_room() -> None:
    with pytest.raises(ValueError, match="key"):
        make("7K3M9QX2", "berlin", [])
    with pytest.raises(ValueError, match="too long"):
        make("7K3M9QX2", "berlin", [NEW], mailbox="a-mailbox-with-a-very-long-name")
