"""The Graph API as its callers see it: one host, behind which every product of Meta's has its own objects."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from .graph import VERSION, GraphPlatform
from .instagram import InstagramPlatform
from .whatsapp import WhatsAppPlatform
from .wire import Response


class MetaApi:
    """Hands a call to the product whose object it names; Instagram's accounts are known by their tokens."""

    def __init__(self, graph: GraphPlatform, whatsapp: WhatsAppPlatform, instagram: InstagramPlatform) -> None:
        self.graph = graph
        self.whatsapp = whatsapp
        self.instagram = instagram
        graph.management.sisters = (whatsapp, instagram)

    def handle(
        self, method: str, path: str, headers: Mapping[str, str], query: Mapping[str, str], body: bytes, now: datetime
    ) -> Response:
        """See `Platform.handle`."""
        versioned = VERSION.fullmatch(path)
        parts = versioned["rest"].strip("/").split("/") if versioned else []
        managed = self.graph.management.handle(method, parts, headers, query, body, now)
        if managed is not None:
            return managed
        product: GraphPlatform | WhatsAppPlatform = self.whatsapp if self.whatsapp.owns(path) else self.graph
        if self.instagram.knows(headers):
            product = self.instagram
        return product.handle(method, path, headers, query, body, now)
