"""How a platform looks at a webhook's address when it is registered."""

from __future__ import annotations

from collections.abc import Mapping

import requests

TIMEOUT = 10


def visit(url: str, query: Mapping[str, str]) -> tuple[int, str]:
    """See `platform.Visit`. Redirects are not followed; of the text, the first kilobytes."""
    try:
        response = requests.get(url, params=dict(query), timeout=TIMEOUT, allow_redirects=False)
    except requests.RequestException:
        return 0, ""
    return response.status_code, response.text[:4096]
