"""The Graph API as its callers see it: one host, behind which every product of Meta's has its own objects."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from .graph import GraphPlatform
from .whatsapp import WhatsAppPlatform
from .wire import Response


class MetaApi:
    """Hands a call to the product whose object it names."""

    def __init__(self, graph: GraphPlatform, whatsapp: WhatsAppPlatform) -> None:
        self.graph = graph
        self.whatsapp = whatsapp

    def handle(
        self, method: str, path: str, headers: Mapping[str, str], query: Mapping[str, str], body: bytes, now: datetime
    ) -> Response:
        """See `Platform.handle`."""
        product = self.whatsapp if self.whatsapp.owns(path) else self.graph
        return product.handle(method, path, headers, query, body, now)
