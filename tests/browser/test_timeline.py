"""The timeline: a customer writes, the brand's answer appears."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json

import pytest

from infra.local.simulators import person
from tests.browser.conftest import PHONE
from tests.unit.simulators.platforms import ANA, BEN, CARE, comment, message, on_page, on_x, reply


def expect(locator):
    from playwright.sync_api import expect as expected

    return expected(locator)


def now(local):
    return local.simulation.clock()


def test_a_customers_post_goes_out_as_a_signed_webhook(local, page):
    page.goto(f"{local.url}/timeline")
    page.get_by_label("You are").select_option(label="Emma Clarke (en)")
    page.get_by_label("Text", exact=True).fill("my oven is cold")
    page.get_by_role("button", name="Post", exact=True).click()
    expect(page.get_by_text("Posted, and the webhook was taken.")).to_be_visible()
    expect(page.locator("#threads").get_by_text("@AcmeCare my oven is cold")).to_be_visible()
    [got] = local.receiver.got
    digest = base64.b64encode(hmac.new(b"x-secret", got.body, hashlib.sha256).digest()).decode()
    assert (got.path, got.headers["x-twitter-webhooks-signature"]) == ("/webhooks/x", f"sha256={digest}")
    payload = json.loads(got.body)["data"]["payload"]
    assert (payload["text"], payload["lang"]) == ("@AcmeCare my oven is cold", "en")


@pytest.mark.parametrize(
    ("tab", "path", "field"),
    [("Facebook", "/webhooks/facebook", "changes"), ("Messenger", "/webhooks/messenger", "messaging")],
)
def test_one_posts_on_each_platform_under_an_own_name(local, page, tab, path, field):
    page.goto(f"{local.url}/timeline")
    page.get_by_role("tab", name=tab).click()
    page.get_by_label("You are").select_option(label="Someone else…")
    page.get_by_label("Your name").fill("Zoë Ångström")
    page.get_by_label("Text", exact=True).fill("Is anybody there?")
    page.locator("#send").click()
    expect(page.locator("#threads").get_by_text("Is anybody there?")).to_be_visible()
    expect(page.locator("#threads").get_by_text("Zoë Ångström", exact=True)).to_be_visible()
    [got] = local.receiver.got
    assert got.path == path
    assert field in json.loads(got.body)["entry"][0]
    digest = hmac.new(b"page-secret", got.body, hashlib.sha256).hexdigest()
    assert got.headers["x-hub-signature-256"] == f"sha256={digest}"


def test_the_brands_answers_appear_by_themselves_on_every_platform(local, page):
    x, graph = local.simulation.x, local.simulation.graph
    post, below = on_x(x, at=now(local)), on_page(graph, at=now(local))
    on_page(graph, "Hello?", private=True, at=now(local))
    page.goto(f"{local.url}/timeline")
    expect(page.get_by_text("waiting")).to_be_visible()
    reply(x, post, "Sorry, Ana. We are looking into it.", now=now(local))
    expect(page.locator("article.byBrand").get_by_text("Sorry, Ana. We are looking into it.")).to_be_visible()
    expect(page.get_by_text("answered after")).to_be_visible()
    expect(page.locator("#live")).to_contain_text("Sorry, Ana.")

    page.get_by_role("tab", name="Facebook").click()
    comment(graph, below, "Sorry, Ben.", now=now(local))
    expect(page.locator(".below article.byBrand").get_by_text("Sorry, Ben.")).to_be_visible()

    page.get_by_role("tab", name="Messenger").click()
    message(graph, BEN.id, "Good morning, Ben.", now=now(local))
    expect(page.locator("li.byBrand").get_by_text("Good morning, Ben.")).to_be_visible()


def test_an_answer_after_its_target_is_shown_as_late(local, page):
    from datetime import timedelta

    post = on_x(local.simulation.x, at=now(local) - timedelta(hours=1))
    page.goto(f"{local.url}/timeline")
    expect(page.locator(".clock.late")).to_have_text("no answer within 15 min")
    reply(local.simulation.x, post, now=now(local))
    expect(page.locator(".clock.late")).to_contain_text("answered after 1 h")


def test_markup_in_names_and_texts_is_shown_as_text(local, page):
    author = person("facebook", "<img src=x onerror=document.title='owned'>")
    on_page(local.simulation.graph, "<script>document.title='owned'</script><b>bold</b>", author, at=now(local))
    page.goto(f"{local.url}/timeline#facebook")
    expect(page.get_by_text("<script>document.title='owned'</script><b>bold</b>", exact=True)).to_be_visible()
    expect(page.get_by_text("<img src=x onerror=document.title='owned'>", exact=True)).to_be_visible()
    assert page.locator("#threads img, #threads script, #threads .text b").count() == 0
    assert page.title() == "Public timeline (simulated platforms)"


def test_a_customer_answers_in_the_thread_and_the_brand_answers_by_hand(local, page):
    on_x(local.simulation.x, at=now(local))
    page.goto(f"{local.url}/timeline")
    page.get_by_role("button", name="Reply: Ana Ruiz").click()
    page.get_by_label("Text", exact=True).fill("@AcmeCare still cold")
    page.get_by_role("button", name="Answer", exact=True).click()
    expect(page.locator("#threads").get_by_text("@AcmeCare still cold")).to_be_visible()
    page.locator("article", has_text="still cold").hover()
    page.locator("article", has_text="still cold").get_by_role("button", name="Answer by hand").click()
    page.get_by_label("Text", exact=True).fill("Maria here.")
    page.get_by_role("button", name="Answer", exact=True).click()
    expect(page.locator("article.byBrand").get_by_text("Brand, by hand")).to_be_visible()
    told = [json.loads(each.body)["data"] for each in local.receiver.got]
    assert [each["event_type"] for each in told] == ["post.mention.create", "post.create"]
    assert told[1]["payload"]["author_id"] == CARE
    assert local.simulation.sent() == []


def test_a_deleted_post_is_shown_as_gone(local, page):
    on_page(local.simulation.graph, "I regret this", at=now(local))
    page.goto(f"{local.url}/timeline#facebook")
    page.locator("article").hover()
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_text("This was deleted by its author.")).to_be_visible()
    assert json.loads(local.receiver.got[0].body)["entry"][0]["changes"][0]["value"]["verb"] == "remove"


def test_a_receiver_that_refuses_is_told_to_the_customer_to_be(local, page):
    local.receiver.status = 401
    page.goto(f"{local.url}/timeline#facebook")
    page.get_by_label("Text", exact=True).fill("Hello")
    page.locator("#send").click()
    expect(page.get_by_role("status")).to_contain_text("not taken (401)")


def test_the_tabs_are_moved_by_arrow_keys(local, page):
    page.goto(f"{local.url}/timeline")
    page.get_by_role("tab", name="X").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("tab", name="Facebook")).to_be_focused()
    expect(page.get_by_role("tab", name="Facebook")).to_have_attribute("aria-selected", "true")


@pytest.mark.parametrize("channel", ["x", "facebook", "messenger"])
def test_nothing_is_wider_than_a_phone(local, page, channel):
    endless = "https://example.com/" + "a" * 300
    on_x(local.simulation.x, f"@AcmeCare {endless}", at=now(local))
    on_x(local.simulation.x, endless, ANA, private=True, account=CARE, at=now(local))
    deep = on_page(local.simulation.graph, endless, at=now(local))
    for _ in range(4):
        deep = on_page(local.simulation.graph, endless, parent_id=deep.id, at=now(local))
    on_page(local.simulation.graph, endless, private=True, at=now(local))
    page.set_viewport_size(PHONE)
    page.goto(f"{local.url}/timeline#{channel}")
    page.wait_for_selector(".thread")
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
