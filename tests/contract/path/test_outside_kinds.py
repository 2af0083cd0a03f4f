"""Kinds of deliveries that systems of this kind get wrong, on every channel where they can occur.

What is absent is not empty; one person, or one account of the brand, may have two ids; nothing that a person ticked or
shared is dropped; a machine's words are no person's; who nobody knows is answered by nobody's robot.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from firstline.model.records import Audit, AuthorRecord, Lookup, OwnPost, Quarantined, StoredPost
from firstline.operations.person import named
from firstline.operations.quarantine import replay, waiting
from firstline.operations.reconcile import Accepted, reconcile
from firstline.table import keys
from infra.local.simulators.store import Person
from infra.local.simulators.wire import standard_webhook
from tests.builders import CARE, GRAM, NUMBER, PAGE, a_playbook
from tests.world import World, a_world, webhook_secret

ANNA = Person(id="9000000000000042", name="Anna Ross", handle="anna.ross")
CALLS = {"instagram": "instagram", "messenger": "messenger", "facebook": "facebook", "whatsapp": "whatsapp", "x": "x"}


@pytest.fixture
def world() -> Iterator[World]:
    with a_world(shards=1, in_memory=True) as world:
        yield world


# -- bodies, each in its platform's notation -------------------------------------------------------------------------


def tells(world: World, channel: str, content: Any) -> None:
    """The delivery, signed by its platform; what follows from it at once is done."""
    if channel == "generic":
        body = json.dumps(content).encode()
        headers = standard_webhook(webhook_secret("reviews"), f"msg_{abs(hash(body))}", world.now, body)
        assert world.knock("reviews", body, headers) == 200
    else:
        platform = {"instagram": world.instagram, "whatsapp": world.whatsapp, "x": world.x}.get(channel, world.graph)
        told = platform.delivery(channel, content, [], world.now)  # type: ignore[attr-defined]
        assert world.deliver(told) == 200
    world.settle()


def ms(world: World, late: float = 0) -> int:
    return int((world.now.timestamp() + late) * 1000)


def talk(world: World, channel: str, item: dict[str, Any]) -> None:
    """One item of Messenger's or Instagram's messages."""
    account = GRAM if channel == "instagram" else PAGE
    entry = {"id": account, "time": ms(world), "messaging": [{"timestamp": ms(world), **item}]}
    tells(world, channel, {"object": "instagram" if channel == "instagram" else "page", "entry": [entry]})


def to_page(channel: str, sender: str = ANNA.id) -> dict[str, Any]:
    return {"sender": {"id": sender}, "recipient": {"id": GRAM if channel == "instagram" else PAGE}}


def whatsapp(world: World, field: str = "messages", contacts: Any = (), **lists: Any) -> None:
    value = {"metadata": {"phone_number_id": NUMBER}, "contacts": list(contacts), **lists}
    entry = {"id": "4", "changes": [{"field": field, "value": value}]}
    tells(world, "whatsapp", {"object": "whatsapp_business_account", "entry": [entry]})


def a_chat(world: World, number: str = "4478890401", **message: Any) -> None:
    told = {"from": number, "id": f"wamid.{number}", "timestamp": str(int(world.now.timestamp())), "type": "text"}
    whatsapp(world, messages=[{**told, **message}])


def an_echo(world: World, to: str, text: str, late: float = 0, name: str = "") -> None:
    at = str(int(world.now.timestamp() + late))
    told = {
        "from": "49",
        "to": to,
        "id": f"wamid.echo{to}{name}",
        "timestamp": at,
        "type": "text",
        "text": {"body": text},
    }
    whatsapp(world, "smb_message_echoes", message_echoes=[told])


def a_comment(world: World, comment_id: str, **value: Any) -> None:
    """A notice of the page's feed."""
    told = {"item": "comment", "comment_id": comment_id, "post_id": f"{PAGE}_1", "parent_id": f"{PAGE}_1", **value}
    entry = {"id": PAGE, "time": int(world.now.timestamp()), "changes": [{"field": "feed", "value": told}]}
    tells(world, "facebook", {"object": "page", "entry": [entry]})


def a_picture_comment(world: World, comment_id: str, account: str = GRAM, **value: Any) -> None:
    """A notice of a comment on Instagram."""
    told = {"id": comment_id, "media": {"id": "m1"}, "text": "Thanks, see you on Saturday!", **value}
    entry = {"id": account, "time": int(world.now.timestamp()), "changes": [{"field": "comments", "value": told}]}
    tells(world, "instagram", {"object": "instagram", "entry": [entry]})


