"""The pages behind a mail's links as a shop manager uses them: on a phone and at a desk, without scripts.

With ``FIRSTLINE_PICTURES=folder`` every page's picture is written there.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, get_args

import pytest

from firstline.model.handoff import Action
from firstline.operations import branch
from firstline.operations.branch_page import visit
from tests.builders import a_playbook
from tests.contract.path.test_branch_pages import token
from tests.contract.path.test_branches import handed, let_through, the_case, the_handoff
from tests.world import World, a_world

from .conftest import DESKTOP, PHONE
from .test_timeline import expect

WIDTHS = {"phone": PHONE, "desktop": DESKTOP}
TEXT = "@acme The engineer never came to repair my oven in Leeds, and that was the second time! The door fell off."


@contextmanager
def served(world: World) -> Iterator[str]:
    """The branch function behind a small server, one request at a time, under a prefix as the local stack has."""

    class Door(BaseHTTPRequestHandler):
        def answer(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            event = {
                "pathParameters": {"token": self.path.rpartition("/branch/")[2]},
                "requestContext": {"http": {"method": self.command}},
                "body": self.rfile.read(length).decode(),
                "isBase64Encoded": False,
            }
            given = visit(event, world.services)
            self.send_response(given["statusCode"])
            for name, value in given["headers"].items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(given["body"].encode())

        do_GET = do_POST = answer

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    server = HTTPServer(("127.0.0.1", 0), Door)
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/prefix/branch/"
    server.shutdown()
    server.server_close()


@pytest.fixture
def world() -> Iterator[World]:
    content = a_playbook().model_dump(mode="json")
    content["handoff"]["page_rate_per_minute"] = 1000
    for each in content["branches"]:
        if each["id"] == "leeds":
            each["name"] = "Acme Service Leeds"
    with a_world(type(a_playbook()).model_validate(content)) as world:
        handed(world, TEXT)
        yield world


@pytest.fixture
def door(world: World) -> Iterator[str]:
    with served(world) as url:
        yield url


@pytest.fixture(params=WIDTHS)
def width(request: Any) -> str:
    return str(request.param)


@contextmanager
def browsing(chromium: Any, width: str, **how: Any) -> Iterator[Any]:
    """A page without scripts; whatever its policy refuses fails the test."""
    context = chromium.new_context(viewport=WIDTHS[width], java_script_enabled=False, **how)
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    yield page
    context.close()
    assert [each for each in complaints if "favicon" not in each and "status of 4" not in each] == []


def picture(page: Any, name: str) -> None:
    folder = os.environ.get("FIRSTLINE_PICTURES")
    if folder:
        page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)


def holds(page: Any, width: str) -> None:
    """Nothing is wider than the screen, whatever can be tapped is large enough, every field has a label."""
    for each in page.locator("main, button, textarea, input:not([type=hidden]), summary, .box, .way").all():
        box = each.bounding_box()
        if box:
            assert box["x"] >= 0 and box["x"] + box["width"] <= WIDTHS[width]["width"]
    for each in page.locator("button, summary, .way, .choice").all():
        box = each.bounding_box()
        assert box is None or box["height"] >= 44
    for each in page.locator("textarea, input[type=text], input[type=date], input[type=radio]").all():
        name = each.get_attribute("id")
        assert each.locator("xpath=ancestor::label").count() or page.locator(f"label[for='{name}']").count() == 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("action", get_args(Action))
def test_a_page_holds_at_every_width_in_light_and_dark(
    chromium: Any, world: World, door: str, width: str, action: Action, scheme: str
) -> None:
    with browsing(chromium, width, color_scheme=scheme) as page:
        page.goto(door + token(world, action))
        expect(page.get_by_role("heading", level=1)).to_contain_text("Please contact")
        holds(page, width)
        picture(page, f"branch-{action}-{width}-{scheme}")


def test_taking_it_on_is_one_tap(chromium: Any, world: World, door: str, width: str) -> None:
    with browsing(chromium, width) as page:
        page.goto(door + token(world, "accept"))
        assert the_handoff(world).stage == "waiting"
        page.get_by_role("button", name="Yes, we take it").click()
        expect(page.get_by_role("status")).to_contain_text("it is yours")
        holds(page, width)
        picture(page, f"branch-accepted-{width}")
    assert the_handoff(world).stage == "accepted"


def test_the_first_button_is_on_a_phones_first_screens(chromium: Any, world: World, door: str) -> None:
    with browsing(chromium, "phone") as page:
        page.goto(door + token(world, "accept"))
        box = page.get_by_role("button").bounding_box()
        assert box and box["y"] + box["height"] < PHONE["height"]


def test_words_that_may_not_go_out_stay_in_the_form_with_the_reason(
    chromium: Any, world: World, door: str, width: str
) -> None:
    with browsing(chromium, width) as page:
        page.goto(door + token(world, "write"))
        words = page.get_by_label("Your words")
        words.fill("Please ring Ben on 07700 900123.")
        page.get_by_role("button", name="Send to the customer").click()
        expect(page.get_by_role("alert")).to_contain_text("Personal data (phone number)")
        expect(page.get_by_label("Your words")).to_have_value("Please ring Ben on 07700 900123.")
        holds(page, width)
        picture(page, f"branch-write-refused-{width}")
        page.get_by_label("Your words").fill("We are sorry. We come on Tuesday at ten and bring a new door.")
        page.get_by_role("button", name="Send to the customer").click()
        expect(page.get_by_role("status")).to_contain_text("our team reads your words")


def test_a_double_click_is_one_message(chromium: Any, world: World, door: str) -> None:
    with browsing(chromium, "phone") as page:
        page.goto(door + token(world, "write"))
        page.get_by_label("Your words").fill("We come on Tuesday at ten.")
        page.get_by_role("button", name="Send to the customer").dblclick()
        expect(page.get_by_role("status")).to_be_visible()
    assert len(world.records(the_case(world).id, "reply#branch-")) == 1


def test_on_the_page_of_the_case_every_form_opens_by_a_tap_and_acts(
    chromium: Any, world: World, door: str, width: str
) -> None:
    with browsing(chromium, width) as page:
        page.goto(door + token(world))
        page.get_by_text("This is not for us").click()
        page.get_by_label("Why is it not for you?").fill("Berlin sold it")
        page.get_by_label("Where does it belong?").fill("Berlin")
        holds(page, width)
        page.get_by_role("button", name="Send it on").click()
        expect(page.get_by_role("status")).to_contain_text("it goes to Berlin now")
    assert the_handoff(world).moved_to == "berlin"


def test_a_stale_link_shows_what_was_done(chromium: Any, world: World, door: str, width: str) -> None:
    case_id = the_case(world).id
    branch.accept(case_id, "leeds", world.services)
    world.now += timedelta(minutes=5)
    branch.write_to_customer(case_id, "leeds", "We come on Tuesday at ten.", world.services, key="k")
    let_through(world)
    world.pass_time(600)
    branch.contacted(case_id, "leeds", world.services, how="phone", note="Agreed on Tuesday, ten o’clock.")
    world.pass_time(3600, step=600)
    branch.done(case_id, "leeds", world.services, note="New door, works.")
    with browsing(chromium, width) as page:
        for action in get_args(Action):
            page.goto(door + token(world, action))
            expect(page.get_by_role("listitem").filter(has_text="Done")).to_be_visible()
            expect(page.get_by_role("button")).to_have_count(0)
        holds(page, width)
        picture(page, f"branch-done-{width}")


def test_an_arabic_branch_reads_from_right_to_left(chromium: Any, world: World, door: str, width: str) -> None:
    content = world.published.now.model_dump(mode="json")
    for each in content["branches"]:
        each["language"] = "ar"
    world.published.now = type(world.published.now).model_validate(content)
    with browsing(chromium, width) as page:
        page.goto(door + token(world))
        expect(page.locator("html")).to_have_attribute("dir", "rtl")
        holds(page, width)
        picture(page, f"branch-arabic-{width}")


def test_a_link_that_is_over_is_a_page_too(chromium: Any, world: World, door: str, width: str) -> None:
    link = token(world, "accept", days=1)
    world.now += timedelta(days=2)
    with browsing(chromium, width) as page:
        page.goto(door + link)
        expect(page.get_by_role("heading", level=1)).to_have_text("This link is over")
        holds(page, width)
        picture(page, f"branch-over-{width}")
