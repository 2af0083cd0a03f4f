"""A town that no branch lists goes to the branch it is near to, if the post says that something is there."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from firstline import channels
from firstline.decide import decide
from firstline.model.decision import Decision, Known
from firstline.model.post import Author, Place, Post
from firstline.playbook import Playbook
from tests.builders import CARE, a_playbook

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def towns(**products: tuple[str, ...]) -> Playbook:
    """Leeds has towns that are also words, names of people and parts of other names; Berlin has Halle."""
    nearby = {
        "leeds": ("wakefield", "reading", "lincoln", "st. albans", "stoke-on-trent", "high peak"),
        "berlin": ("halle", "koln"),
    }
    branches = [
        b.model_copy(update={"nearby": nearby.get(b.id, ()), "products": products.get(b.id.replace("-", "_"), ())})
        for b in a_playbook().branches
    ]
    return a_playbook().model_copy(update={"branches": tuple(branches)})


def decided(text: str, playbook: Playbook, place: Place | None = None) -> Decision:
    post = Post(
        channel="x", account=CARE, post_id="1", author=Author(id="1"), text=text, at=NOON, thread_id="1", mentions=(CARE,), place=place
    )  # fmt: skip
    return decide(post, Known(law=channels.adapter("x").law(post, "self_serve"), handoff="mailed"), playbook, NOON)


@pytest.mark.parametrize(
    ("text", "branch"),
    [
        ("The engineer never came to my house in Wakefield", "leeds"),
        ("No repair again, I live near Stoke-on-Trent!", "leeds"),
        ("In Reading the engineer never came", "leeds"),
        ("Still waiting for the repair in St. Albans. Nobody calls", "leeds"),
        ("Engineer never came, we live in High Peak", "leeds"),
        ("Waiting for the engineer in #Wakefield", "leeds"),
        ("Der Techniker kam nicht zu uns in Halle", "berlin"),
        ("Der Techniker kam nicht, wir wohnen bei Köln", "berlin"),
        # a branch's own place wins, wherever it stands
        ("Engineer went to berlin, but I am in Wakefield", "berlin"),
        # words and people
        ("I am bad at reading manuals, when does the engineer come?", None),
        ("Your engineer Lincoln was rude and the repair took hours", None),
        ("Ask for Lincoln at Lincoln's repair shop", None),
        ("The engineer waits in Lincoln Road and never came", None),
        ("The engineer of New Wakefield never came, we are in New Wakefield", None),
        ("nobody came, no engineer in wakefield", None),
        # no field issue
        ("I love the shop in Wakefield", None),
    ],
)
def test_a_town_counts_where_something_is_said_to_be(text: str, branch: str | None) -> None:
    assert decided(text, towns()).branch == branch


def test_the_location_s_name_is_a_town_too() -> None:
    assert decided("The engineer never came", towns(), Place(name="Wakefield, England")).branch == "leeds"


def test_the_reason_names_the_town_as_it_was_written() -> None:
    reason = decided("The engineer never came to my house in Wakefield", towns()).branch_reason
    assert reason == "a visit, repair or delivery; a town that belongs to Leeds"


def test_a_town_whose_branch_does_not_handle_the_product_goes_to_the_region_s_desk() -> None:
    playbook = towns(leeds=("hobs",))
    assert decided("No engineer for my oven in Wakefield", playbook).branch == "uk-desk"


def test_who_named_the_town_is_not_asked_where_it_is() -> None:
    where = a_playbook().asks["en"].place
    assert where in str(decided("My oven is broken since May", towns()).answer)
    assert where not in str(decided("My oven is broken since May, here in Wakefield", towns()).answer)
