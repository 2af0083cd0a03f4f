"""The mailbox: the branches' mails as a mail client shows them."""

from __future__ import annotations

from typing import Any

from tests.browser.conftest import PHONE
from tests.browser.test_timeline import expect

HOSTILE = (
    "<h2>A customer needs you</h2><img src='{receiver}/pixel'><script>parent.document.title='owned'</script>"
    "<a href='javascript:parent.document.title=1'>here</a><form action='/control/reset'><button>Go</button></form>"
)


def a_mail(number: int = 1, **changes: Any) -> dict[str, Any]:
    """A mail as the emulator lists it."""
    return {
        "MessageId": f"m{number}@email.amazonses.com",
        "Source": "Acme Care <care@acme.example>",
        "To": ["Acme Manchester <manchester@acme.example>"],
        "CC": [],
        "BCC": [],
        "Subject": f"Mail {number}",
        "BodyText": "Please contact Emma.",
        "BodyHtml": "<p>Please contact <b>Emma</b>.</p>",
        "Timestamp": 1_795_000_000 + number,
        "Type": "v2.SendEmail",
    } | changes


def test_mails_are_listed_newest_first_and_by_branch(local, page):
    local.mails += [a_mail(1), a_mail(2, To=["sevilla@acme.example"]), a_mail(3)]
    page.goto(f"{local.url}/mailbox")
    subjects = page.locator("#mails .subject")
    expect(subjects).to_have_text(["Mail 3", "Mail 2", "Mail 1"])
    page.get_by_role("button", name="Acme Manchester").first.click()
    expect(subjects).to_have_text(["Mail 3", "Mail 1"])
    page.get_by_role("button", name="sevilla").first.click()
    expect(subjects).to_have_text(["Mail 2"])


def test_a_mail_is_read_as_message_text_and_headers(local, page):
    local.mails.append(a_mail())
    page.goto(f"{local.url}/mailbox")
    page.get_by_role("button", name="Mail 1").click()
    expect(page.frame_locator("iframe").get_by_text("Please contact Emma.")).to_be_visible()
    page.get_by_role("tab", name="Plain text").click()
    expect(page.locator("pre")).to_have_text("Please contact Emma.")
    page.get_by_role("tab", name="Headers").click()
    expect(page.get_by_role("row", name="Message-ID")).to_contain_text("m1@email.amazonses.com")
    expect(page.get_by_role("row", name="From")).to_contain_text("Acme Care <care@acme.example>")


def test_a_mails_markup_is_shown_and_its_script_does_not_run(local, page):
    local.mails.append(a_mail(BodyHtml=HOSTILE.replace("{receiver}", local.receiver.url), Subject="<b>bold</b>"))
    page.goto(f"{local.url}/mailbox")
    page.locator("[data-mail]").click()
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


def test_new_mail_appears_by_itself(local, page):
    page.goto(f"{local.url}/mailbox")
    expect(page.get_by_text("No mail yet")).to_be_visible()
    local.mails.append(a_mail())
    expect(page.locator("#mails .subject")).to_have_text(["Mail 1"])


def test_a_mailbox_without_its_embedded_aws_says_so(local, page):
    local.simulation.settings.aws_endpoint = None
    page.goto(f"{local.url}/mailbox")
    expect(page.get_by_role("alert")).to_contain_text("No address of the embedded AWS is set")


def test_on_a_phone_one_goes_from_the_list_to_the_mail_and_back(local, page):
    local.mails.append(a_mail(BodyText="a" * 500, Subject="b" * 300))
    page.set_viewport_size(PHONE)
    page.goto(f"{local.url}/mailbox")
    page.locator("[data-mail]").click()
    expect(page.locator("#mails")).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    page.get_by_role("button", name="All mails").click()
    expect(page.locator("[data-mail]")).to_be_focused()
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
