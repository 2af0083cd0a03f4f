"""The deliveries and mails beside the checkout, all of them to the deployed stack: what comes out is what their README says.

They are not part of the project (../shared/outside-cases); tests/contract/path plays them and their like in one process.
"""

from __future__ import annotations

import json
import re
import uuid
from pathlib import Path
from typing import Any

import boto3
import pytest
import requests

from firstline.model.records import Audit, BranchMailbox, Note, OwnPost, StoredPost
from firstline.operations.mailboxes import confirm
from firstline.table import keys
from infra.ops.stack import services_of

from .outside import headers
from .test_deployed import a_mention, eventually, posted

CASES = Path(__file__).resolve().parents[2].parent / "shared" / "outside-cases"
DOORS = {"ig": "instagram", "wa": "whatsapp", "fb": "facebook", "x": "x"}
STAND_IN = "(a post that came in without the simulator)"
BRANCH = "leeds@branches.lumora.example"

pytestmark = pytest.mark.skipif(
    not CASES.is_dir(), reason="../shared/outside-cases does not stand beside this checkout"
)


def comes(stack: dict[str, Any], *names: str) -> None:
    """The deliveries, signed, one after the other."""
    for name in names:
        body = (CASES / f"{name}.json").read_bytes()
        door = DOORS[name.split("-")[1]]
        url = f"{stack['http']}/webhooks/{door}"
        assert requests.post(url, data=body, headers=headers(stack, door, body), timeout=30).status_code == 200


class Seen:
    """What the table holds of a person."""

    def __init__(self, author_key: str) -> None:
        table = services_of("firstline").table
        every = [*table.cases("open", 500), *table.cases("done", 500)]
        self.cases = [case for case in every if case.author_key == author_key]
        self.records = [each for case in self.cases for each in table.of_case(case.id)]

    def of(self, kind: Any) -> list[Any]:
        """The records of a kind."""
        return [each for each in self.records if isinstance(each, kind)]

    @property
    def case(self) -> Any:
        """The one case."""
        (case,) = self.cases
        return case

    @property
    def post(self) -> StoredPost:
        """The one post."""
        (stored,) = self.of(StoredPost)
        assert isinstance(stored, StoredPost)
        return stored


def person(author_key: str, kind: Any = StoredPost, *, patience: int = 1) -> Seen:
    """The person, as soon as there is a record of that kind; ``patience``: how many times the usual bound."""

    def look() -> Seen | None:
        seen = Seen(author_key)
        return seen if seen.of(kind) else None

    for number in range(1, patience + 1):
        try:
            found = eventually(look)
            break
        except AssertionError:
            if number == patience:
                raise
    assert isinstance(found, Seen)
    return found


def a_comment_with_the_id_that_is_edited(stack: dict[str, Any]) -> None:
    edit = json.loads((CASES / "22a-fb-edited-without-message.json").read_text())
    edit["entry"][0]["changes"][0]["value"] |= {"verb": "add", "message": "The oven you sold me is broken"}
    body = json.dumps(edit).encode()
    url = f"{stack['http']}/webhooks/facebook"
    assert requests.post(url, data=body, headers=headers(stack, "facebook", body), timeout=30).status_code == 200
    person("facebook:64890986")


def test_every_delivery_comes_out_as_it_should(stack: dict[str, Any]) -> None:
    a_comment_with_the_id_that_is_edited(stack)
    comes(stack, "08a-ig-question", "02a-wa-brazil-message", "09a-wa-question", "01a-ig-message-edit-0")
    for author in ("instagram:62890401", "whatsapp:5511987890401", "whatsapp:4478890401"):
        person(author)
    comes(
        stack,
        *("01b-ig-message-itself", "01c-ig-message-edit-0-alone", "22a-fb-edited-without-message"),
        *("02b-wa-brazil-echo", "08b-ig-echo-other-id", "03-wa-flow-lists", "04-wa-request-welcome"),
        *("05b-wa-call-permission", "07a-ig-own-by-username-without-id", "07d-ig-own-comment-unreadable"),
        *("09b-wa-away-message", "20a-wa-unknown-number", "21-x-dm-location"),
    )

    burning = person("instagram:6189040101")
    assert burning.post.post.text == "My oven smokes and smells of burning, please help"
    assert burning.post.situation == "safety"
    alone = person("instagram:unknown:aWdfALONE890867", patience=3)  # half a minute is given to the message itself
    assert alone.case.work_id is not None and alone.post.silence == "author_unknown"
    edited = eventually(lambda: [each for each in person("facebook:64890986").of(Audit) if each.what == "post_edited"])
    assert edited[0].why == "edited, see the app"
    # The simulated platform has a stand-in for what it did not hear of itself; asked for the new words, it names those.
    assert person("facebook:64890986").post.post.text in ("The oven you sold me is broken", STAND_IN)
    for author in ("whatsapp:5511987890401", "instagram:62890401"):
        answered = person(author, OwnPost)
        assert answered.case.first_human_at is not None and answered.case.unanswered == ()
    away = person("whatsapp:4478890401", OwnPost)
    assert away.case.first_human_at is None and len(away.case.unanswered) == 1
    ticked = person("whatsapp:919515890401").post
    assert ticked.situation == "safety"
    assert all(words in ticked.post.text for words in ("smells of burning", "door broken", "Leeds", "12 Mill Lane"))
    may_be_rung = person("whatsapp:3460890401")
    assert "accept" in may_be_rung.post.post.text and may_be_rung.case.work_id is not None
    place = person("x:78890867").post.post.place
    assert place is not None and (place.latitude, place.longitude) == ("53.801", "-1.549")

    table = services_of("firstline").table
    kept = eventually(lambda: [each for each in table.listed(keys.quarantine_partition()) if "890867TN" in each.key])  # type: ignore[union-attr]
    assert [each.reason for each in kept] == ["unknown_account"]
    nobody = (
        "whatsapp:9715890401",
        "whatsapp:4917890867",
        "instagram:unknown:18018904011",
        "instagram:unknown:18028904017",
    )
    assert [Seen(author).cases for author in (*nobody, "instagram:username:lumora.home")] == [[]] * 5
    said = requests.get(f"{stack['simulator']}/sent", timeout=30).json()
    silent = {"18018904011", "18028904017", "aWdfALONE890867", "wamid.890401CP"}
    assert not silent & {each["in_reply_to"] for each in said}


