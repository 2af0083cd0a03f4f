"""The directory as a spreadsheet: out and in again, every mistake by line and column, the playbook's text kept."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner, Result
from ruamel.yaml import YAML

from firstline.playbook import Playbook, load_yaml
from firstline.playbook.coverage import doubts
from infra.ops import branches as command
from infra.ops import directory
from infra.ops.cli import main
from infra.ops.playbook import EXAMPLE
from infra.ops.rewriting import Unwritable, with_branches
from tests.builders import a_playbook

LUMORA = EXAMPLE.read_text()


def table(*changes: tuple[int, str, str], columns: tuple[str, ...] = directory.COLUMNS, delimiter: str = ",") -> bytes:
    """The small playbook's branches as CSV with changed cells: (line, column, text); a line beyond them is a new one."""
    rows = [directory.cells(branch) for branch in a_playbook().branches]
    for line, column, text in changes:
        while len(rows) < line - 1:
            rows.append(
                {**rows[-1], "id": f"new{len(rows)}", "name": "New", "places": "newtown", "email": "n@acme.example"}
            )
        rows[line - 2][column] = text
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, delimiter=delimiter, extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def mistakes(body: bytes, playbook: Playbook | None = None) -> list[str]:
    with pytest.raises(directory.Mistakes) as caught:
        directory.read(body, playbook or a_playbook())
    return [str(each) for each in caught.value.found]


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(main, ["branches", *map(str, words)])


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    """A table with one changed branch, and a playbook in block style with comments."""
    out = io.StringIO()
    YAML().dump(a_playbook().model_dump(mode="json"), out)
    playbook = tmp_path / "acme.yaml"
    playbook.write_text("# Ours\n" + out.getvalue().replace("branches:", "# Who acts on site\nbranches: # all of them"))
    (tmp_path / "b.csv").write_bytes(table((3, "places", "leeds|bradford")))
    return tmp_path / "b.csv", playbook


@pytest.mark.parametrize("spreadsheet", [False, True])
def test_what_is_exported_is_imported_as_it_was(spreadsheet: bool) -> None:
    lumora = load_yaml(LUMORA)
    assert directory.read(directory.written(lumora.branches, spreadsheet=spreadsheet).encode(), lumora) == lumora


def test_columns_that_the_table_lacks_stay_as_they_are() -> None:
    new = directory.read(table((3, "name", "Leeds City"), columns=("id", "name")), a_playbook())
    assert [b.name for b in new.branches] == ["UK desk", "Leeds City", "Berlin"]
    assert new.branches[1].places == ("leeds",)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ((3, "time_zone", "Europe/Leeds"), "line 3, column time_zone: no time zone is named 'Europe/Leeds' (write one like"),
        ((3, "email", "leeds"), "line 3, column email: not a mail address (write one like"),
        ((3, "email", ""), "line 3, column email: is empty (write its value)"),
        ((3, "mon", "9-18"), "line 3, column mon: "),
        ((3, "tue", "18:00-09:00"), "line 3, column tue: tue 18:00-09:00 closes before it opens (write 09:00-18:00, or"),
        ((3, "region", "wales"), "line 3, column region: no region is named 'wales' (write one of uk, dach)"),
        ((3, "products", "ovens|toasters"), "line 3, column products: no product is named 'toasters' (write one of ovens)"),
        ((3, "latitude", "north"), "line 3, column latitude: "),
        ((3, "latitude", "91"), "line 3, column latitude: "),
        ((3, "country", "XX"), "line 3, column country: no holidays are known for 'XX' (write an ISO 3166 code"),
        ((3, "subdivision", "SCT"), "line 3, column subdivision: SCT of no country (write country: beside it"),
        ((3, "closed_on", "25.12.2026"), "line 3, column closed_on: "),
        ((3, "languages", "English"), "line 3, column languages: "),
        ((3, "id", ""), "line 3, column id: is empty (write a name of its own"),
        ((3, "id", "uk-desk"), "line 3, column id: 'uk-desk' is in line 2 already (write a name of its own)"),
        ((4, "region", "uk"), "regions.1.desk: 'berlin' is no branch of this region (write one of none yet)"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_by_line_and_column_with_what_to_write(change: tuple[int, str, str], says: str) -> None:
    (found,) = mistakes(table(change))
    assert found.startswith(says)


def test_every_mistake_is_told_in_the_order_of_lines() -> None:
    found = mistakes(table((4, "email", ""), (2, "time_zone", "Mars"), (2, "language", "E")))
    assert [each.split(":")[0] for each in found] == [
        "line 2, column language",
        "line 2, column time_zone",
        "line 4, column email",
    ]


def test_lines_are_counted_as_the_editor_counts_them() -> None:
    (found,) = mistakes(table((2, "name", "UK\ndesk"), (3, "email", "x")).replace(b"\r\n", b"\n"))
    assert found.startswith("line 4, column email")


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "line 1, column id: the table is empty"),
        (b"id,naem\n", "line 1, column naem: no such column (write name)"),
        (b"name\n", "line 1, column id: is missing"),
        (b"id,name,id\n", "line 1, column id: is there twice"),
        (b"id,name\nleeds,Leeds\nberlin,K\xf6ln\n", "line 3, column ?: is not UTF-8 (write the table again"),
        (b"id,name\nleeds,Leeds, City\n", "line 2, column ?: 'City' is beyond the last column (write texts with"),
    ],
)
def test_what_is_no_table_is_told_at_once(body: bytes, says: str) -> None:
    (found,) = mistakes(body)
    assert found.startswith(says)


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("delimiter", [",", ";"])
def test_commas_semicolons_and_byte_order_marks_are_all_the_same(mark: bytes, delimiter: str) -> None:
    assert directory.read(mark + table(delimiter=delimiter), a_playbook()) == a_playbook()


