"""Builders of what tests talk about: a playbook, a world of one process in which posts flow on moto's AWS."""

from __future__ import annotations

from typing import Any

from firstline.playbook import ANSWERS, SITUATIONS, UPDATES, Playbook

MAIN, CARE = "1450000000000000001", "1450000000000000002"
GRAM = "17841400000000009"
PAGE = "200000000000001"
NUMBER = "300000000000001"
SOURCES = ("generic", "reviews", "contact-centre")
"""Generic sources; over the last one no robot speaks."""
LANGUAGES = ("en", "de")
OPENINGS = (
    "Thanks for telling us",
    "We have seen this",
    "Sorry about that",
    "This reached us",
    "Noted",
    "Got it",
    "Hello",
)


def _texts(situation: str, language: str) -> list[str]:
    if situation not in ANSWERS:
        return [f"{opening}, {situation} {language}." for opening in OPENINGS]
    branch = " Passed on to {branch}." if situation == "handed_to_branch" else ""
    return [
        f"{opening}, {{name}} ({situation} {language}).{branch} A person is back {{when}}. {{ask}} {{ref}} {{team}}"
        for opening in OPENINGS
    ]


def a_playbook(**changes: Any) -> Playbook:
    """A small playbook in two languages: two accounts on X, a page, two branches in two regions, always open."""
    week = {day: ["00:00-24:00"] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}
    open_all_week = {"time_zone": "Europe/London", "open": week}
    times = {
        "today": "by {time} today",
        "tomorrow": "by {time} tomorrow",
        "day": "by {day} {time}",
        "closed_today": "from {time} today",
        "closed_tomorrow": "from {time} tomorrow",
        "closed_day": "from {day} {time}",
    }
    content: dict[str, Any] = {
        "version": "test-1",
        "brand": {"name": "Acme", "team": "^Acme", "language": "en", "privacy_url": "https://acme.example/privacy"},
        "accounts": [
            {"id": MAIN, "channel": "x", "handle": "AcmeHome", "name": "Acme", "language": "en", "answers_first": 2},
            {
                "id": CARE,
                "channel": "x",
                "handle": "AcmeCare",
                "name": "Acme care",
                "language": "en",
                "answers_first": 1,
            },
            {"id": PAGE, "channel": "facebook", "name": "Acme", "language": "en"},
            {"id": PAGE, "channel": "messenger", "name": "Acme", "language": "en"},
            {"id": NUMBER, "channel": "whatsapp", "name": "Acme", "language": "en"},
            {"id": GRAM, "channel": "instagram", "handle": "acme.home", "name": "Acme", "language": "en"},
            {"id": "generic", "channel": "generic", "name": "Acme", "language": "en"},
            {"id": "reviews", "channel": "generic", "name": "Acme", "language": "en"},
            {"id": "contact-centre", "channel": "generic", "name": "Acme", "language": "en", "plan": "people_only"},
        ],
        "hours": open_all_week,
        "wordings": {s: {language: _texts(s, language) for language in LANGUAGES} for s in SITUATIONS + UPDATES},
        "asks": {
            language: {"product": "Which product?", "place": "Where is it?", "since": "Since when?"}
            for language in LANGUAGES
        },
        "times": dict.fromkeys(LANGUAGES, times),
        "explanations": {"nl": "We antwoorden in het Engels."},
        "rules": {
            "safety": {"en": ["smoke", "gas", "burning"], "de": ["rauch*", "gas"]},
            "severity": {"en": {"broken": 1, "leak*": 2}, "de": {"kaputt": 1}},
            "negative": {"en": ["broken", "bad", "terrible", "waiting"], "de": ["kaputt", "schlecht"]},
            "praise": {"en": ["love", "thank you", "great"], "de": ["danke", "toll"]},
            "sarcasm": {"en": ["great job breaking"]},
            "opt_out": {"en": ["stop"], "de": ["stopp"]},
            "helped": {"en": ["yes", "works now"]},
            "not_helped": {"en": ["no", "still not"]},
            "abuse": {"words": {"en": ["idiots", "morons"], "de": ["idioten"]}, "policy": "silence"},
            "spam": {"phrases": {"en": ["free followers", "crypto giveaway"]}},
            "field": {
                "words": {"en": ["engineer", "repair", "delivery", "technician"], "de": ["techniker", "reparatur"]}
            },
            "products": [{"id": "ovens", "words": {"en": ["oven"], "de": ["ofen"]}}],
            "personal_data": {"regions": ["GB", "DE"], "street_words": ["street", "road"]},
        },
        "regions": [
            {"id": "uk", "name": "United Kingdom", "places": ["england"], "languages": ["en"], "desk": "uk-desk"},
            {"id": "dach", "name": "Germany", "places": ["deutschland"], "languages": ["de"], "desk": "berlin"},
        ],
        "branches": [
            _branch("uk-desk", "UK desk", "uk", [], "en", open_all_week),
            _branch("leeds", "Leeds", "uk", ["leeds"], "en", open_all_week),
            _branch("berlin", "Berlin", "dach", ["berlin"], "de", open_all_week),
        ],
    }
    return Playbook.model_validate({**content, **changes})


def _branch(id: str, name: str, region: str, places: list[str], language: str, hours: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": id,
        "name": name,
        "region": region,
        "places": places,
        "languages": [language],
        "language": language,
        "hours": hours,
        "email": f"{id}@acme.example",
        "escalation_email": "region@acme.example",
    }
