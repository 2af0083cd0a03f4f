"""Mixed batches of every channel, as an outside client delivers them: each post answered once, all else accounted for."""

from __future__ import annotations

import copy
import json
import time
import uuid
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from click.testing import CliRunner

from infra.ops.cli import main

from . import outside
from .outside import deliver, number
from .test_deployed import a_mention, eventually, sent


class Batch(NamedTuple):
    """A delivery that mixes what must be answered (once each, named as `GET /sent` names it) with what must not."""

    door: str
    content: dict[str, Any]
    answered: tuple[str, ...]
    silent: tuple[str, ...] = ()


def feed(stack: dict[str, Any]) -> Batch:
    """Two comments, the page's own, a reaction, an unknown field, and a message while another app has the talk."""
    (first, one), (second, two) = (outside.comment(stack, f"My oven is broken, {word}") for word in ("help", "please"))
    own_id, own = outside.comment(stack, "We look into it")
    own["entry"][0]["changes"][0]["value"]["from"]["id"] = stack["accounts"]["facebook"]
    standby_person, standby = outside.message(stack, "Anybody there?")
    reaction = {
        "field": "feed",
        "value": {"item": "reaction", "verb": "add", "reaction_type": "angry", "post_id": "1_2"},
    }
    entry = one["entry"][0]
    entry["changes"] += [
        *two["entry"][0]["changes"],
        *own["entry"][0]["changes"],
        reaction,
        {"field": "new_field", "value": {}},
    ]
    entry["standby"] = standby["entry"][0]["messaging"]
    one["entry"].append(copy.deepcopy(two["entry"][0]))  # the same comment again
    return Batch("facebook", one, (first, second), (own_id, standby_person))


def talks(stack: dict[str, Any]) -> Batch:
    """A burst of three messages, a read, a reaction, an echo of the page, and a message of somebody else."""
    person, burst = outside.message(stack, "hello")
    entry, item = burst["entry"][0], burst["entry"][0]["messaging"][0]
    for word in ("my oven is broken", "since Monday"):
        entry["messaging"].append({**item, "message": {"mid": f"m_{uuid.uuid4().hex}", "text": word}})
    entry["messaging"].append({**item, "message": {"mid": item["message"]["mid"], "text": "hello"}})  # again
    aside = {name: value for name, value in item.items() if name != "message"}
    entry["messaging"] += [
        {**aside, "read": {"watermark": 1}},
        {**aside, "reaction": {"action": "react", "mid": "m_1"}},
    ]
    stranger = number(16)
    echo = {"mid": f"m_{uuid.uuid4().hex}", "text": "Hi", "is_echo": True}
    entry["messaging"].append(
        {"sender": item["recipient"], "recipient": {"id": stranger}, "timestamp": 1, "message": echo}
    )
    other, more = outside.message(stack, "my dryer is broken")
    burst["entry"] += more["entry"]
    return Batch("messenger", burst, (person, other), (stranger,))


def chats(stack: dict[str, Any]) -> Batch:
    """A burst on WhatsApp with a reaction, a status of somebody else's message, and a message in a group."""
    person, burst = outside.whatsapp(stack, "hello")
    value = burst["entry"][0]["changes"][0]["value"]
    first = value["messages"][0]
    value["messages"].append({**first, "id": f"wamid.{uuid.uuid4().hex}", "text": {"body": "my oven is broken"}})
    value["messages"].append(dict(first))  # again
    value["messages"].append(
        {**first, "id": f"wamid.{uuid.uuid4().hex}", "type": "reaction", "reaction": {"message_id": "x", "emoji": "!"}}
    )
    group = f"49151{number(8)}"
    value["messages"].append({**first, "id": f"wamid.{uuid.uuid4().hex}", "from": group, "group_id": "g1"})
    value["statuses"] = [
        {"id": f"wamid.{uuid.uuid4().hex}", "status": "read", "timestamp": "1", "recipient_id": person}
    ]
    burst["entry"][0]["changes"].append({"field": "something_new", "value": {"a": 1}})
    return Batch("whatsapp", burst, (person,), (group,))