def test_a_decimal_comma_is_a_number_too() -> None:
    new = directory.read(table((3, "latitude", "53,8"), (3, "longitude", "-1,55"), delimiter=";"), a_playbook())
    assert (new.branches[1].latitude, new.branches[1].longitude) == (53.8, -1.55)


def test_a_dry_run_tells_the_difference_field_by_field_and_writes_nothing(files: tuple[Path, Path]) -> None:
    _, playbook = files
    before = playbook.read_text()
    changed = files[0].parent / "c.csv"
    # Leeds is gone, York is new, the desk has other hours
    changed.write_bytes(table((3, "id", "york"), (3, "name", "York"), (2, "mon", "09:00-12:00|13:00-18:00")))
    result = run("import", changed, "--playbook", playbook, "--dry-run")
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "+ york: York",
        "- leeds: Leeds",
        "~ uk-desk",
        "    mon: 00:00-24:00 -> 09:00-12:00|13:00-18:00",
    ]
    assert playbook.read_text() == before


def test_an_import_changes_the_branches_in_the_file_and_nothing_else(files: tuple[Path, Path]) -> None:
    csv_file, playbook = files
    before = playbook.read_text()
    result = run("import", csv_file, "--playbook", playbook)
    assert (result.exit_code, "raise its version" in result.stdout) == (0, True)
    branch = load_yaml(playbook.read_text()).branch("leeds")
    assert branch is not None and branch.places == ("leeds", "bradford")
    was, now = before.splitlines(), playbook.read_text().splitlines()
    assert [line for line in was if line not in now] == ["  - leeds"]  # the list of its places
    assert "# Ours" in now and "# Who acts on site" in now and "branches: # all of them" in now
    again = run("import", csv_file, "--playbook", playbook)
    assert again.stdout == "nothing changes\n"


def test_a_table_with_mistakes_changes_nothing(files: tuple[Path, Path]) -> None:
    csv_file, playbook = files
    before = playbook.read_text()
    csv_file.write_bytes(table((3, "email", "x")))
    result = run("import", csv_file, "--playbook", playbook)
    assert (result.exit_code, playbook.read_text()) == (1, before)
    assert result.stderr.startswith(f"{csv_file}: line 3, column email: ")


def test_writing_the_same_branches_leaves_every_byte() -> None:
    assert with_branches(LUMORA, load_yaml(LUMORA).branches) == LUMORA


def test_only_lines_of_what_changed_differ_and_comments_stay() -> None:
    text = LUMORA.replace("  - id: leeds\n", "  # since 2019\n  - id: leeds # ours\n").replace(
        "rules:\n", "# Words\nrules:\n", 1
    )
    branches = list(load_yaml(text).branches)
    branches[1] = branches[1].model_copy(update={"email": "north@branches.lumora.example"})
    branches.append(branches[1].model_copy(update={"id": "york", "places": ("selby",), "store_ids": ()}))
    new = with_branches(text, tuple(branches))
    assert load_yaml(new).branches == tuple(branches)
    gone = [line for line in text.splitlines() if line not in new.splitlines()]
    assert gone == ["    email: leeds@branches.lumora.example"]
    assert new.index("  - id: york") < new.index("# Words\nrules:")