def a_dm(world: World, name: str = "1", sender: str = "78", to: str = CARE, late: float = 0, **data: Any) -> None:
    message = {
        "type": "message_create", "id": name, "created_timestamp": str(ms(world, late)),
        "message_create": {
            "target": {"recipient_id": to}, "sender_id": sender, "message_data": {"text": "", "entities": {}, **data},
        },
    }  # fmt: skip
    tells(world, "x", {"for_user_id": CARE, "direct_message_events": [message], "users": {}})


def a_source(world: World, event: str = "post.created", late: float = 0, **data: Any) -> None:
    at = (world.now + timedelta(seconds=late)).isoformat()
    tells(world, "generic", {"type": event, "timestamp": at, "data": {"id": "r1", "at": at, **data}})


# -- what can be seen --------------------------------------------------------------------------------------------------


def posts(world: World) -> list[StoredPost]:
    return [each for case in world.cases() for each in world.records(case.id, "post#") if isinstance(each, StoredPost)]


def only_post(world: World) -> StoredPost:
    (stored,) = posts(world)
    return stored


def only_case(world: World) -> Any:
    (case,) = world.cases()
    return case


def trail(world: World) -> list[tuple[str, str | None]]:
    return [
        (each.what, each.why) for case in world.cases() for each in world.records(case.id) if isinstance(each, Audit)
    ]


def own_words(world: World) -> list[str]:
    return [each.text for case in world.cases() for each in world.records(case.id) if isinstance(each, OwnPost)]


def quarantine(world: World) -> list[Quarantined]:
    return waiting(world.services)


def robots_words(world: World) -> list[Any]:
    return [each for each in world.sent() if not each.private or each.to]


# -- absent is not empty -----------------------------------------------------------------------------------------------

WORDS = "my oven is broken"


def _messenger(world: World) -> tuple[Callable[[], None], Callable[[], None]]:
    return (
        lambda: talk(world, "messenger", {**to_page("messenger"), "message": {"mid": "m1", "text": WORDS}}),
        lambda: talk(world, "messenger", {**to_page("messenger"), "message_edit": {"mid": "m1", "num_edit": 1}}),
    )


def _instagram(world: World) -> tuple[Callable[[], None], Callable[[], None]]:
    return (
        lambda: talk(world, "instagram", {**to_page("instagram"), "message": {"mid": "m1", "text": WORDS}}),
        lambda: talk(world, "instagram", {"message_edit": {"mid": "m1", "num_edit": "2", "text": None}}),
    )


def _facebook(world: World) -> tuple[Callable[[], None], Callable[[], None]]:
    told = {"from": {"id": ANNA.id, "name": "Anna"}, "created_time": int(world.now.timestamp())}
    return (
        lambda: a_comment(world, "1_2", verb="add", message=WORDS, **told),
        lambda: a_comment(world, "1_2", verb="edited", message="", **told),
    )


def _whatsapp(world: World) -> tuple[Callable[[], None], Callable[[], None]]:
    edit = {"original_message_id": "wamid.a", "message": {"type": "image", "image": {"id": "9"}}}
    return (
        lambda: a_chat(world, id="wamid.a", text={"body": WORDS}),
        lambda: a_chat(world, id="wamid.b", type="edit", edit=edit),
    )


def _generic(world: World) -> tuple[Callable[[], None], Callable[[], None]]:
    return (
        lambda: a_source(world, text=WORDS, author={"id": "7"}),
        lambda: a_source(world, "post.updated", text=" "),
    )


EDITS = (_messenger, _instagram, _facebook, _whatsapp, _generic)


@pytest.mark.parametrize("channel", EDITS, ids=lambda make: make.__name__[1:])
def test_an_edit_without_words_replaces_nothing(world: World, channel: Any) -> None:
    post, edit = channel(world)
    post()
    edit()
    world.pass_time(600)
    stored = only_post(world)
    assert stored.post.text == WORDS and "edited, see the app" in (stored.post.incomplete or "")
    assert ("post_edited", "edited, see the app") in trail(world)
    assert only_case(world).work_id is not None


@pytest.mark.parametrize("channel", EDITS, ids=lambda make: make.__name__[1:])
def test_an_edit_without_words_that_comes_first_leaves_the_post_its_words(world: World, channel: Any) -> None:
    post, edit = channel(world)
    edit()
    post()
    world.pass_time(600)
    stored = [each for each in posts(world) if each.state == "standing"]
    assert [each.post.text for each in stored] == [WORDS]


