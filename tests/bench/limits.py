"""R25: a thousand posts in five minutes on one account of X, which lets 100 answers through in 15 minutes.

Simulated time; what is counted is the same on every machine. The CPU is that of the whole simulation.
"""

from __future__ import annotations

import time

from tests.storm import a_storm, through

from .figures import Figure

POSTS = 1000
SEVERITIES = {3: "danger", 2: "severe", 1: "usual", 0: "mild"}


def figures(posts: int = POSTS) -> list[Figure]:
    """When the answers of each severity went out, and how many were late; what it cost in calls of the table."""
    cpu = time.process_time()
    with a_storm(posts) as storm:
        world, first = storm.world, storm.minutes(storm.foretold.through_at)
        came_in = dict(world.dynamodb.calls)
        through(storm)
        found: list[Figure] = [
            Figure("limits", "foretold: minutes until all is through", first, "min"),
            Figure("limits", "minutes until all was through", storm.minutes(storm.answers[-1].at), "min"),
            Figure("limits", "refused by X (429)", len(storm.refused), ""),
        ]
        for severity, name in SEVERITIES.items():
            replies = [each for each in storm.replies if each.severity == severity]
            late = [each.late_seconds for each in replies if each.late_seconds]
            last = max(storm.minutes(each.settled_at) for each in replies if each.settled_at)
            worst = max(late, default=0) / 60
            note = f"{len(late)} late, the last by {worst:.0f} min"
            found.append(Figure("limits", f"{name}: {len(replies)} answers, the last after", last, "min", note=note))
        calls = sum(world.dynamodb.calls.values()) - sum(came_in.values())
        wakes = sum(wait.times for each in storm.replies for wait in each.waited)
        found += [
            Figure("limits", "times that a waiting answer was put off", wakes / posts, "per post"),
            Figure("limits", "calls of the table after the last post came in", calls / posts, "per post"),
            Figure("limits", "CPU of the simulation", time.process_time() - cpu, "s"),
        ]
    return found
