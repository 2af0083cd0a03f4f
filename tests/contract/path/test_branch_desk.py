"""What a region's lead sees of the region's branches, asked as an HTTP API asks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

from firstline.operations import branch, branch_desk
from tests.contract.path.test_branches import HOUR, handed, the_case
from tests.contract.path.test_main_job import comments
from tests.desk import Desk, a_desk, content, signed_in
from tests.stack.templates import ROOT
from tests.world import World, a_world

UK = signed_in("branch-desk", "branch-desk:uk")
DACH = signed_in("branch-desk", "branch-desk:dach")
LEEDS = "/api/branches/leeds/handoffs"


@pytest.fixture
def world() -> Iterator[World]:
    with a_world() as world:
        yield world


@pytest.fixture
def desk(world: World) -> Desk:
    return a_desk(world)


def as_documented(name: str, answer: Any) -> Any:
    """The answer, if it is what docs/desk-api.yaml says."""
    documented = YAML(typ="safe", pure=True).load((ROOT / "docs/desk-api.yaml").read_text())
    schema = {"$ref": f"#/components/schemas/{name}", "components": documented["components"]}
    Draft202012Validator(schema).validate(answer)
    return answer


def figures(desk: Desk, name: str = "leeds", who: dict[str, str] = UK) -> dict[str, Any]:
    page = as_documented("Regions", content(desk.get("/api/branches", who)))
    (found,) = [each for region in page["regions"] for each in region["branches"] if each["id"] == name]
    return found


def listed(desk: Desk, **query: str) -> dict[str, Any]:
    return as_documented("Handoffs", content(desk.get(LEEDS, UK, **query)))


# -- who may see what ---------------------------------------------------------------------------------------------


def test_a_lead_sees_the_branches_of_the_own_regions_and_no_others(world: World, desk: Desk) -> None:
    seen = content(desk.get("/api/branches", UK))
    assert [(each["id"], [b["id"] for b in each["branches"]]) for each in seen["regions"]] == [
        ("uk", ["uk-desk", "leeds"])
    ]
    both = signed_in("branch-desk", "branch-desk:uk", "branch-desk:dach")
    assert [each["id"] for each in content(desk.get("/api/branches", both))["regions"]] == ["uk", "dach"]


def test_a_branch_of_another_region_looks_like_one_that_does_not_exist(world: World, desk: Desk) -> None:
    handed(world)
    other, unknown = desk.get(LEEDS, DACH), desk.get("/api/branches/atlantis/handoffs", DACH)
    assert other[0] == unknown[0] == 404
    assert other[2] == unknown[2]


def test_nothing_in_the_request_widens_what_is_seen(world: World, desk: Desk) -> None:
    handed(world)
    asked = {"region": "uk", "regions": "uk", "custom:regions": "uk", "cognito:groups": "[branch-desk branch-desk:uk]"}
    assert desk.get(LEEDS, DACH, **asked)[0] == 404
    (region,) = content(desk.get("/api/branches", DACH, **asked))["regions"]
    assert region["id"] == "dach"


@pytest.mark.parametrize(
    "groups",
    [
        (),
        ("agent", "lead", "auditor"),
        ("branch-desk:uk",),
        ("branch-desks", "branch-desk:uk"),
        ("not-branch-desk", "branch-desk:uk"),
        ("Branch-Desk", "branch-desk:uk"),
    ],
)
def test_without_exactly_the_role_everything_is_refused(desk: Desk, groups: tuple[str, ...]) -> None:
    for path in ("/api/branches", LEEDS):
        status, headers, body = desk.get(path, signed_in(*groups))
        assert status == 403 and "branch-desk" in body
        assert headers["cache-control"] == "no-store"


def test_a_lead_without_a_region_sees_none(desk: Desk) -> None:
    assert content(desk.get("/api/branches", signed_in("branch-desk")))["regions"] == []
    assert content(desk.get("/api/branches", signed_in("branch-desk", "branch-desk:atlantis")))["regions"] == []


def test_a_role_in_another_claim_is_no_role(desk: Desk) -> None:
    claims = {"sub": "1", "roles": "[branch-desk branch-desk:uk]", "custom:regions": "uk"}
    assert desk.get("/api/branches", claims)[0] == 403


# -- what is seen -------------------------------------------------------------------------------------------------


def test_figures_tell_what_is_open_late_and_done_and_how_fast(world: World, desk: Desk) -> None:
    before = figures(desk)
    assert (before["open"], before["late"], before["done"]) == (0, 0, 0)
    assert before["accept_minutes"] is None
    given = handed(world)
    assert given.mailed_at is not None
    assert (figures(desk)["open"], figures(desk)["late"]) == (1, 0)
    world.pass_time(4.5 * HOUR, step=HOUR / 2)
    assert (figures(desk)["open"], figures(desk)["late"]) == (1, 1)
    branch.accept(given.case_id, "leeds", world.services)
    waited = (world.now - given.mailed_at) // timedelta(minutes=1)
    assert (figures(desk)["late"], figures(desk)["accept_minutes"]) == (0, waited)
    world.pass_time(HOUR, step=HOUR)
    branch.done(given.case_id, "leeds", world.services)
    seen = figures(desk)
    assert (seen["open"], seen["done"], seen["accept_minutes"], seen["contact_minutes"]) == (0, 1, waited, waited + 60)


def test_a_handoff_is_listed_with_the_masked_words_and_its_last_steps(world: World, desk: Desk) -> None:
    given = handed(world, "No engineer came to repair my oven in Leeds, ring me on 07700 900123")
    branch.accept(given.case_id, "leeds", world.services)
    branch.contacted(given.case_id, "leeds", world.services, how="phone", note="comes on Tuesday")
    page = listed(desk)
    (seen,) = page["handoffs"]
    assert seen["case_ref"] == the_case(world).ref and seen["stage"] == "contacted"
    assert seen["customer"]["name"] == "Ben Hill"
    assert "No engineer came" in seen["words"] and "900123" not in str(page)
    assert [(step["what"], step["by"]) for step in seen["steps"]] == [
        ("mailed", "robot"),
        ("accepted", "branch"),
        ("contacted", "branch"),
    ]
    assert "Tuesday" not in str(page) and given.case_id not in str(page["handoffs"])


def test_what_customers_said_is_counted_and_shown(world: World, desk: Desk) -> None:
    given = handed(world)
    branch.done(given.case_id, "leeds", world.services)
    world.pass_time(180)
    assert listed(desk)["handoffs"][0]["helped"] is None
    comments(world, "no, the oven is still broken, ring 07700 900123")
    world.pass_time(120)
    (seen,) = listed(desk)["handoffs"]
    assert seen["helped"] is False and "still broken" in seen["said"] and "900123" not in seen["said"]
    assert (figures(desk)["helped"], figures(desk)["not_helped"]) == (0, 1)


def test_a_deleted_post_is_listed_without_its_words(world: World, desk: Desk) -> None:
    post = comments(world, "No engineer came to repair my oven in Leeds")
    world.pass_time(120)
    _, deliveries = world.graph.delete(post.id, world.now)
    for each in deliveries:
        assert world.deliver(each) == 200
    world.settle()
    (seen,) = listed(desk)["handoffs"]
    assert seen["words"] is None


def test_the_list_is_read_page_by_page_newest_first(world: World, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(branch_desk, "PAGE", 2)
    given = handed(world)
    case = the_case(world)
    for number in range(4):  # as if four more cases had been handed over, an hour apart
        later = given.created_at + timedelta(hours=number + 1)
        other = f"other{number}"
        world.services.table.commit(
            [
                case.model_copy(update={"id": other, "version": 0}),
                given.model_copy(update={"case_id": other, "created_at": later, "version": 0}),
            ],
            world.now,
        )
    seen, before = [], ""
    while before is not None:
        page = listed(desk, before=before) if before else listed(desk)
        assert len(page["handoffs"]) <= 2
        seen += [each["created_at"] for each in page["handoffs"]]
        before = page["next"]
    assert len(seen) == 5 and seen == sorted(seen, reverse=True)


def test_figures_rest_on_the_newest_handoffs_only_and_say_so(
    world: World, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(branch_desk, "MOST_COUNTED", 1)
    given = handed(world)
    assert (figures(desk)["counted"], figures(desk)["complete"]) == (1, True)
    newer = given.model_copy(update={"case_id": "other", "created_at": world.now, "version": 0})
    world.services.table.commit([newer], world.now)
    assert (figures(desk)["counted"], figures(desk)["complete"]) == (1, False)
    world.now += branch_desk.WINDOW + timedelta(days=1)
    assert figures(desk)["counted"] == 0


@pytest.mark.parametrize("before", ["~", "\x00", "branch#berlin", "x" * 5000, "2026-11-23T10:00:00.000Z#"])
def test_a_made_up_page_mark_shows_nothing_of_others(world: World, desk: Desk, before: str) -> None:
    handed(world)
    assert len(listed(desk, before=before)["handoffs"]) <= 1


# -- the page's files ---------------------------------------------------------------------------------------------


def test_the_page_is_public_and_runs_its_own_script_only(desk: Desk) -> None:
    status, headers, body = desk.get("/desk/index.html")
    assert status == 200 and headers["content-type"].startswith("text/html")
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy and "script-src 'self';" in policy
    assert "connect-src 'self' https://issuer.acme.example;" in policy and "unsafe" not in policy
    assert headers["referrer-policy"] == "no-referrer"
    assert "<script>" not in body and "style=" not in body


def test_the_page_learns_where_to_sign_in(desk: Desk) -> None:
    told = content(desk.get("/desk/config.json"))
    assert told == {
        "issuer": "https://issuer.acme.example",
        "client_id": "desk",
        "scope": "openid email",
        "redirect_uri": "https://care.acme.example/desk/index.html",
        "endpoints": None,
        "api": "../api/",
    }


@pytest.mark.parametrize("name", ["app.py", "../app.py", "..%2fapp.py", "", "pages", "none.html"])
def test_only_the_pages_files_are_served(desk: Desk, name: str) -> None:
    assert desk.get(f"/desk/{name}")[0] == 404


def test_what_people_type_leads_to_the_page(desk: Desk) -> None:
    status, headers, _ = desk.get("/desk")
    assert (status, headers["location"]) == (302, "https://care.acme.example/desk/index.html")


def test_an_unknown_path_of_the_api_is_not_found(desk: Desk) -> None:
    assert desk.get("/api/secrets", UK)[0] == 404