def test_an_edit_with_words_after_one_without_is_applied_and_takes_the_note_away(world: World) -> None:
    post, edit = _whatsapp(world)
    post()
    edit()
    words = {"original_message_id": "wamid.a", "message": {"type": "text", "text": {"body": "it works again"}}}
    a_chat(world, id="wamid.c", type="edit", edit=words)
    assert (only_post(world).post.text, only_post(world).post.incomplete) == ("it works again", None)


def test_the_words_of_an_edit_are_asked_for_where_the_platform_tells_them(world: World) -> None:
    comment, deliveries = world.graph.post(ANNA, WORDS, world.now, account=PAGE)
    for each in deliveries:
        assert world.deliver(each) == 200
    world.settle()
    _, deliveries = world.graph.edit(comment.id, "now it smells of gas", world.now)
    (told,) = deliveries
    content = json.loads(told.body)
    content["entry"][0]["changes"][0]["value"].pop("message")
    tells(world, "facebook", content)
    world.pass_time(60)
    assert (only_post(world).post.text, only_post(world).post.incomplete) == ("now it smells of gas", None)
    assert only_case(world).lane == "urgent"


@pytest.mark.parametrize("channel", ["messenger", "instagram"])
def test_a_message_that_is_told_by_its_id_alone_is_read_at_the_platform(world: World, channel: str) -> None:
    platform = world.instagram if channel == "instagram" else world.graph
    account = GRAM if channel == "instagram" else PAGE
    message, _ = platform.post(ANNA, "it smells of gas", world.now, account=account, private=True)
    talk(world, channel, {"message_edit": {"mid": message.id, "num_edit": 0}})
    assert world.cases() == []
    world.pass_time(90)
    stored = only_post(world)
    assert (stored.post.text, stored.post.author.id, stored.post.incomplete) == ("it smells of gas", ANNA.id, None)
    world.pass_time(600)
    assert [each.to for each in robots_words(world)] == [ANNA.id]


def test_a_message_that_comes_by_itself_is_not_asked_for(world: World) -> None:
    talk(world, "instagram", {"message_edit": {"mid": "m1", "num_edit": 0}})
    talk(world, "instagram", {**to_page("instagram"), "message": {"mid": "m1", "text": WORDS}})
    world.pass_time(600)
    lookup = world.services.table.get(keys.lookup("instagram:m1"))
    assert isinstance(lookup, Lookup) and (lookup.state, lookup.tries) == ("done", 0)
    assert (only_post(world).post.text, only_case(world).posts) == (WORDS, 1)


def test_the_whole_message_after_a_refused_read_comes_to_its_authors_own_case(world: World) -> None:
    talk(world, "instagram", {"message_edit": {"mid": "m1", "num_edit": 0}})
    world.pass_time(120)
    assert only_case(world).work_id is not None and "refused" in (only_post(world).post.incomplete or "")
    talk(world, "instagram", {**to_page("instagram"), "message": {"mid": "m1", "text": "it smells of gas"}})
    world.pass_time(600)
    by_author = {case.author.id: case for case in world.cases()}
    assert by_author["unknown:m1"].disposition == "author_known_later"
    assert by_author["unknown:m1"].work_id is None
    assert by_author[ANNA.id].situation == "safety" and by_author[ANNA.id].work_id is not None


def test_words_of_ours_that_were_edited_without_words_stay(world: World) -> None:
    talk(world, "messenger", {**to_page("messenger"), "message": {"mid": "m1", "text": WORDS}})
    world.pass_time(20, step=20)
    echo = {"mid": "m2", "text": "We come tomorrow", "is_echo": True}
    talk(world, "messenger", {"sender": {"id": PAGE}, "recipient": {"id": ANNA.id}, "message": echo})
    talk(world, "messenger", {"sender": {"id": PAGE}, "recipient": {"id": ANNA.id}, "message_edit": {"mid": "m2"}})
    assert own_words(world) == ["We come tomorrow"]
    assert ("own_words_edited", "edited, see the app") in trail(world)


# -- one person under two ids ------------------------------------------------------------------------------------------

TWINS = [("5511987890401", "551187890401"), ("5215512345678", "525512345678"), ("5491123456789", "541123456789")]


