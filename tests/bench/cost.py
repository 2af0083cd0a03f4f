"""R66: what a post costs, from the counts of post.py: AWS's money and the platform's fees.

Prices are list prices of us-east-1 without free tiers, read 2026-11 from the services' pricing pages
(aws.amazon.com/<service>/pricing) and X's (docs.x.com/x-api/getting-started/pricing): put in your region's before you
decide by them. Not counted, because no single post causes it: storage, point-in-time recovery, logs, metrics, alarms,
the diary's minute (about $0.2 a month in calls), AppConfig, data transfer.
"""

from __future__ import annotations

from collections.abc import Mapping

from .figures import Figure
from .post import SIZES, Spent

MILLION = 1e6
PRICES: Mapping[str, float] = {
    "HTTP API request": 1.00 / MILLION,
    "Lambda request": 0.20 / MILLION,
    "Lambda GB-second, arm64": 0.0000133334,
    "SQS request": 0.40 / MILLION,
    "DynamoDB read unit, on demand": 0.125 / MILLION,
    "DynamoDB write unit, on demand": 0.625 / MILLION,
    "SES mail": 0.10 / 1000,
    "X: post created, without a link": 0.015,
    "X: post created, with a link": 0.200,
}
"""US dollars each."""
MEMORY = 1.0
"""GB of each function (template.yaml)."""
WAITING, WORKING = 0.010, 0.010
"""Seconds: of an AWS call on the usual path, and of CPU in an invocation. Assumed, not measured: AWS is not here."""
PLATFORM_CALL = 0.4
"""Seconds that a platform takes to accept an answer. Assumed."""


def of_aws(spent: Mapping[str, Spent]) -> dict[str, float]:
    """Dollars of a post, by service. Each message is received and deleted alone, the dearest case."""
    whole = sum(spent.values(), Spent())
    deliveries = 1 + ("echo of the answer" in spent)
    invocations = deliveries * 2 + sum(name in spent for name in ("reply", "handoff"))
    seconds = invocations * WORKING + whole.without_secrets * WAITING + PLATFORM_CALL
    return {
        "HTTP API": deliveries * PRICES["HTTP API request"],
        "Lambda": invocations * PRICES["Lambda request"] + seconds * MEMORY * PRICES["Lambda GB-second, arm64"],
        "SQS": 3 * whole.messages * PRICES["SQS request"],
        "DynamoDB": whole.read_units * PRICES["DynamoDB read unit, on demand"]
        + whole.write_units * PRICES["DynamoDB write unit, on demand"],
        "SES": whole.calls["sesv2.SendEmail"] * PRICES["SES mail"],
    }


def figures(found: dict[int, dict[str, dict[str, Spent]]]) -> list[Figure]:
    """Dollars per thousand posts."""
    shown = []
    for story, spent in found[SIZES[-1]].items():
        if story == "upkeep":
            continue
        aws = of_aws(spent)
        parts = ", ".join(f"{name} {1000 * value:.3f}" for name, value in aws.items() if value)
        on_x = "Facebook" not in story
        fee = PRICES["X: post created, without a link"] if on_x else 0.0
        shown += [
            Figure("cost", f"AWS, 1,000 x {story}", 1000 * sum(aws.values()), "$", note=parts),
            Figure("cost", f"platform, 1,000 x {story}", 1000 * fee, "$", note="one answer each" if on_x else "no fee"),
        ]
    return shown
