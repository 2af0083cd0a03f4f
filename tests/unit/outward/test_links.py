"""Links in branches' mails: what a token opens, and what it does not."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError
from hypothesis import given
from hypothesis import strategies as st

from firstline.model.errors import Forged, Retry
from firstline.outward.links import Link, Links
from firstline.outward.secrets import FRESH, REREAD, LinkKeys

EXPIRES = datetime(2026, 12, 7, 10, 0, tzinfo=UTC)
ACCEPT = Link(case_id="7K3M9QX2", branch="leeds", action="accept", expires_at=EXPIRES)


class Vault:
    """A Secrets Manager with one secret, and a clock."""

    def __init__(self, current: str = "new" * 12, previous: str = "") -> None:
        self.keys = {"current": current, "previous": previous}
        self.seconds = 1000.0
        self.reads = 0
        self.away = False

    def get_secret_value(self, **_: Any) -> dict[str, str]:
        self.reads += 1
        if self.away:
            raise EndpointConnectionError(endpoint_url="secrets")
        return {"SecretString": json.dumps(self.keys)}

    def rotate(self, key: str) -> None:
        self.keys = {"current": key, "previous": self.keys["current"]}

    def links(self) -> Links:
        return Links(LinkKeys(lambda: self, "links", lambda: self.seconds), "https://care.example")


def test_a_link_says_what_it_is_for_and_until_when() -> None:
    links = Vault().links()
    assert links.read(links.token(ACCEPT)) == ACCEPT


def test_the_address_holds_the_token_and_nothing_that_mail_clients_break() -> None:
    links = Vault().links()
    url = links.url(ACCEPT)
    assert url == f"https://care.example/branch/{links.token(ACCEPT)}" and len(url) < 250
    assert set(links.token(ACCEPT)) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")


def test_without_an_address_of_our_own_there_are_no_links() -> None:
    vault = Vault()
    assert Links(LinkKeys(lambda: vault, "links", lambda: 0.0), "").url(ACCEPT) == "" and vault.reads == 0


def test_each_action_branch_case_and_end_has_a_token_of_its_own() -> None:
    links = Vault().links()
    others = [
        ACCEPT.for_action("done"),
        ACCEPT.model_copy(update={"branch": "berlin"}),
        ACCEPT.model_copy(update={"case_id": "7K3M9QX3"}),
        ACCEPT.model_copy(update={"expires_at": datetime(2027, 1, 1, tzinfo=UTC)}),
    ]
    for other in others:
        claims, _, _ = links.token(other).rpartition(".")
        _, _, signature = links.token(ACCEPT).rpartition(".")
        with pytest.raises(Forged):
            links.read(f"{claims}.{signature}")


@given(st.data())
def test_a_token_with_any_one_character_changed_opens_nothing(data: st.DataObject) -> None:
    links = Vault().links()
    token = links.token(ACCEPT)
    place = data.draw(st.integers(0, len(token) - 1))
    other = data.draw(st.characters(exclude_characters=token[place]))
    with pytest.raises(Forged):
        links.read(token[:place] + other + token[place + 1 :])


@given(st.integers(0, 150), st.integers(1, 150))
def test_a_token_with_anything_cut_out_opens_nothing(start: int, length: int) -> None:
    links = Vault().links()
    token = links.token(ACCEPT)
    shorter = token[:start] + token[start + length :]
    if shorter != token:
        with pytest.raises(Forged):
            links.read(shorter)


@given(st.text())
def test_no_text_of_a_strangers_is_a_token(text: str) -> None:
    links = Vault().links()
    for made in (text, links.token(ACCEPT) + text if text else "x", text + links.token(ACCEPT) if text else "y"):
        with pytest.raises(Forged):
            links.read(made)


def test_what_somebody_elses_key_signed_opens_nothing() -> None:
    with pytest.raises(Forged):
        Vault().links().read(Vault("somebody else's").links().token(ACCEPT))


def test_an_action_that_is_none_of_ours_opens_nothing() -> None:
    links = Vault().links()
    with pytest.raises(Forged):
        links.read(links.token(ACCEPT.model_copy(update={"action": "delete"})))


def test_after_one_rotation_older_links_hold_and_after_two_they_do_not() -> None:
    vault = Vault()
    links = vault.links()
    token = links.token(ACCEPT)
    vault.rotate("second" * 6)
    vault.seconds += FRESH
    assert links.read(token) == ACCEPT and links.token(ACCEPT) != token
    vault.rotate("third" * 7)
    vault.seconds += FRESH
    with pytest.raises(Forged):
        links.read(token)


def test_a_key_that_is_newer_than_our_last_read_is_found_at_once() -> None:
    vault = Vault()
    here, elsewhere = vault.links(), vault.links()
    here.token(ACCEPT)
    vault.rotate("second" * 6)
    vault.seconds += REREAD
    assert here.read(elsewhere.token(ACCEPT)) == ACCEPT


def test_forged_tokens_do_not_make_us_read_the_keys_again_and_again() -> None:
    vault = Vault()
    links = vault.links()
    token = links.token(ACCEPT)
    for _ in range(50):
        with pytest.raises(Forged):
            links.read("A" + token)
    assert vault.reads == 1


def test_without_the_keys_nothing_is_signed_or_refused_for_good() -> None:
    vault = Vault()
    vault.away = True
    with pytest.raises(Retry):
        vault.links().token(ACCEPT)
    with pytest.raises(Retry):
        Vault(current="").links().token(ACCEPT)