def test_a_playbook_that_names_desks_gets_its_first_branches(files: tuple[Path, Path]) -> None:
    csv_file, playbook = files
    out = io.StringIO()
    YAML().dump(a_playbook().model_dump(mode="json", exclude={"branches"}), out)
    playbook.write_text(out.getvalue())
    csv_file.write_bytes(table())
    assert run("import", csv_file, "--playbook", playbook).exit_code == 0
    assert load_yaml(playbook.read_text()) == a_playbook()


def test_a_playbook_on_one_line_is_left_alone() -> None:
    text = a_playbook().model_dump_json()
    with pytest.raises(Unwritable, match="write `branches:` at the start of a line"):
        with_branches(text, a_playbook().branches[:2])


def test_without_a_file_a_new_version_of_the_active_playbook_is_published(
    files: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    published: list[Playbook] = []
    live = SimpleNamespace(playbooks=SimpleNamespace(active=a_playbook))
    monkeypatch.setattr(command, "services_of", lambda stack: live)
    monkeypatch.setattr(command, "outputs", lambda stack: {})
    monkeypatch.setattr(command, "publish", lambda new, out, session: published.append(new))
    monkeypatch.setattr(command, "record", lambda services, what, about: None)
    assert run("import", files[0], "--dry-run").exit_code == 0
    assert published == []
    assert run("import", files[0]).exit_code == 0
    (new,) = published
    assert new.version.startswith("test-1-b")
    assert new.model_copy(update={"version": "test-1", "branches": a_playbook().branches}) == a_playbook()
    assert command.version_with(new) == new.version  # the same branches are the same version


def branch(number: int, **changes: Any) -> Any:
    return a_playbook().branches[number].model_copy(update=changes)


@pytest.mark.parametrize(
    ("branches", "says"),
    [
        ([branch(1), branch(1, id="b", places=("Leeds",))], "branches.1.places: leeds is of leeds, too"),
        ([branch(1, postal_codes=("M2*",)), branch(1, id="b", places=(), postal_codes=("M20",))],
         "branches.1.postal_codes: m20 is within m2* of leeds, too"),
        ([branch(1, store_ids=("S1",)), branch(2, store_ids=("s1",))], "branches.1.store_ids: s1 is of leeds, too"),
        ([branch(1, places=())], "branches.0: nothing leads to leeds"),
        ([branch(0, products=("hobs",))], "regions.0: no branch of uk handles ovens"),
        ([branch(0, languages=("cy",))], "regions.0.languages.0: no branch of uk speaks en"),
    ],
)  # fmt: skip
def test_overlaps_and_holes_are_found(branches: list[Any], says: str) -> None:
    regions = a_playbook().regions[:1]
    found = doubts(
        a_playbook().model_copy(
            update={"branches": (*branches, branch(0, id="desk", languages=(), products=("x",))), "regions": regions}
        )
    )
    assert says in [f"{'.'.join(map(str, path))}: {what}" for path, what, _ in found]


@pytest.mark.parametrize("apart", [{"products": ("hobs",)}, {"languages": ("fr",)}])
def test_two_branches_of_a_place_may_differ_in_products_or_languages(apart: dict[str, Any]) -> None:
    two = (branch(1, products=("ovens",)), branch(1, id="b", **{"products": ("ovens",), **apart}))
    found = doubts(a_playbook().model_copy(update={"branches": two, "regions": ()}))
    assert found == []


def test_a_branch_that_is_closed_for_long_is_named(files: tuple[Path, Path]) -> None:
    _, playbook = files
    today = datetime.now(UTC).date()
    days = [today + timedelta(days=n - 2) for n in range(90)]
    csv_file = playbook.parent / "closed.csv"
    csv_file.write_bytes(table((3, "closed_on", "|".join(map(date.isoformat, days)))))
    assert run("check", "--playbook", playbook).exit_code == 0
    assert run("import", csv_file, "--playbook", playbook).exit_code == 0
    result = run("check", "--playbook", playbook)
    assert result.exit_code == 1
    assert result.stderr.startswith("branches.1.hours: leeds is closed until ")