@pytest.mark.parametrize(("one", "other"), [*TWINS, *(pair[::-1] for pair in TWINS)])
def test_a_persons_answer_counts_whichever_way_the_number_is_written(world: World, one: str, other: str) -> None:
    a_chat(world, one, text={"body": WORDS})
    world.pass_time(30, step=30)
    an_echo(world, other, "I ring you now")
    world.pass_time(600)
    assert only_case(world).first_human_at is not None and world.sent() == []


@pytest.mark.parametrize(("one", "other"), TWINS)
def test_messages_by_both_notations_are_one_persons_and_answered_as_it_wrote(
    world: World, one: str, other: str
) -> None:
    a_chat(world, one, text={"body": WORDS})
    world.pass_time(300)
    a_chat(world, other, text={"body": "hello?"})
    world.pass_time(300)
    assert only_case(world).posts == 2
    assert [each.to for each in world.sent()] == [one, other]


@pytest.mark.parametrize(("one", "other"), TWINS)
def test_a_person_is_found_and_silence_is_kept_under_either_notation(world: World, one: str, other: str) -> None:
    a_chat(world, one, text={"body": "stop"})
    world.pass_time(300)
    said = len(world.sent())
    a_chat(world, other, id="wamid.2", text={"body": WORDS})
    world.pass_time(300)
    assert len(world.sent()) == said
    assert named(f"whatsapp:{one}", world.services).cases == named(f"whatsapp:{other}", world.services).cases


def test_what_an_earlier_release_kept_under_the_other_notation_still_holds(world: World) -> None:
    kept = AuthorRecord(key="whatsapp:5215512345678", opted_out_at=world.now, opted_out_by="author")
    world.services.table.commit([kept], world.now)
    a_chat(world, "5215512345678", text={"body": WORDS})
    world.pass_time(300)
    assert world.sent() == [] and only_post(world).silence == "opted_out"


def test_an_id_that_only_wa_id_names_is_the_same_persons(world: World) -> None:
    told = {"from": "2348012345678", "id": "wamid.1", "timestamp": "1", "type": "text", "text": {"body": WORDS}}
    whatsapp(world, contacts=[{"profile": {"name": "Ada"}, "wa_id": "23408012345678"}], messages=[told])
    world.pass_time(30, step=30)
    an_echo(world, "23408012345678", "I ring you now")
    world.pass_time(600)
    assert only_case(world).first_human_at is not None and world.sent() == []


def test_a_contact_with_quite_another_number_lends_its_name_and_no_more(world: World) -> None:
    told = {"from": "4478890401", "id": "wamid.1", "timestamp": "1", "type": "text", "text": {"body": WORDS}}
    whatsapp(world, contacts=[{"profile": {"name": "Kim"}, "wa_id": "33612345678"}], messages=[told])
    a_chat(world, "33612345678", text={"body": "where is my parcel"})
    assert len(world.cases()) == 2


def test_a_number_beside_a_scoped_id_leads_to_the_same_person_in_both_notations(world: World) -> None:
    a_chat(world, "551187890401", from_user_id="BR.777", text={"body": WORDS})
    world.pass_time(30, step=30)
    an_echo(world, "5511987890401", "I ring you now")
    world.pass_time(600)
    assert only_case(world).first_human_at is not None and world.sent() == []


def test_a_verified_phone_number_is_one_contact_in_both_notations(world: World) -> None:
    for number, phone in enumerate(("+55 11 8789-0401", "+55 11 98789-0401")):
        author = {"id": str(number), "verified_contact": {"phone": phone}}
        a_source(world, id=f"r{number}", text=WORDS, author=author)
    assert only_case(world).posts == 2


# -- one account under two ids -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("channel", ["messenger", "instagram"])
@pytest.mark.parametrize("swapped", [False, True], ids=["recipient", "an id of ours as recipient"])
def test_an_echo_is_the_brands_whatever_id_its_sender_has(world: World, channel: str, swapped: bool) -> None:
    talk(world, channel, {**to_page(channel), "message": {"mid": "m1", "text": "Do you deliver to Bath?"}})
    world.pass_time(20, step=20)
    people = to_page(channel) if swapped else {"sender": {"id": "28978671838402975"}, "recipient": {"id": ANNA.id}}
    talk(world, channel, {**people, "message": {"mid": "m2", "text": "Yes, on Tuesdays.", "is_echo": True}})
    world.pass_time(600)
    assert own_words(world) == ["Yes, on Tuesdays."] and only_case(world).first_human_at is not None
    assert world.sent() == []


