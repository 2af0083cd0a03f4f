"""Large deliveries become bodies of a bearable size."""

from __future__ import annotations

import json

import pytest

from firstline.channels import adapter

PAGE = "200000000000001"


def a_page_delivery(entries: int, each: int) -> bytes:
    return json.dumps(
        {
            "object": "page",
            "entry": [
                {
                    "id": PAGE,
                    "time": 1795428905000 + number,
                    "messaging": [
                        {
                            "sender": {"id": "5"},
                            "recipient": {"id": PAGE},
                            "message": {"mid": f"m_{number}_{one}", "text": "hi"},
                        }
                        for one in range(each)
                    ],
                }
                for number in range(entries)
            ],
        }
    ).encode()


def an_x_delivery(posts: int, messages: int) -> bytes:
    return json.dumps(
        {
            "for_user_id": "1",
            "tweet_create_events": [{"id_str": f"1{n}", "text": "t", "user": {"id_str": f"9{n}"}} for n in range(posts)],
            "direct_message_events": [
                {"type": "message_create", "id": f"2{n}", "message_create": {"sender_id": f"8{n}", "target": {"recipient_id": "1"}, "message_data": {"text": "t"}}}
                for n in range(messages)
            ],
            "user_event": {"revoke": {"source": {"user_id": "1"}}},
            "users": {f"8{n}": {"id": f"8{n}", "screen_name": f"user{n}"} for n in range(messages)},
        }
    ).encode()  # fmt: skip


def a_whatsapp_delivery(messages: int, statuses: int) -> bytes:
    """All of it in one change's value, as WhatsApp nests it."""
    value = {
        "metadata": {"phone_number_id": "300000000000001"},
        "contacts": [{"profile": {"name": f"Person {n}"}, "wa_id": f"49151{n}"} for n in range(messages)],
        "messages": [
            {"from": f"49151{n}", "id": f"wamid.{n}", "timestamp": "1795428900", "type": "text", "text": {"body": "hi"}}
            for n in range(messages)
        ],
        "statuses": [{"id": f"wamid.s{n}", "status": "read", "timestamp": "1795428900"} for n in range(statuses)],
    }
    entry = {"id": "400000000000001", "changes": [{"field": "messages", "value": value}]}
    return json.dumps({"object": "whatsapp_business_account", "entry": [entry]}).encode()


@pytest.mark.parametrize(
    ("channel", "body", "events"),
    [
        ("messenger", a_page_delivery(3, 40), 120),
        ("facebook", a_page_delivery(120, 1), 120),
        ("x", an_x_delivery(70, 49), 120),
        ("whatsapp", a_whatsapp_delivery(60, 60), 120),
        ("messenger", a_whatsapp_delivery(119, 1), 120),
    ],
)
def test_a_thousand_in_one_come_apart_in_order(channel: str, body: bytes, events: int) -> None:
    whole = adapter(channel).parse(body, {})
    parts = adapter(channel).split(body, 25)
    sizes = [len(adapter(channel).parse(part, {})) for part in parts]
    assert len(whole) == events
    assert max(sizes) <= 25
    assert len(parts) == 5
    said = [event for part in parts for event in adapter(channel).parse(part, {})]
    by_key = {event.key: event for event in whole}
    assert {event.key: event for event in said} == by_key
    if channel != "x":  # on X the single member comes first
        assert said == whole


def test_a_part_of_x_carries_only_the_people_it_speaks_of() -> None:
    parts = adapter("x").split(an_x_delivery(0, 50), 25)
    assert [len(json.loads(part)["users"]) for part in parts] == [24, 25, 1]


@pytest.mark.parametrize("channel", ["x", "facebook", "messenger", "whatsapp"])
def test_a_small_delivery_stays_byte_for_byte(channel: str) -> None:
    body = b' {"object": "page", "entry": [{"id": "1", "changes": []}], "for_user_id": "1"} '
    assert adapter(channel).split(body, 25) == [body]


def test_a_part_of_whatsapp_carries_only_the_people_it_speaks_of() -> None:
    body = a_whatsapp_delivery(100, 0)
    parts = adapter("whatsapp").split(body, 25)
    changes = [change for part in parts for change in json.loads(part)["entry"][0]["changes"]]
    assert [len(change["value"]["contacts"]) for change in changes] == [1] * 100
    assert sum(map(len, parts)) < 3 * len(body)


def test_parts_of_a_cut_entry_keep_its_id_and_time() -> None:
    parts = [json.loads(part) for part in adapter("messenger").split(a_page_delivery(1, 3), 2)]
    assert [part["entry"][0]["id"] for part in parts] == [PAGE, PAGE]
    assert [part["entry"][0]["time"] for part in parts] == [1795428905000, 1795428905000]
    assert [part["object"] for part in parts] == ["page", "page"]
