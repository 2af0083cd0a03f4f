"""What comes to the privacy door: Meta's data deletion callback, and people who ask how far their erasure is (R65)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from babel import negotiate_locale

from ..channels.meta import deletion
from ..model.errors import Forged, Malformed, Retry
from ..model.records import Erasure
from ..outward.branchpages import Notice, answer, notice_page, read_request
from ..outward.mailtext.sentences import languages
from ..table import keys
from .erase import ask
from .services import Services

META = "meta:data-deletion-callback"
SHOWN = 6
"""Characters of the code that are shown: enough to talk about, too few to ask with."""
_CODE = re.compile(r"[0-9a-f]{32}")


def visit(event: Mapping[str, Any], services: Services) -> dict[str, Any]:
    """Answer one HTTP API event (payload 2.0); 503 only while the wish cannot be recorded, so that Meta asks again."""
    try:
        if event.get("requestContext", {}).get("http", {}).get("method") == "POST":
            return _deletion(event, services)
        return _status(event, services)
    except Retry as error:
        services.tell("privacy_waits", reason=error.reason, metric="PrivacyWaits")
        return _told(503, {"error": "try again"}, {"retry-after": "5"})


def _deletion(event: Mapping[str, Any], services: Services) -> dict[str, Any]:
    try:
        signed = read_request(event).form.get("signed_request", "")
        asked = _proven(signed, services)
    except Forged:
        services.tell("refused", channel="meta", reason="signature", metric="Forged")
        return _told(401, {"error": "signature missing or wrong"})
    except Malformed:
        services.tell("refused", channel="meta", reason="malformed", metric="Refused")
        return _told(400, {"error": "malformed request"})
    subjects = tuple(f"{channel}:{asked.user_id}" for channel in deletion.CHANNELS)
    wish = ask(asked.code, META, subjects, services)
    services.tell("erasure_asked", subjects=len(subjects))
    url = f"{services.settings.public_base_url}/privacy/status/{wish.code}"
    return _told(200, {"url": url, "confirmation_code": wish.code})


def _proven(signed: str, services: Services) -> deletion.Asked:
    """Any of Meta's apps may ask, each with its own secret; a fresh one is read when none fits."""
    for again in (False, True):
        if again and not services.secrets.reread():
            break
        secrets = [services.secrets.channel(channel).get("signing") or () for channel in deletion.CHANNELS]
        live = [key for keys_of in secrets for key in ([keys_of] if isinstance(keys_of, str) else keys_of)]
        try:
            return deletion.read(signed, {"signing": live})
        except Forged:
            continue
    raise Forged("signature wrong")


def _status(event: Mapping[str, Any], services: Services) -> dict[str, Any]:
    """How far it is, in the visitor's language, and nothing of anybody."""
    code = str((event.get("pathParameters") or {}).get("code") or "")
    wish = services.table.get(keys.erasure(code)) if _CODE.fullmatch(code) else None
    headers = {str(name).lower(): str(value) for name, value in (event.get("headers") or {}).items()}
    language, brand = _language(headers.get("accept-language", "")), services.playbooks.active().brand.name
    if not isinstance(wish, Erasure):
        return answer(404, notice_page("erasure_unknown", language, brand))
    notice: Notice = "erasure_done" if wish.state == "done" else "erasure_waits"
    return answer(200, notice_page(notice, language, brand, wish.code[:SHOWN]))


def _language(accepted: str) -> str:
    """The first of the visitor's languages in which the pages are written."""
    wanted = [each.partition(";")[0].strip() for each in accepted[:200].split(",")]
    return negotiate_locale([each for each in wanted if each], sorted(languages()), sep="-") or "en"


def _told(status: int, content: Mapping[str, str], headers: Mapping[str, str] | None = None) -> dict[str, Any]:
    told = {"content-type": "application/json", "cache-control": "no-store", "x-content-type-options": "nosniff"}
    return {"statusCode": status, "headers": {**told, **(headers or {})}, "body": json.dumps(content)}