def test_what_x_calls_sent_is_the_brands_whatever_id_its_sender_has(world: World) -> None:
    a_dm(world, text="Do you deliver to Bath?")
    world.pass_time(20, step=20)
    told = {"target": {"recipient_id": "78"}, "sender_id": "999", "message_data": {"text": "Yes, on Tuesdays."}}
    message = {"type": "message_create", "id": "2", "created_timestamp": str(ms(world)), "message_create": told}
    data = {"event_uuid": "1", "filter": {"user_id": CARE}, "event_type": "dm.sent", "payload": {"direct_message_events": [message]}}  # fmt: skip
    tells(world, "x", {"data": data})
    world.pass_time(600)
    assert own_words(world) == ["Yes, on Tuesdays."] and world.sent() == []


@pytest.mark.parametrize(
    "author",
    [
        {"from": {"username": "Acme.Home"}},
        {"from": {"id": "555", "username": "acme.home"}},
        {"from": {"id": "555", "username": "acme.old", "self_ig_scoped_id": "777"}},
        {"username": "acme.home"},
    ],
    ids=["name", "another id", "mark", "bare name"],
)
def test_own_comments_are_known_by_id_name_or_mark_before_anything_is_asked(world: World, author: Any) -> None:
    a_picture_comment(world, "c1", **author)
    world.pass_time(600)
    assert (world.cases(), quarantine(world), world.sent()) == ([], [], [])
    assert world.services.table.get(keys.lookup("instagram:c1")) is None


# -- nobody's robot answers who nobody knows ---------------------------------------------------------------------------


@pytest.mark.parametrize("channel", ["facebook", "instagram"])
def test_a_comment_whose_author_cannot_be_read_is_an_agents(world: World, channel: str) -> None:
    if channel == "facebook":
        a_comment(world, "1_2", verb="add", message=WORDS, created_time=int(world.now.timestamp()))
    else:
        a_picture_comment(world, "c1", text=WORDS)
    world.pass_time(900)
    assert only_post(world).silence == "author_unknown" and only_case(world).work_id is not None
    assert world.sent() == []


@pytest.mark.parametrize("channel", ["facebook", "instagram"])
def test_our_own_answer_told_without_its_author_is_known_by_its_id(world: World, channel: str) -> None:
    platform = world.instagram if channel == "instagram" else world.graph
    post, deliveries = platform.post(ANNA, WORDS, world.now, account=GRAM if channel == "instagram" else PAGE)
    for each in deliveries:
        assert world.deliver(each) == 200
    world.settle()
    world.now += timedelta(seconds=300)
    while not robots_words(world):  # the echo, which names its author, is not let through
        assert world.work()
    (answer,) = robots_words(world)
    platform.store.change(answer, deleted=True)  # so that the platform shows no author when it is asked, either
    world.out.clear()
    if channel == "facebook":
        a_comment(world, answer.id, verb="add", message=answer.text, parent_id=post.id)
    else:
        a_picture_comment(world, answer.id, text=answer.text, parent_id=post.id)
    world.pass_time(900)
    assert only_case(world).posts == 1 and len(robots_words(world)) == 1


def test_who_is_known_by_name_alone_is_answered_once_it_was_asked(world: World) -> None:
    post, deliveries = world.instagram.post(ANNA, WORDS, world.now, account=GRAM)
    (told,) = deliveries
    content = json.loads(told.body)
    content["entry"][0]["changes"][0]["value"]["from"].pop("id")
    tells(world, "instagram", content)
    world.pass_time(900)
    assert only_post(world).post.author.id == ANNA.id
    assert [each.parent_id for each in robots_words(world)] == [post.id]


@pytest.mark.parametrize("kind", ["comment", "message"])
def test_the_cap_of_robots_words_holds_for_strangers_together(kind: str) -> None:
    with a_world(a_playbook(robot_cap_per_author_hour=3), shards=1, in_memory=True) as world:
        for number in range(6):
            a_source(world, id=f"r{number}", kind=kind, text=f"{WORDS}, number {number}", parent_id="thread")
            world.pass_time(120)
        world.pass_time(900)
        assert len(robots_words(world)) == 3
        assert [each.silence for each in posts(world)].count("robot_cap") == 3


# -- a machine's words are no person's ---------------------------------------------------------------------------------

AWAY = "Thank you for your message. We are unavailable right now."