def pictures(stack: dict[str, Any]) -> Batch:
    """Two comments on Instagram, the account's own, a story's figures, an unknown field, a talk in standby."""
    (first, one), (second, two) = (
        outside.instagram(stack, f"My oven is broken, {word}") for word in ("help", "please")
    )
    own_id, own = outside.instagram(stack, "Thank you!")
    account = stack["accounts"]["instagram"]
    own["entry"][0]["changes"][0]["value"]["from"]["id"] = account
    entry = one["entry"][0]
    insights = {"field": "story_insights", "value": {"media_id": "1", "reach": 44}}
    entry["changes"] += [*own["entry"][0]["changes"], insights, {"field": "new_field", "value": {}}]
    person = number(16)
    message = {"mid": f"m_{uuid.uuid4().hex}", "text": "hello?"}
    talk = {
        "sender": {"id": person},
        "recipient": {"id": account},
        "timestamp": int(time.time() * 1000),
        "message": message,
    }
    entry["standby"] = [talk]
    one["entry"] += two["entry"]
    return Batch("instagram", one, (first, second), (own_id, person))


def source(stack: dict[str, Any]) -> Batch:
    """Two reviews and one again, words of the brand's own people, an unknown event, a ping."""
    (first, one), (second, two) = (outside.review(stack, f"My oven is broken, {word}") for word in ("help", "please"))
    own_id = number(12)
    own = {
        "type": "own.posted",
        "timestamp": one["timestamp"],
        "data": {"id": own_id, "text": "Sorry!", "parent_id": "0"},
    }
    return Batch(
        "reviews", {"events": [one, {"type": "new.thing"}, own, two, one, {"type": "ping"}]}, (first, second), (own_id,)
    )


@pytest.mark.parametrize("batch", [feed, talks, chats, pictures, source], ids=lambda make: make.__name__)
def test_each_post_of_a_mixed_batch_is_answered_once_and_nothing_else_is(
    stack: dict[str, Any], batch: Callable[[dict[str, Any]], Batch]
) -> None:
    told = batch(stack)
    assert [deliver(stack, told.door, told.content) for _ in range(2)] == [200, 200]
    for where in told.answered:
        eventually(lambda where=where: sent(stack, where))  # type: ignore[misc]
    # whatever else the batch holds came in with what was answered: another post of the same door is answered after it
    later, content = outside.WAYS[told.door](stack, "My fridge is broken, too")
    assert deliver(stack, told.door, content) == 200
    eventually(lambda: sent(stack, later))
    assert [len(sent(stack, where)) for where in told.answered] == [1] * len(told.answered)
    assert [sent(stack, where) for where in told.silent] == [[]] * len(told.silent)


def test_a_tweet_over_both_of_xs_shapes_and_twice_is_answered_once(stack: dict[str, Any]) -> None:
    content = a_mention(stack, "my cooker hood is broken")
    post_id, user = content["data"]["payload"]["id"], content["data"]["includes"]["users"][0]
    classic = {
        "for_user_id": stack["accounts"]["x"],
        "tweet_create_events": [
            {
                "id_str": post_id,
                "text": content["data"]["payload"]["text"],
                "user": {"id_str": user["id"], "screen_name": user["username"], "name": user["name"]},
                "entities": {"user_mentions": [{"id_str": stack["accounts"]["x"], "screen_name": "LumoraCare"}]},
            }
        ],
        "favorite_events": [{"id": "1"}],
        "something_new": [{"id": "2"}],
    }
    replied = copy.deepcopy(content)
    replied["data"] |= {"event_uuid": str(uuid.uuid4()), "event_type": "post.reply.create"}
    assert [deliver(stack, "x", each) for each in (content, classic, replied, content)] == [200] * 4
    eventually(lambda: sent(stack, post_id))
    after = a_mention(stack, "my kettle is broken")
    assert deliver(stack, "x", after) == 200
    eventually(lambda: sent(stack, after["data"]["payload"]["id"]))
    assert len(sent(stack, post_id)) == 1


def test_whatever_came_in_is_accounted_for(stack: dict[str, Any]) -> None:
    """Runs last in this module: everything that the others delivered has an outcome by now."""
    told = CliRunner().invoke(main, ["--local", "reconcile", "--json"])
    report = json.loads(told.output)
    assert (told.exit_code, report["missing_deliveries"], report["missing_events"]) == (0, [], [])
    assert report["events"]["posts"] > 0 and report["events"]["own_words"] > 0 and report["events"]["ignored"] > 0
    assert report["events"]["quarantined"] > 0
