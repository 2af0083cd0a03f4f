"""The doctor: all is well, and each thing that can be wrong is found, in plain words and with what to do."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs

import pytest
from click.testing import CliRunner

from firstline.model.errors import Retry
from firstline.model.records import Account
from firstline.operations.robots import switch
from infra.local.simulators.wire import sign
from infra.ops import doctor
from infra.ops.doctor import CHECKS, aws, examine, law, platforms, work
from infra.ops.findings import Finding
from tests.builders import CARE, PAGE, a_playbook
from tests.contract.path.test_main_job import posts
from tests.stack.templates import root
from tests.world import SITE, World, a_world

from .clinic import STACK, Clinic, Trouble, a_clinic, an_alarm


@pytest.fixture
def clinic() -> Iterator[Clinic]:
    with a_world(shards=1, in_memory=False) as world:
        yield a_clinic(world)


def findings(clinic: Clinic) -> list[Finding]:
    return list(examine(clinic.deployment()))


def test_all_is_well_where_all_is_well(clinic: Clinic) -> None:
    found = findings(clinic)
    assert [each for each in found if each.state != "ok"] == []
    assert len(found) >= len(CHECKS)


# -- what can be wrong -------------------------------------------------------------------------------------------


def secret(clinic: Clinic, channel: str, **changes: Any) -> None:
    clinic.world.services.secrets.merge(channel, lambda part: {**part, **changes})
    clinic.world.services.secrets.forget()
    clinic.world.now += timedelta(minutes=2)


def nobody_comes_through(clinic: Clinic) -> None:
    clinic.closed = True


def anybody_comes_through(clinic: Clinic) -> None:
    def polite(channel: str, body: bytes, headers: Any, method: str, query: str) -> tuple[int, str]:
        return 200, parse_qs(query).get("hub.challenge", [""])[0]

    clinic.world.answered = polite  # type: ignore[method-assign]


def the_door_knows_another_secret(clinic: Clinic) -> None:
    secret(clinic, "facebook", signing=["meta-signing", "older"])
    clinic.world.door.secrets.channel = lambda name: {
        "signing": ["meta-signing"],
        "verify_token": clinic.world.secret()["facebook"]["verify_token"],
    }  # type: ignore[method-assign]


def a_rotation_was_never_finished(clinic: Clinic) -> None:
    secret(clinic, "x", signing=["x-signing", "older"])


def x_switched_the_webhook_off(clinic: Clinic) -> None:
    next(iter(clinic.world.x.management.webhooks.values()))["valid"] = False


def x_forgot_a_subscription(clinic: Clinic) -> None:
    clinic.world.x.management.subscribed.clear()


def x_withdrew_the_token(clinic: Clinic) -> None:
    clinic.world.x.tokens["x"].pop(CARE)


def x_does_not_know_the_app(clinic: Clinic) -> None:
    secret(clinic, "x", consumer_key="another")


def meta_delivers_elsewhere(clinic: Clinic) -> None:
    clinic.world.graph.management.webhooks["page"]["callback_url"] = "https://elsewhere.example"


def meta_lacks_a_field(clinic: Clinic) -> None:
    clinic.world.graph.management.webhooks["page"]["fields"].pop()


def the_page_is_not_subscribed(clinic: Clinic) -> None:
    clinic.world.graph.management.subscribed.clear()


def page_token(clinic: Clinic, **changes: Any) -> None:
    tokens = clinic.world.graph.tokens["facebook"]
    tokens[PAGE] = tokens[PAGE].model_copy(update=changes)


def the_page_token_lacks_a_permission(clinic: Clinic) -> None:
    page_token(clinic, scope="pages_messaging")


def the_page_token_ends_soon(clinic: Clinic) -> None:
    page_token(clinic, expires_at=clinic.world.now + timedelta(days=3))


def the_page_token_has_ended(clinic: Clinic) -> None:
    page_token(clinic, expires_at=clinic.world.now - timedelta(days=1))


def nothing_is_connected(clinic: Clinic) -> None:
    arn = clinic.world.settings.channel_secrets_arn
    clinic.world.secretsmanager.put_secret_value(SecretId=arn, SecretString="{}")
    clinic.world.services.secrets.forget()


def tokens_lie_where_an_earlier_release_kept_them(clinic: Clinic) -> None:
    secret(clinic, "facebook", accounts={PAGE: {"token": "page"}})


def no_playbook_is_active(clinic: Clinic) -> None:
    def none() -> None:
        raise Retry("no_playbook")

    clinic.world.published.active = none  # type: ignore[method-assign,assignment]


def the_playbook_names_an_account_more(clinic: Clinic) -> None:
    accounts = clinic.world.published.now.accounts
    another = accounts[0].model_copy(update={"id": "99", "handle": "AcmeNew"})
    clinic.world.published.now = clinic.world.published.now.model_copy(update={"accounts": (*accounts, another)})


def no_privacy_policy(clinic: Clinic) -> None:
    brand = clinic.world.published.now.brand.model_copy(update={"privacy_url": None})
    clinic.world.published.now = clinic.world.published.now.model_copy(update={"brand": brand})


def the_privacy_policy_does_not_open(clinic: Clinic) -> None:
    clinic.policy = 404


def the_bio_says_nothing(clinic: Clinic) -> None:
    clinic.world.x.management.bio = "We make ovens."


def the_page_is_not_published(clinic: Clinic) -> None:
    clinic.world.graph.management.published = False


def an_account_is_parked(clinic: Clinic) -> None:
    now = clinic.world.now
    account = Account(channel="x", id=CARE, parked_at=now, parked_because="token_refused", credentials="c")
    clinic.world.services.table.commit([account], now)


def robots_are_off(clinic: Clinic) -> None:
    switch(True, None, "user/lea", "a wrong wording is out", clinic.world.services)


def a_delivery_is_parked(clinic: Clinic) -> None:
    clinic.world.services.bodies.put("parked/1", b"x")


def nobody_takes_the_work(clinic: Clinic) -> None:
    posts(clinic.world, "@AcmeCare there is smoke coming out of my oven")
    clinic.world.settle()
    clinic.world.now += timedelta(hours=3)
    clinic.reconciled()


def something_is_not_understood(clinic: Clinic) -> None:
    body = b'{"something": "new"}'
    assert clinic.world.knock("x", body, sign("x", "x-signing", body)) == 200
    clinic.world.settle()


def nothing_was_reconciled(clinic: Clinic) -> None:
    clinic.world.now += timedelta(hours=30)


def a_delivery_is_missing(clinic: Clinic) -> None:
    clinic.world.now += timedelta(minutes=1)
    clinic.reconciled(missing_deliveries=["x-1"])


def a_letter_is_dead(clinic: Clinic) -> None:
    clinic.world.sqs.send_message(QueueUrl=clinic.letters["replies"], MessageBody="x")


def an_alarm_rings(clinic: Clinic) -> None:
    clinic.world.client("cloudwatch").set_alarm_state(
        AlarmName=f"{STACK}-Observability-1-DoorAlarm-2", StateValue="ALARM", StateReason="x"
    )


def there_are_no_alarms(clinic: Clinic) -> None:
    names = [f"{STACK}-Observability-1-DoorAlarm-2", f"{STACK}-ReceiveErrors-3"]
    clinic.world.client("cloudwatch").delete_alarms(AlarmNames=names)


def nobody_hears_the_alarms(clinic: Clinic) -> None:
    topic = clinic.world.client("sns").create_topic(Name="nobody")["TopicArn"]
    for name in ("Observability-1-DoorAlarm-2", "ReceiveErrors-3"):
        an_alarm(clinic.world.client("cloudwatch"), f"{STACK}-{name}", "x - y", topic)


def the_sender_is_not_verified(clinic: Clinic) -> None:
    clinic.verified = ()


def ses_is_in_its_sandbox(clinic: Clinic) -> None:
    clinic.account["ProductionAccessEnabled"] = False


def ses_has_paused_sending(clinic: Clinic) -> None:
    clinic.account["SendingEnabled"] = False


def the_days_mails_are_nearly_used(clinic: Clinic) -> None:
    clinic.quota["SentLast24Hours"] = 49000.0


def another_rule_set_is_active(clinic: Clinic) -> None:
    ses = clinic.world.client("ses")
    ses.create_receipt_rule_set(RuleSetName="company")
    ses.set_active_receipt_rule_set(RuleSetName="company")


def the_account_is_new(clinic: Clinic) -> None:
    clinic.limits = {"ConcurrentExecutions": 10, "UnreservedConcurrentExecutions": 10}


def this_machine_is_slow(clinic: Clinic) -> None:
    clinic.off = timedelta(minutes=-4)


TROUBLES: list[tuple[Any, Trouble, str, str]] = [
    (platforms.doors, nobody_comes_through, "door of x", "bad"),
    (platforms.doors, anybody_comes_through, "door of facebook", "bad"),
    (platforms.doors, the_door_knows_another_secret, "door of facebook", "bad"),
    (platforms.doors, a_rotation_was_never_finished, "door of x", "warn"),
    (platforms.doors, nothing_is_connected, "doors", "warn"),
    (platforms.connections, nothing_is_connected, "connections", "warn"),
    (platforms.connections, x_switched_the_webhook_off, "x: webhook", "bad"),
    (platforms.connections, x_forgot_a_subscription, f"x: subscription of {CARE}", "bad"),
    (platforms.connections, x_withdrew_the_token, f"x: token of {CARE}", "bad"),
    (platforms.connections, x_does_not_know_the_app, "x: webhook", "bad"),
    (platforms.connections, meta_delivers_elsewhere, "messenger: webhook", "bad"),
    (platforms.connections, meta_lacks_a_field, "messenger: webhook", "bad"),
    (platforms.connections, the_page_is_not_subscribed, f"facebook: subscription of {PAGE}", "bad"),
    (platforms.connections, the_page_token_lacks_a_permission, f"facebook: token of {PAGE}", "bad"),
    (platforms.connections, the_page_token_ends_soon, f"facebook: token of {PAGE}", "warn"),
    (platforms.connections, the_page_token_has_ended, f"facebook: token of {PAGE}", "bad"),
    (work.playbook, no_playbook_is_active, "playbook", "bad"),
    (work.playbook, the_playbook_names_an_account_more, "playbook accounts", "bad"),
    (law.requirements, no_privacy_policy, "privacy link", "bad"),
    (law.requirements, the_privacy_policy_does_not_open, "privacy link", "bad"),
    (law.requirements, the_bio_says_nothing, f"automated bio of {CARE}", "warn"),
    (law.requirements, the_page_is_not_published, f"page published of {PAGE}", "bad"),
    (law.requirements, no_playbook_is_active, "requirements", "bad"),
    (work.secrets, tokens_lie_where_an_earlier_release_kept_them, "secrets", "warn"),
    (work.robots, robots_are_off, "robots", "warn"),
    (work.parked_accounts, an_account_is_parked, "parked accounts", "bad"),
    (work.parked_deliveries, a_delivery_is_parked, "parked deliveries", "warn"),
    (work.unclaimed_work, nobody_takes_the_work, "unclaimed work", "warn"),
    (work.quarantine, something_is_not_understood, "quarantine", "bad"),
    (work.reconciliation, nothing_was_reconciled, "reconciliation", "warn"),
    (work.reconciliation, a_delivery_is_missing, "reconciliation", "bad"),
    (aws.dead_letters, a_letter_is_dead, "dead letters", "bad"),
    (aws.alarms, an_alarm_rings, "alarms", "bad"),
    (aws.alarms, there_are_no_alarms, "alarms", "bad"),
    (aws.alarms, nobody_hears_the_alarms, "alarms are heard", "bad"),
    (aws.mail_sending, the_sender_is_not_verified, "mail sender", "bad"),
    (aws.mail_sending, ses_is_in_its_sandbox, "mail sending", "bad"),
    (aws.mail_sending, ses_has_paused_sending, "mail sending", "bad"),
    (aws.mail_sending, the_days_mails_are_nearly_used, "mail sending", "warn"),
    (aws.mail_receiving, another_rule_set_is_active, "mail receiving", "bad"),
    (aws.concurrency, the_account_is_new, "concurrency", "warn"),
    (aws.clock, this_machine_is_slow, "clock", "bad"),
]


@pytest.mark.parametrize(
    ("check", "trouble", "name", "state"),
    TROUBLES,
    ids=[each[1].__name__ + "-" + each[0].__name__ for each in TROUBLES],
)
def test_what_is_wrong_is_found_and_there_is_something_to_do(
    clinic: Clinic, check: Any, trouble: Trouble, name: str, state: str
) -> None:
    trouble(clinic)
    found = [each for each in check(clinic.deployment()) if each.check == name]
    assert state in {each.state for each in found}
    assert all(each.do for each in found if each.state != "ok")


def test_every_check_is_proven_in_a_state_in_which_it_is_wrong() -> None:
    assert {check for check, *_ in TROUBLES} == set(CHECKS)


def test_a_check_that_cannot_be_made_is_told_and_stops_no_other(clinic: Clinic) -> None:
    clinic.world.logs.delete_log_group(logGroupName=f"/firstline/{STACK}/diary")
    found = {each.check: each for each in findings(clinic)}
    assert found["reconciliation"].state == "bad" and "cannot be looked at" in found["reconciliation"].says
    assert found["clock"].state == "ok"


def test_looking_changes_nothing(clinic: Clinic) -> None:
    world = clinic.world
    before = (
        world.secret(),
        str(world.x.management.webhooks),
        str(world.graph.management.subscribed),
        len(world.cases()),
    )
    findings(clinic)
    world.settle()
    after = (
        world.secret(),
        str(world.x.management.webhooks),
        str(world.graph.management.subscribed),
        len(world.cases()),
    )
    assert after == before and not list(doctor.work.kept.waiting(world.services, None))


@pytest.mark.parametrize(("trouble", "code"), [(None, 0), (the_account_is_new, 0), (an_account_is_parked, 1)])
def test_the_command_ends_with_one_when_something_is_bad(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch, trouble: Trouble | None, code: int
) -> None:
    monkeypatch.setattr(doctor, "deployment_of", lambda stack: clinic.deployment())
    if trouble:
        trouble(clinic)
    told = CliRunner().invoke(doctor.doctor, ["--json"])
    assert told.exit_code == code
    found = json.loads(told.output)
    assert all(set(each) == {"check", "state", "says", "do"} for each in found)
    plain = CliRunner().invoke(doctor.doctor, [])
    assert plain.exit_code == code and "ok    door of x: answers" in plain.output


def test_scales_are_those_of_the_template() -> None:
    scales = root()["Mappings"]["Scales"]
    assert {name: sum(each.values()) for name, each in scales.items()} == aws.SCALES


def test_no_finding_names_a_secret(clinic: Clinic) -> None:
    the_page_token_has_ended(clinic)
    x_withdrew_the_token(clinic)
    told = " ".join(f"{each.says} {each.do}" for each in findings(clinic))
    assert not [each for each in ("x-signing", "meta-signing", f"t-{CARE}", " ts ") if each in told]
    assert SITE in told and a_playbook().version in told


__all__ = ["World"]
