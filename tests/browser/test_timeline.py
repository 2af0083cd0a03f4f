"""The timeline: a customer writes, the brand's answer appears."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import timedelta

import pytest

from firstline.channels import door
from infra.local.simulators import person
from infra.local.simulators.wire import standard_webhook
from tests.browser.conftest import NARROW, NUMBER, PICTURES, SIGNED
from tests.unit.simulators.platforms import BEN, CARE, PAGE, call, comment, message, on_page, on_x, reply

CHANNELS = ["x", "facebook", "messenger", "instagram", "whatsapp", "generic"]


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
    [
        ("Facebook", "/webhooks/facebook", "changes"),
        ("Messenger", "/webhooks/messenger", "messaging"),
        ("Instagram", "/webhooks/instagram", "changes"),
        ("WhatsApp", "/webhooks/whatsapp", "changes"),
    ],
)
def test_one_posts_on_each_platform_under_an_own_name(local, page, tab, path, field):
    page.goto(f"{local.url}/timeline")
    page.get_by_role("tab", name=tab).click()
    page.get_by_label("You are").select_option(label="Someone else…")
    page.get_by_label("Your name").fill("Zoë Ångström")
    page.get_by_label("Text", exact=True).fill("Is anybody there?")
    page.locator("#send").click()
    expect(page.locator("#threads").get_by_text("Is anybody there?")).to_be_visible()
    expect(
        page.locator("#threads").get_by_text("zoeangstrom" if tab == "Instagram" else "Zoë Ångström", exact=True)
    ).to_be_visible()
    [got] = local.receiver.got
    assert got.path == path
    assert field in json.loads(got.body)["entry"][0]
    digest = hmac.new(b"page-secret", got.body, hashlib.sha256).hexdigest()
    assert got.headers["x-hub-signature-256"] == f"sha256={digest}"


@pytest.mark.parametrize(
    ("where", "act", "kind", "text"),
    [
        ("Reviews", None, "review", "★★☆☆☆ Never gets warm"),
        ("Contact centre", "E-mail", "email", "Never gets warm"),
        ("Mastodon, over a bridge", "Private message", "message", "Never gets warm"),
    ],
)
def test_one_writes_at_each_other_source_as_a_verified_customer(local, page, where, act, kind, text):
    page.goto(f"{local.url}/timeline#generic")
    page.get_by_label("Where").select_option(label=where)
    if act:
        page.get_by_role("radio", name=act).check(force=True)
    page.get_by_label("Text", exact=True).fill("Never gets warm")
    page.locator("#send").click()
    expect(page.locator("#threads").get_by_text("Never gets warm", exact=True)).to_be_visible()
    [got] = local.receiver.got
    source = {"Reviews": "reviews", "Contact centre": "contact-centre"}.get(where, "mastodon")
    door("generic").verify(got.headers, got.body, {"signing": SIGNED}, now(local))
    told = json.loads(got.body)["data"]
    assert (got.path, told["kind"], told["text"]) == (f"/webhooks/{source}", kind, text)
    verified = {"email": "emma.clarke@example.org"} if source != "mastodon" else None
    assert told["author"].get("verified_contact") == verified
    assert page.get_by_role("img", name="2 of 5 stars").count() == (kind == "review")


def test_a_customer_mentions_the_brand_and_answers_its_story_on_instagram(local, page):
    page.goto(f"{local.url}/timeline#instagram")
    for kind, text in (("Mention", "dead already"), ("Story", "Is it self-cleaning?")):
        page.get_by_role("radio", name=kind).check(force=True)
        page.get_by_label("Text", exact=True).fill(text)
        page.locator("#send").click()
        expect(page.locator("#threads").get_by_text(text)).to_be_visible()
    mention, story = (json.loads(each.body)["entry"][0] for each in local.receiver.got)
    assert mention["changes"][0]["field"] == "mentions"
    assert story["messaging"][0]["message"]["reply_to"]["story"]["id"]
    expect(page.get_by_text("@acme.home dead already")).to_be_visible()
    expect(page.get_by_text("Replied to the brand's story")).to_be_visible()
    post_id = mention["changes"][0]["value"]["comment_id"]
    said = {"comment_id": post_id, "message": "Sorry to read that."}
    call(local.simulation.instagram, "POST", f"/v25.0/{PICTURES}/mentions", said, now=now(local))
    picture = page.get_by_role("region", name="Picture of emma_clarke with comments")
    expect(picture.locator(".byBrand").get_by_text("Sorry to read that.")).to_be_visible()


def test_a_customer_on_whatsapp_hides_the_number_and_sees_how_far_an_answer_came(local, page):
    page.goto(f"{local.url}/timeline#whatsapp")
    page.get_by_label("Hide the phone number").check()
    page.get_by_label("Text", exact=True).fill("Cold again")
    page.locator("#send").click()
    expect(page.get_by_text("@emma_clarke, number hidden")).to_be_visible()
    [contact] = json.loads(local.receiver.got[0].body)["entry"][0]["changes"][0]["value"]["contacts"]
    assert "wa_id" not in contact

    text = {
        "messaging_product": "whatsapp",
        "recipient": contact["user_id"],
        "type": "text",
        "text": {"body": "Sorry."},
    }
    call(local.simulation.whatsapp, "POST", f"/v25.0/{NUMBER}/messages", text, now=now(local))
    expect(page.locator("li.byBrand .ticks")).to_have_class("ticks delivered")
    page.get_by_role("button", name="Mark as read").click()
    expect(page.locator("li.byBrand .ticks")).to_have_class("ticks read")
    assert b'"status":"read"' in local.receiver.got[-1].body


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


def test_the_brands_answers_appear_below_a_picture_and_at_other_sources(local, page):
    pictures, sources = local.simulation.instagram, local.simulation.generic
    cold = pictures.post(person("instagram", "Cy", handle="cy.bakes"), "Cold!", now(local))[0]
    page.goto(f"{local.url}/timeline#instagram")
    expect(page.get_by_text("waiting")).to_be_visible()
    call(pictures, "POST", f"/v25.0/{cold.id}/replies", {"message": "Sorry, Cy."}, now=now(local))
    expect(page.locator("article.answer.byBrand").get_by_text("Sorry, Cy.")).to_be_visible()
    expect(page.get_by_text("answered after")).to_contain_text("of 1 h")

    review = sources.post(person("generic", "Di"), "★☆☆☆☆ Cold!", now(local), account="reviews", kind="review")[0]
    page.get_by_role("tab", name="Other sources").click()
    expect(page.get_by_text("waiting")).to_be_visible()
    said = {"reply_id": "a-1", "source": "reviews", "recipient_id": None, "visibility": "public", "text": "Sorry, Di."}
    body = json.dumps({"type": "reply.created", "data": {**said, "in_reply_to": review.id}}).encode()
    headers = standard_webhook(SIGNED, "msg_1", now(local), body)
    sources.handle("POST", "/sources/reviews", headers, {}, body, now(local))
    expect(page.locator("article.answer.byBrand").get_by_text("Sorry, Di.")).to_be_visible()


def test_a_private_reply_answers_the_comment_and_says_so_in_the_chat(local, page):
    graph = local.simulation.graph
    post = on_page(graph, "My oven is cold", at=now(local))
    said = {"recipient": {"comment_id": post.id}, "message": {"text": "Hello Ben, in private."}}
    call(graph, "POST", f"/v25.0/{PAGE}/messages", said, now=now(local))
    page.goto(f"{local.url}/timeline#facebook")
    expect(page.locator("article .clock.good")).to_contain_text("answered after")
    page.get_by_role("tab", name="Messenger").click()
    expect(page.get_by_role("region", name="Chat of Ben Ortiz")).to_contain_text("private reply to a comment")


def test_several_messages_in_a_row_have_one_clock_from_the_first(local, page):
    graph, long_ago = local.simulation.graph, now(local) - timedelta(seconds=100)
    on_page(graph, "Hello?", private=True, at=long_ago)
    on_page(graph, "My oven is cold", private=True, at=now(local))
    page.goto(f"{local.url}/timeline#messenger")
    expect(page.locator("li .clock")).to_have_count(1)
    expect(page.locator("li", has_text="My oven").locator(".clock")).to_contain_text("waiting 1 min 4")
    message(graph, BEN.id, now=long_ago + timedelta(seconds=130))
    expect(page.locator(".clock.good")).to_contain_text("answered after 2 min 10 s of 5 min")


def test_where_only_people_answer_no_clock_runs(local, page):
    local.simulation.settings.targets["contact-centre"] = 0
    call_of = local.simulation.generic.post
    call_of(
        person("generic", "Ed"),
        "Rang",
        now(local),
        account="contact-centre",
        kind="call",
        contact={"phone": "+4420794600"},
    )
    page.goto(f"{local.url}/timeline#generic")
    expect(page.get_by_text("for a person to answer")).to_be_visible()
    expect(page.get_by_text("+4420794600")).to_be_visible()
    assert page.locator(".clock.wait, .clock.late").count() == 0


def test_an_answer_after_its_target_is_shown_as_late(local, page):
    post = on_x(local.simulation.x, at=now(local) - timedelta(hours=1))
    page.goto(f"{local.url}/timeline")
    expect(page.locator(".clock.late")).to_have_text("no answer within 15 min")
    reply(local.simulation.x, post, now=now(local))
    expect(page.locator(".clock.late")).to_contain_text("answered after 1 h")


@pytest.mark.parametrize("channel", CHANNELS)
def test_markup_in_names_and_texts_is_shown_as_text(local, page, channel):
    name, text = "<img src=x onerror=document.title='owned'>", "<script>document.title='owned'</script><b>bold</b>"
    everywhere(local, text, name)
    page.goto(f"{local.url}/timeline#{channel}")
    expect(page.locator("#threads").get_by_text(text).first).to_be_visible()
    if channel != "instagram":  # which shows handles
        expect(page.locator("#threads").get_by_text(name, exact=True).first).to_be_visible()
    assert page.locator("#threads img, #threads script, #threads .text b b").count() == 0
    assert page.title() == "Public timeline (simulated platforms)"


def test_a_customer_answers_in_the_thread_and_the_brand_answers_by_hand(local, page):
    on_x(local.simulation.x, at=now(local))
    page.goto(f"{local.url}/timeline")
    page.get_by_role("button", name="Reply: Ana Ruiz").click()
    page.get_by_label("Text", exact=True).fill("@AcmeCare still cold")
    page.get_by_role("button", name="Answer", exact=True).click()
    expect(page.locator("#threads").get_by_text("@AcmeCare still cold")).to_be_visible()
    page.locator("article", has_text="still cold").get_by_role("button", name="More").click()
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
    page.get_by_role("button", name="More").click()
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
    page.keyboard.press("End")
    expect(page.get_by_role("tab", name="Other sources")).to_be_focused()
    expect(page.get_by_role("tabpanel", name="Other sources")).to_be_visible()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("tab", name="X")).to_be_focused()


def test_the_dots_stay_open_and_focused_while_answers_come_in(local, page):
    post = on_x(local.simulation.x, at=now(local))
    page.goto(f"{local.url}/timeline")
    page.get_by_role("button", name="More").press("Enter")
    reply(local.simulation.x, post, now=now(local))
    expect(page.get_by_text("answered after")).to_be_visible()
    expect(page.get_by_role("button", name="Answer by hand")).to_be_visible()
    expect(page.get_by_role("button", name="More")).to_be_focused()


def test_a_platform_without_an_account_has_no_tab(local, page):
    del local.simulation.settings.accounts["whatsapp"]
    page.goto(f"{local.url}/timeline")
    expect(page.get_by_role("tab", name="WhatsApp")).to_be_hidden()
    expect(page.get_by_role("tab", name="Instagram")).to_be_visible()


def everywhere(local, text, name):
    """One customer's words on every platform, public and private, answered below each other."""
    simulation, moment = local.simulation, now(local)
    for private in (False, True):
        on_x(
            simulation.x,
            f"@AcmeCare {text}",
            person("x", name, handle="someone"),
            private=private,
            account=CARE,
            at=moment,
        )
        deep = on_page(simulation.graph, text, person("facebook", name), private=private, at=moment)
        simulation.instagram.post(person("instagram", name), text, moment, private=private)
        simulation.generic.post(person("generic", name), text, moment, private=private, account="mastodon")
    for _ in range(4):
        deep = on_page(
            simulation.graph, text, person("facebook", name), at=moment, parent_id=deep.id if not deep.private else None
        )
    simulation.instagram.post(person("instagram", name), text, moment, mention=True)
    simulation.whatsapp.post(person("whatsapp", name), text, moment)
    for account, kind in (("reviews", "review"), ("contact-centre", "call")):
        contact = {"email": f"{'a' * 60}@example.org"}
        simulation.generic.post(
            person("generic", name), f"★☆☆☆☆ {text}", moment, account=account, kind=kind, contact=contact
        )


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_wider_than_a_phone(local, page, channel, scheme):
    everywhere(local, "https://example.com/" + "a" * 300, "N" * 90)
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size(NARROW)
    page.goto(f"{local.url}/timeline#{channel}")
    page.wait_for_selector(".thread")
    assert page.evaluate("document.documentElement.scrollWidth") == NARROW["width"]
