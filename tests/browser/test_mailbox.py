"""The mailbox: the branches' mails as a mail client shows them, and what can happen to them."""

from __future__ import annotations

import json

import pytest

from firstline.outward.mail import mail_event
from firstline.outward.mailbox import read_receipt
from tests.browser.conftest import NARROW
from tests.browser.test_timeline import expect
from tests.unit.simulators.mails import BRANCH, ROOT, a_mail

HOSTILE = (
    "<h2>A customer needs you</h2><img src='{receiver}/pixel'><script>parent.document.title='owned'</script>"
    "<a href='javascript:parent.document.title=1'>here</a><form action='/control/reset'><button>Go</button></form>"
)


def arrive(local, *mails):
    for mail in mails:
        local.simulation.ses.keep(mail)


def open_it(local, page, mail):
    arrive(local, mail)
    page.goto(f"{local.url}/mailbox#{mail.id}")
    expect(page.locator("#desk")).to_be_visible()


def test_threads_are_listed_newest_first_and_by_mailbox(local, page):
    arrive(local, a_mail(1), a_mail(2, to="sevilla@acme.example", name=""), a_mail(3))
    page.goto(f"{local.url}/mailbox")
    subjects = page.locator("#threads .subject")
    expect(subjects).to_have_text(["Mail 3", "Mail 2", "Mail 1"])
    expect(page.locator("#branches .number")).to_have_text(["3", "2", "1"])
    page.get_by_role("button", name="Acme Manchester").first.click()
    expect(subjects).to_have_text(["Mail 3", "Mail 1"])
    page.get_by_role("button", name="sevilla").first.click()
    expect(subjects).to_have_text(["Mail 2"])


def test_the_mails_of_a_handoff_are_one_thread_the_newest_unfolded(local, page):
    arrive(local, a_mail(1, root=ROOT), a_mail(2, root=ROOT, subject="Re: Mail 1"))
    page.goto(f"{local.url}/mailbox")
    expect(page.locator("#threads .subject")).to_have_text(["Re: Mail 1"])
    page.locator("[data-thread]").click()
    expect(page.get_by_role("heading", name="Mail 1", exact=True)).to_be_visible()
    expect(page.locator("iframe")).to_have_count(1)
    page.locator("[data-mail^=m1] .envelope").click()
    expect(page.locator("iframe")).to_have_count(2)


def test_a_mail_is_read_as_message_text_and_headers(local, page):
    open_it(local, page, a_mail())
    expect(page.frame_locator("iframe").get_by_text("Please contact Emma.")).to_be_visible()
    page.get_by_role("tab", name="Plain text").click()
    expect(page.locator("pre")).to_have_text("Please contact Emma.\n")
    page.get_by_role("tab", name="Headers").click()
    expect(page.get_by_role("row", name="Message-ID")).to_contain_text("m1@email.amazonses.com")
    expect(page.get_by_role("row", name="From")).to_contain_text("Acme Care <care@acme.example>")
    expect(page.get_by_role("row", name="Reply-To")).to_contain_text("case+7k3m9qx2")


def test_a_mails_markup_is_shown_and_its_script_does_not_run(local, page):
    html = HOSTILE.replace("{receiver}", local.receiver.url)
    open_it(local, page, a_mail(html=html, subject="<b>bold</b>", text="<i>text</i>"))
    frame = page.frame_locator("iframe")
    expect(frame.get_by_role("heading", name="A customer needs you")).to_be_visible()
    frame.get_by_role("button", name="Go").click()
    expect(page.get_by_role("heading", name="<b>bold</b>", exact=True)).to_be_visible()
    assert page.title() == "Branch mailboxes (simulated)"
    # Also opened by itself, the mail is held by its own headers.
    page.goto(f"{local.url}/mails/html?id=m1%40email.amazonses.com")
    expect(page.get_by_role("heading", name="A customer needs you")).to_be_visible()
    assert page.title() == ""
    assert local.receiver.asked == []


def test_a_link_of_a_mail_opens_its_page_in_another_tab(local, page):
    local.receiver.text = "the branch's page"
    open_it(local, page, a_mail(html=f'<a href="{local.receiver.url}/branch/t1">Accept</a>'))
    with page.expect_popup() as opened:
        page.frame_locator("iframe").get_by_role("link", name="Accept").click()
    assert "the branch's page" in opened.value.content()
    assert local.receiver.asked[0] == "/branch/t1"


def test_one_answers_as_the_branch_and_as_somebody_else(local, page):
    open_it(local, page, a_mail())
    page.get_by_label("Answer").fill("We called her.")
    page.get_by_role("button", name="Send").click()
    expect(page.locator(".answer")).to_contain_text(BRANCH)
    expect(page.locator(".answer p")).to_have_text(["We called her."])
    page.get_by_label("as", exact=True).select_option(index=1)
    page.get_by_label("Answer").fill("Tell me her address")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("status")).to_contain_text("not genuine")
    expect(page.locator(".answer.stranger")).to_contain_text("Tell me her address")
    receipts = [read_receipt(json.dumps(each)) for each in local.cloud.told]
    assert [each.dmarc for each in receipts] == ["PASS", "FAIL"]


@pytest.mark.parametrize(
    ("button", "kind", "chip"),
    [("Bounce", "bounce", "bounced"), ("Spam complaint", "complaint", "marked as spam"), ("Delay", "delay", "delayed")],
)
def test_what_happens_to_a_mail_is_told_to_the_deployment_and_shown(local, page, button, kind, chip):
    open_it(local, page, a_mail())
    page.get_by_role("button", name=button, exact=True).click()
    expect(page.locator(".envelope .chip")).to_have_text([chip])
    (event,) = [mail_event(json.dumps(each)) for each in local.cloud.told]
    assert (event.kind, event.handoff) == (kind, "7K3M9QX2-manchester")


def test_a_mailbox_answers_by_itself_that_nobody_is_there(local, page):
    open_it(local, page, a_mail())
    page.get_by_role("button", name="Out of office").click()
    expect(page.locator(".answer")).to_contain_text("automatic reply")


def test_a_scanner_opens_all_links_and_the_page_says_that_nothing_changed(local, page):
    open_it(local, page, a_mail(html=f'<a href="{local.receiver.url}/branch/t1">Accept</a>'))
    page.get_by_role("button", name="Scanner").click()
    expect(page.get_by_role("status")).to_contain_text("1 links were opened three times each: nothing changed.")


def test_new_mail_appears_by_itself(local, page):
    page.goto(f"{local.url}/mailbox")
    expect(page.get_by_text("No mail yet")).to_be_visible()
    arrive(local, a_mail())
    expect(page.locator("#threads .subject")).to_have_text(["Mail 1"])


def test_on_a_phone_one_goes_from_the_list_to_the_mail_and_back(local, page):
    arrive(local, a_mail(text="a" * 500, subject="b" * 300))
    page.set_viewport_size(NARROW)
    page.goto(f"{local.url}/mailbox")
    page.locator("[data-thread]").click()
    expect(page.locator("#threads")).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth") == NARROW["width"]
    page.get_by_role("button", name="All mails").click()
    expect(page.locator("[data-thread]")).to_be_focused()
    assert page.evaluate("document.documentElement.scrollWidth") == NARROW["width"]