def _says(world: World, channel: str, text: str, person: str = ANNA.id, name: str = "1") -> None:
    match channel:
        case "messenger" | "instagram":
            talk(world, channel, {**to_page(channel, person), "message": {"mid": f"q{name}", "text": text}})
        case "whatsapp":
            a_chat(world, person, id=f"wamid.q{name}", text={"body": text})
        case "x":
            a_dm(world, f"1{name}", sender=person, text=text)
        case "facebook":
            told = {"from": {"id": person, "name": "Anna"}, "created_time": int(world.now.timestamp())}
            a_comment(world, f"1_{name}", verb="add", message=text, **told)
        case _:
            a_source(world, id=f"q{name}", kind="message", text=text, author={"id": person})


def _answers(world: World, channel: str, text: str, late: float, person: str = ANNA.id, name: str = "1") -> None:
    match channel:
        case "messenger" | "instagram":
            account = GRAM if channel == "instagram" else PAGE
            echo = {"mid": f"a{name}", "text": text, "is_echo": True}
            people = {"sender": {"id": account}, "recipient": {"id": person}}
            talk(world, channel, {**people, "timestamp": ms(world, late), "message": echo})
        case "whatsapp":
            an_echo(world, person, text, late, name)
        case "x":
            a_dm(world, f"2{name}", sender=CARE, to=person, late=late, text=text)
        case "facebook":
            told = {"from": {"id": PAGE, "name": "Acme"}, "created_time": int(world.now.timestamp() + late)}
            a_comment(world, f"2_{name}", verb="add", message=text, parent_id=f"1_{name}", **told)
        case _:
            a_source(world, "own.posted", late, id=f"a{name}", text=text, recipient_id=person)


CHATS = ["messenger", "instagram", "whatsapp", "x", "facebook", "generic"]


@pytest.mark.parametrize("channel", CHATS)
def test_an_apps_own_answer_leaves_the_work_to_people(world: World, channel: str) -> None:
    _says(world, channel, "my fridge is leaking")
    _answers(world, channel, AWAY, late=0)
    case = only_case(world)
    assert case.first_human_at is None and len(case.unanswered) == 1 and case.work_id is not None
    assert own_words(world) == [AWAY] and ("app_answered", None) in trail(world)


@pytest.mark.parametrize("channel", CHATS)
def test_the_same_words_to_the_next_one_within_seconds_are_a_machines(world: World, channel: str) -> None:
    for number, person in enumerate(("4478890401", "4478890402", "4478890403")):
        _says(world, channel, "my fridge is leaking", person, str(number))
        _answers(world, channel, AWAY, 4, person, str(number))
        world.pass_time(30, step=30)
    answered = {case.author.id.rpartition("/")[2]: case.first_human_at is not None for case in world.cases()}
    assert answered == {"4478890401": True, "4478890402": False, "4478890403": False}


@pytest.mark.parametrize("channel", CHATS)
def test_a_persons_ready_words_are_a_persons(world: World, channel: str) -> None:
    for number, person in enumerate(("4478890401", "4478890402")):
        _says(world, channel, "my fridge is leaking", person, str(number))
        world.pass_time(40, step=40)
        _answers(world, channel, "Please send us the number on the door.", 0, person, str(number))
    assert [case.first_human_at is not None for case in world.cases()] == [True, True]


def test_in_a_conversation_nobody_is_taken_for_a_machine(world: World) -> None:
    _says(world, "whatsapp", "my fridge is leaking", "4478890401")
    world.pass_time(40, step=40)
    _answers(world, "whatsapp", "Where do you live?", 0, "4478890401")
    world.pass_time(60)
    _says(world, "whatsapp", "in Leeds", "4478890401", "2")
    _answers(world, "whatsapp", "Somebody comes today.", 0, "4478890401", "2")
    assert only_case(world).unanswered == ()


# -- nothing that was ticked or shared is dropped ----------------------------------------------------------------------


def flow(world: World, answers: Any) -> None:
    told = {
        "name": "flow",
        "body": "Sent",
        "response_json": answers if isinstance(answers, str) else json.dumps(answers),
    }
    a_chat(world, type="interactive", interactive={"type": "nfm_reply", "nfm_reply": told})


def test_every_answer_of_a_form_is_shown_however_it_is_nested(world: World) -> None:
    flow(world, {
        "flow_token": "t", "agreed": True, "count": 2, "note": None, "rooms": ["0_Living_room", "1_Kitchen"],
        "when": [{"day": "Monday", "hour": 9}], "order": "A1_B2", "home": {"street": "12 Mill Lane", "more": {"floor": "3"}},
    })  # fmt: skip
    assert only_post(world).post.text.split("\n") == [
        "Sent", "agreed: yes", "count: 2", "rooms: Living room, Kitchen", "day: Monday", "hour: 9", "order: A1_B2",
        "street: 12 Mill Lane", "floor: 3",
    ]  # fmt: skip


