"""What platforms want to be in place before a robot speaks for an account (R25a), as far as anybody can see it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import requests

from firstline.channels import reading
from firstline.channels.meta import graph
from firstline.channels.requirements import Required, required
from firstline.channels.x.client import call
from firstline.model.errors import Outcome, Retry

from ..connect.setup import why
from ..findings import Finding, bad, ok, warn
from .deployment import Deployment

SAYS_AUTOMATED = ("automat", "robot", "bot ", "chatbot")
"""What a bio says in most languages when answers are automated."""

Look = Callable[[Deployment, Required], Finding]


def requirements(deployment: Deployment) -> Iterator[Finding]:
    """Each thing that the law of a connected account's platform wants."""
    try:
        wanted = required(deployment.services.playbooks.active())
    except (Retry, ValueError):
        yield bad("requirements", "no playbook says which accounts there are", "firstline playbook publish FILE")
        return
    seen: set[tuple[str, str]] = set()
    for each in wanted:
        account = "" if each.requirement.where == "messages" else each.account.id
        name = each.requirement.name
        if (name, account) in seen or not deployment.services.tokens.credentials(each.account.channel, each.account.id):
            continue
        seen.add((name, account))
        try:
            yield LOOKS.get(name, _by_eye)(deployment, each)
        except Outcome as outcome:
            yield warn(
                _name(each), f"cannot be looked at: {why(outcome)}", f"firstline connect {each.account.channel} --check"
            )


def _name(wanted: Required) -> str:
    where = "" if wanted.requirement.where == "messages" else f" of {wanted.account.id}"
    return f"{wanted.requirement.name.replace('_', ' ')}{where}"


def _privacy_link(deployment: Deployment, wanted: Required) -> Finding:
    url = str(deployment.services.playbooks.active().brand.privacy_url or "")
    if not url.startswith("https://"):
        return bad(_name(wanted), "the playbook names no https address of the privacy policy", "brand: privacy_url")
    try:
        status = deployment.web.get(url, timeout=10).status_code
    except requests.RequestException:
        status = 0
    if status != 200:
        return bad(
            _name(wanted),
            f"{url} does not open",
            "messages link to it: put the page there, or change brand: privacy_url",
        )
    return ok(_name(wanted), f"{url} opens")


def _bio(deployment: Deployment, wanted: Required) -> Finding:
    credentials = deployment.services.tokens.credentials("x", wanted.account.id)
    response = call(deployment.services.http, credentials, "GET", "/2/users/me", params={"user.fields": "description"})
    said = reading.words(reading.obj(reading.obj(response.data).get("data")).get("description")).casefold() + " "
    if any(word in said for word in SAYS_AUTOMATED):
        return ok(_name(wanted), "the bio says that answers are automated")
    return warn(
        _name(wanted), "the bio does not seem to say that answers are automated, and by whom", wanted.requirement.says
    )


def _label(deployment: Deployment, wanted: Required) -> Finding:
    return ok(_name(wanted), "X's API does not show it: look at the profile once (Settings, Your account, Automation)")


def _published(deployment: Deployment, wanted: Required) -> Finding:
    credentials = deployment.services.tokens.credentials(wanted.account.channel, wanted.account.id)
    path = graph.segment(wanted.account.id)
    response = graph.call(deployment.services.http, credentials, "GET", path, params={"fields": "is_published"})
    if reading.obj(response.data).get("is_published") is False:
        return bad(_name(wanted), "the Page is not published: no comment can be answered", "publish it")
    return ok(_name(wanted), "the Page is published")


def _by_eye(deployment: Deployment, wanted: Required) -> Finding:
    return warn(_name(wanted), "nothing shows whether it is in place", wanted.requirement.says)


LOOKS: dict[str, Look] = {
    "privacy_link": _privacy_link,
    "automated_bio": _bio,
    "automated_label": _label,
    "page_published": _published,
}
"""How each is looked at; what is not here a person looks at."""
