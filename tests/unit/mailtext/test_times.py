"""Deadlines on the branch's own clock."""

from __future__ import annotations

import pytest

from .builders import a_handoff, at, flat, page_of, received, text_of


def deadline(language: str, time_zone: str, moment: str, team_zone: str | None = None) -> str:
    """What the mail says, in both of its parts. Without ``team_zone`` the team's clock is the branch's."""
    mail = received(a_handoff(language=language, time_zone=time_zone, contact_by=at(moment), team_zone=team_zone))
    said = flat(text_of(mail).split("\n")[1]).partition(": ")[2]
    assert said in flat(page_of(mail).text)
    return said


@pytest.mark.parametrize(
    ("language", "time_zone", "said"),
    [
        ("en", "Europe/London", "Tuesday 24 November, 16:00"),
        ("en", "America/New_York", "Tuesday November 24, 11:00 AM"),
        ("de", "Europe/Berlin", "Dienstag, 24. November, 17:00 Uhr"),
        ("es", "Europe/Madrid", "martes, 24 de noviembre, 17:00"),
        ("es", "Atlantic/Canary", "martes, 24 de noviembre, 16:00"),
        ("it", "Europe/Rome", "martedì 24 novembre, 17:00"),
        ("fr", "Europe/Paris", "mardi 24 novembre, 17:00"),
        ("de", "Asia/Tokyo", "Mittwoch, 25. November, 01:00 Uhr"),
        ("ar", "Africa/Cairo", "الثلاثاء 24 نوفمبر، 6:00 م"),
    ],
)
def test_a_deadline_reads_as_on_the_branchs_wall(language, time_zone, said):
    assert deadline(language, time_zone, "2026-11-24T16:00") == said


@pytest.mark.parametrize(
    ("language", "time_zone", "said"),
    [
        ("en", "Europe/London", "Tuesday 24 November, 16:00 GMT"),
        ("de", "Europe/Berlin", "Dienstag, 24. November, 17:00 Uhr"),
        ("es", "Europe/Madrid", "martes, 24 de noviembre, 17:00"),
        ("es", "Atlantic/Canary", "martes, 24 de noviembre, 16:00 WET"),
        ("fr", "Asia/Kolkata", "mardi 24 novembre, 21:30 UTC+5:30"),
        ("de", "Asia/Tokyo", "Mittwoch, 25. November, 01:00 Uhr UTC+9"),
    ],
)
def test_the_zone_is_named_only_where_the_teams_clock_differs(language, time_zone, said):
    assert deadline(language, time_zone, "2026-11-24T16:00", "Europe/Berlin") == said


def test_the_hour_that_comes_twice_when_summer_ends_is_told_apart():
    first = deadline("en", "Europe/London", "2026-10-25T00:30")
    second = deadline("en", "Europe/London", "2026-10-25T01:30")
    assert first == "Sunday 25 October, 01:30 BST"
    assert second == "Sunday 25 October, 01:30 GMT"


def test_the_hour_that_is_left_out_when_summer_begins_is_never_named():
    assert deadline("de", "Europe/Berlin", "2027-03-28T00:59") == "Sonntag, 28. März, 01:59 Uhr"
    assert deadline("de", "Europe/Berlin", "2027-03-28T01:00") == "Sonntag, 28. März, 03:00 Uhr"


def test_a_zone_that_does_not_exist_is_refused_before_any_mail():
    with pytest.raises(ValueError):
        a_handoff(time_zone="Europe/Atlantis")


@pytest.mark.parametrize(
    ("time_zone", "moment", "name"),
    [
        ("Europe/Dublin", "2026-11-24T16:00:00Z", "GMT"),
        ("Europe/Dublin", "2026-07-24T16:00:00Z", "IST"),
        ("Europe/London", "2026-07-24T16:00:00Z", "BST"),
        ("Australia/Sydney", "2026-11-24T03:00:00Z", "AEDT"),
    ],
)
def test_the_zone_has_the_name_of_that_date(time_zone, moment, name):
    assert deadline("en", time_zone, moment, team_zone="Asia/Tokyo").replace("\u00a0", " ").endswith(f" {name}")