def test_answers_that_are_no_json_are_shown_as_they_came(world: World) -> None:
    flow(world, "it is burning")
    assert "it is burning" in only_post(world).post.text and only_post(world).situation == "safety"


def test_a_shared_contact_is_shown_with_all_by_which_it_may_be_reached(world: World) -> None:
    card = {
        "name": {"formatted_name": "Ben Hill"}, "phones": [{"phone": "+441"}], "emails": [{"email": "ben@example.org"}],
        "org": {"company": "Hill Ltd"}, "addresses": [{"street": "1 High St", "city": "Leeds"}], "urls": [{"url": "https://h.example"}],
    }  # fmt: skip
    a_chat(world, type="contacts", contacts=[card])
    shown = only_post(world).post.text
    assert all(
        each in shown
        for each in ("Ben Hill", "Hill Ltd", "+441", "ben@example.org", "1 High St, Leeds", "https://h.example")
    )


def test_a_document_without_words_is_shown_by_its_name(world: World) -> None:
    a_chat(world, type="document", document={"id": "9", "filename": "invoice 4711.pdf"})
    assert only_post(world).post.text == "invoice 4711.pdf"


@pytest.mark.parametrize(
    ("location", "place"),
    [
        ({"shared_coordinate": {"coordinates": {"coordinates": [-1.5, 53.8]}}}, (None, "53.8", "-1.5")),
        ({"shared_place": {"place": {"full_name": "Leeds", "centroid": [-1.5, 53.8]}}}, ("Leeds", "53.8", "-1.5")),
        ({"shared_place": {"place": {"name": "Leeds"}}}, ("Leeds", None, None)),
    ],
)
def test_a_place_that_was_shared_on_x_stands_on_the_post(world: World, location: Any, place: Any) -> None:
    a_dm(world, attachment={"type": "location", "location": location})
    found = only_post(world).post.place
    assert found is not None and (found.name, found.latitude, found.longitude) == place


def test_what_was_shared_in_messenger_stands_beside_the_words(world: World) -> None:
    product = {"elements": [{"title": "Oven X200", "subtitle": "EUR 499"}]}
    attachments = [
        {"type": "template", "payload": {"product": product}},
        {"type": "fallback", "title": "Acme sale", "url": "https://a.example"},
    ]
    talk(
        world,
        "messenger",
        {**to_page("messenger"), "message": {"mid": "m1", "text": "is this one in stock?", "attachments": attachments}},
    )
    assert only_post(world).post.quoted_text == "Oven X200\nEUR 499\nAcme sale"


# -- a message of an unknown kind is a person's ------------------------------------------------------------------------


def _unknown_type(world: World) -> None:
    a_chat(world, type="shoe_size", shoe_size={"left": 42, "words": "they are burning"})


def _unknown_interactive(world: World) -> None:
    a_chat(world, type="interactive", interactive={"type": "new_reply", "new_reply": {"chosen": "they are burning"}})


def _unknown_message(world: World) -> None:
    talk(
        world,
        "messenger",
        {**to_page("messenger"), "message": {"mid": "m1", "new_thing": {"words": "they are burning"}}},
    )


def _unknown_on_instagram(world: World) -> None:
    talk(
        world,
        "instagram",
        {**to_page("instagram"), "message": {"mid": "m1", "new_thing": {"words": "they are burning"}}},
    )


def _unknown_attachment(world: World) -> None:
    a_dm(world, attachment={"type": "new_thing", "new_thing": {"words": "they are burning"}})


