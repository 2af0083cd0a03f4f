"""What the timeline page is told beside the posts: targets of the local playbook, how far messages came."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from infra.local.playbook import answer_targets, local_playbook
from infra.local.simulators import person
from infra.local.simulators.settings import Settings
from infra.local.simulators.simulation import Simulation
from infra.local.stack import ACCOUNTS, ROOT
from infra.local.story import ERRANDS, STORY
from tests.unit.simulators.platforms import a_settings, call

NUMBER = "300000000000001"
NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)


def test_every_channel_and_source_of_the_local_stack_has_its_target() -> None:
    targets = answer_targets(local_playbook())
    sources = {each["id"] for each in ACCOUNTS["generic"]}
    assert set(targets) == {*ACCOUNTS, *sources, "dm"}
    assert (targets["x"], targets["whatsapp"], targets["reviews"], targets["mastodon"]) == (900, 300, 3600, 900)
    assert targets["contact-centre"] == 0
    assert Settings.model_validate(a_settings().model_dump() | {"targets": targets}).targets == targets


def test_the_story_is_told_on_every_channel_and_source_and_the_readme_counts_it() -> None:
    named = {each["id"] for each in ACCOUNTS["generic"] if each["id"] != "generic"}
    assert {beat.channel for beat in STORY} == set(ACCOUNTS)
    assert {beat.place for beat in STORY if beat.channel == "generic"} == named
    assert {errand.who for errand in ERRANDS} <= {beat.who for beat in STORY}
    assert f"a story of {len(STORY)} posts" in (ROOT / "README.md").read_text()


def whatsapp() -> Simulation:
    told: dict[str, Any] = a_settings().model_dump()
    told["signing"]["whatsapp"] = "s"
    told["accounts"]["whatsapp"] = [{"id": NUMBER, "name": "Acme"}]
    told["tokens"]["whatsapp"] = {NUMBER: {"token": "page-token"}}
    return Simulation(Settings.model_validate(told), clock=lambda: NOW)


def test_the_page_is_told_how_far_a_message_on_whatsapp_came() -> None:
    simulation = whatsapp()
    customer = simulation.whatsapp.post(person("whatsapp", "Ana"), "Cold", NOW)[0]
    for faulty in (False, True):
        if faulty:
            simulation.whatsapp.faults.plan("whatsapp", "undelivered", NOW)
        text = {"messaging_product": "whatsapp", "to": customer.author.id, "type": "text", "text": {"body": "Sorry."}}
        call(simulation.whatsapp, "POST", f"/v25.0/{NUMBER}/messages", text)
    theirs, arrived, failed = simulation.posts()["posts"]
    assert (theirs["status"], arrived["status"], failed["status"]) == (None, "delivered", "failed")
    simulation.whatsapp.statuses(arrived["id"], "read", NOW)
    assert simulation.posts()["posts"][1]["status"] == "read"
    simulation.close()