# -- mails -------------------------------------------------------------------------------------------------------------


def handed_to_leeds(stack: dict[str, Any], words: str) -> dict[str, Any]:
    """A case that Leeds has by mail: that mail, as the mailbox shows it."""
    before = {each["id"] for each in mails(stack)}
    posted(stack, a_mention(stack, words))
    found = eventually(lambda: [each for each in mails(stack) if each["id"] not in before and BRANCH in each["to"]])
    assert isinstance(found[0], dict)
    return found[0]


def mails(stack: dict[str, Any]) -> list[dict[str, Any]]:
    answer = requests.get(f"{stack['simulator']}/mails", timeout=30).json()
    return list(answer["mails"] if isinstance(answer, dict) else answer)


def published(stack: dict[str, Any], message: Any) -> None:
    boto3.client("sns").publish(TopicArn=stack["outputs"]["MailEventsTopicArn"], Message=json.dumps(message))


def answers(stack: dict[str, Any], mail: dict[str, Any], name: str) -> None:
    """The branch's mail, as SES puts it into the bucket and tells of it."""
    raw = re.sub(rb"(?m)^To: .*$", b"To: " + mail["reply_to"].encode(), (CASES / f"{name}.eml").read_bytes())
    raw = re.sub(rb"(?m)^Subject: .*$", b"Subject: Re: " + mail["subject"].encode(), raw)
    mail_id = uuid.uuid4().hex
    bucket = stack["outputs"]["BodiesBucketName"]
    boto3.client("s3").put_object(Bucket=bucket, Key=f"mail/{mail_id}", Body=raw)
    action = {"type": "S3", "bucketName": bucket, "objectKey": f"mail/{mail_id}"}
    verdicts = {f"{each}Verdict": {"status": "PASS"} for each in ("spf", "dkim", "dmarc", "spam", "virus")}
    receipt = {"recipients": [mail["reply_to"]], "action": action, **verdicts}
    about = {"messageId": mail_id, "timestamp": "2026-11-28T18:40:00.000Z", "source": BRANCH}
    published(stack, {"notificationType": "Received", "receipt": receipt, "mail": about})


def noted(mail: dict[str, Any]) -> list[str]:
    case_id = mail["handoff"].partition("-")[0]
    return [each.text for each in services_of("firstline").table.of_case(case_id) if isinstance(each, Note)]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("11-cp1252-as-latin1", "I don’t think it’s the oven. A new seal costs €50 – we fit it on Monday…"),
        ("13a-from-at-in-name", "We rang her, visit on Tuesday (a)."),
        ("14-smime-opaque", "We rang Mrs Ross, the engineer comes on Tuesday at nine."),
        ("16a-iso-8859-8-i", "הטכנאי יגיע ביום שלישי"),
        (
            "18-suppress-header-below-customers-words",
            "I spoke to Mrs Stone, our engineer is with her on Tuesday at nine.",
        ),
    ],
)
def test_a_branchs_mail_stands_on_the_case_as_it_was_written(stack: dict[str, Any], name: str, words: str) -> None:
    mail = handed_to_leeds(stack, "the engineer in Leeds was absent again and did not repair my oven")
    answers(stack, mail, name)
    assert eventually(lambda: noted(mail)) == [words]


@pytest.mark.parametrize(
    ("name", "closed"), [("17b-bounce-transient-mailbox-full", False), ("17a-bounce-transient-550", True)]
)
def test_a_mail_that_came_back_goes_to_the_fallback_at_once(stack: dict[str, Any], name: str, closed: bool) -> None:
    mail = handed_to_leeds(stack, "no engineer came to repair my broken oven in Leeds")
    told = json.loads((CASES / f"{name}.json").read_text())
    told["mail"]["tags"]["handoff"] = [mail["handoff"]]
    told["bounce"]["bouncedRecipients"][0]["emailAddress"] = BRANCH
    published(stack, told)
    case_id = mail["handoff"].partition("-")[0]
    later = eventually(
        lambda: [
            each for each in mails(stack) if (each["handoff"] or "").startswith(case_id) and BRANCH not in each["to"]
        ]
    )
    assert later
    table = services_of("firstline").table
    case = table.get(keys.case(case_id))
    assert getattr(case, "work_id", None) is not None
    box = table.get(keys.branch_mailbox("leeds"))
    assert (isinstance(box, BranchMailbox) and box.closed(BRANCH)) is closed
    confirm("leeds", "the tests", services_of("firstline"))