@pytest.mark.parametrize(
    "happens",
    [_unknown_type, _unknown_interactive, _unknown_message, _unknown_on_instagram, _unknown_attachment],
    ids=lambda each: each.__name__[1:],
)
def test_a_message_that_nobody_can_read_waits_for_an_agent_with_all_that_is_in_it(world: World, happens: Any) -> None:
    happens(world)
    world.pass_time(900)
    stored = only_post(world)
    assert "they are burning" in stored.post.text and "see the app" in (stored.post.incomplete or "")
    assert stored.silence == "unread" and only_case(world).work_id is not None
    assert (world.sent(), quarantine(world)) == ([], [])


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (
            {"response": "accept", "expiration_timestamp": 1796495201},
            "the person may be rung until 2026-12-05 18:26 UTC",
        ),
        ({"response": "accept", "is_permanent": True}, "the person may be rung"),
        ({"response": "reject"}, "the person does not want to be rung"),
    ],
)
def test_the_answer_to_a_wish_to_ring_stands_on_the_case(world: World, given: Any, said: str) -> None:
    a_chat(world, type="interactive", interactive={"type": "call_permission_reply", "call_permission_reply": given})
    assert only_post(world).post.text == f"call permission: {given['response']}"
    assert only_post(world).post.incomplete == said and only_case(world).work_id is not None


# -- an account that no playbook names ---------------------------------------------------------------------------------


def _facebook_elsewhere(world: World) -> None:
    value = {
        "item": "comment",
        "verb": "add",
        "comment_id": "9_1",
        "post_id": "999_9",
        "message": WORDS,
        "from": {"id": "7"},
    }
    tells(
        world,
        "facebook",
        {"object": "page", "entry": [{"id": "999", "time": 1, "changes": [{"field": "feed", "value": value}]}]},
    )


def _messenger_elsewhere(world: World) -> None:
    item = {"sender": {"id": "7"}, "recipient": {"id": "999"}, "timestamp": 1, "message": {"mid": "m9", "text": WORDS}}
    tells(world, "messenger", {"object": "page", "entry": [{"id": "999", "time": 1, "messaging": [item]}]})


def _instagram_elsewhere(world: World) -> None:
    a_picture_comment(world, "c9", account="999", text=WORDS)


def _whatsapp_elsewhere(world: World) -> None:
    told = {"from": "4478890401", "id": "wamid.9", "timestamp": "1", "type": "text", "text": {"body": WORDS}}
    value = {"metadata": {"phone_number_id": "999"}, "messages": [told]}
    entry = {"id": "4", "changes": [{"field": "messages", "value": value}]}
    tells(world, "whatsapp", {"object": "whatsapp_business_account", "entry": [entry]})


def _x_elsewhere(world: World) -> None:
    told = {"target": {"recipient_id": "999"}, "sender_id": "78", "message_data": {"text": WORDS}}
    message = {"type": "message_create", "id": "9", "created_timestamp": "1", "message_create": told}
    tells(world, "x", {"for_user_id": "999", "direct_message_events": [message], "users": {}})


@pytest.mark.parametrize(
    "happens",
    [_facebook_elsewhere, _messenger_elsewhere, _instagram_elsewhere, _whatsapp_elsewhere, _x_elsewhere],
    ids=lambda each: each.__name__[1:],
)
def test_a_post_to_an_account_that_nobody_set_up_is_in_quarantine_with_an_alarm(world: World, happens: Any) -> None:
    happens(world)
    world.pass_time(600)
    assert world.cases() == [] and [each.reason for each in quarantine(world)] == ["unknown_account"]
    assert len(world.lane("quarantine")) == 1  # the alarm is on this queue


def test_once_the_playbook_names_the_account_a_replay_makes_the_case(world: World) -> None:
    _whatsapp_elsewhere(world)
    (kept,) = quarantine(world)
    accounts = [
        *a_playbook().model_dump(mode="json")["accounts"],
        {"id": "999", "channel": "whatsapp", "name": "Acme", "language": "en"},
    ]
    world.published.now = a_playbook(accounts=accounts)
    replay(kept, world.services)
    world.settle()
    assert only_case(world).account == "999" and quarantine(world) == []


# -- accounted for -----------------------------------------------------------------------------------------------------


def test_everything_that_came_in_these_ways_is_accounted_for(world: World) -> None:
    for happens in (_whatsapp_elsewhere, _unknown_type, *(each for make in EDITS for each in make(world))):
        happens() if happens not in (_whatsapp_elsewhere, _unknown_type) else happens(world)
    a_picture_comment(world, "c1", **{"from": {"username": "acme.home"}})
    talk(world, "instagram", {"message_edit": {"mid": "m7", "num_edit": 0}})
    start = world.now
    world.pass_time(1800)
    told = [line for line in world.log if line.get("message") == "accepted"]
    logged = [Accepted(id=line["delivery_id"], channel=line["channel"], at=line["timestamp"]) for line in told]
    report = reconcile(world.services.table, logged, [], start - timedelta(hours=1), world.now)
    assert report.whole, report
