"""How much attention a post needs, from 0 to 100, and why (R30).

Why reasons: an agent who sees "82: danger, third post, promise missed" knows where to start, and the brand sees what
its weights do. A reason names the rule, never the customer's words: it is stored, travels in the lanes, and outlives
the text. Influence raises attention, never the treatment: everybody is answered. Channels weigh nothing unless
the playbook says so.

Examples: a calm question by an unknown person -> 10; danger -> at least the urgent lane's threshold, always.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from firstline.model.decision import Known
from firstline.model.post import Post
from firstline.playbook import Playbook

from . import helped
from .reading import Reading
from .tone import Tone

Severity = Literal[0, 1, 2, 3]


def severity(reading: Reading) -> Severity:
    """3: danger; 2: serious damage or failure; 1: a nuisance; 0: nothing is wrong."""
    if reading.safety or reading.sensitive:
        return 3
    if reading.severe:
        return 2
    return 1 if reading.annoying or reading.negative else 0


def of(
    post: Post, reading: Reading, tone: Tone, at_branch: bool, known: Known, playbook: Playbook, now: datetime
) -> tuple[int, tuple[str, ...]]:
    """The priority and its reasons, the weightiest first."""
    weights = playbook.rules.priority
    points: list[tuple[int, str]] = []
    level = severity(reading)
    if level:
        name = {1: "a nuisance", 2: "serious", 3: "danger" if reading.safety else "sensitive"}[level]
        points.append((weights.severity[str(level)], name))  # type: ignore[index]
    if tone == "upset":
        points.append((weights.upset, "upset"))
    if tone == "abusive":
        points.append((weights.abusive, "abusive tone"))
    if known.earlier_posts:
        raised = min(known.earlier_posts * weights.per_earlier_post, weights.most_for_posts)
        points.append((raised, f"post number {known.earlier_posts + 1} of this case"))
    points += _influence(post, playbook)
    hours = int((now - min(known.first_post_at or post.at, post.at)).total_seconds() // 3600)
    if hours > 0:
        points.append((min(hours * weights.per_hour_waiting, weights.most_for_waiting), f"waiting for {hours} h"))
    if known.promised_until and known.promised_until < now:
        points.append((weights.broken_promise, "a promised time passed"))
    if helped.answer(reading, known) == "no":
        points.append((weights.broken_promise, "the customer says that it did not help"))
    if reading.personal_data and post.visibility == "public":
        points.append((weights.personal_data, "personal data in public"))
    if at_branch:
        points.append((weights.field_level, "a branch must act"))
    points.append((weights.channels.get(post.channel, 0), f"channel {post.channel}"))
    total = weights.base + sum(value for value, _ in points)
    if level == 3:
        total = max(total, playbook.rules.lanes.urgent_from_priority)
    reasons = tuple(f"{why} (+{value})" for value, why in sorted(points, key=lambda p: -p[0]) if value > 0)
    return max(0, min(total, 100)), reasons


def _influence(post: Post, playbook: Playbook) -> list[tuple[int, str]]:
    weights = playbook.rules.priority
    followers = post.author.followers or 0
    reached = [step for step in weights.influence if followers >= step.followers]
    points = []
    if reached:
        points.append((max(step.points for step in reached), f"{followers} followers"))
    if post.author.verified:
        points.append((weights.verified, "verified"))
    return points
