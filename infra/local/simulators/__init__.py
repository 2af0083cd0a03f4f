"""Simulated platforms for the local stack and the tests: they speak the real contracts, with refusals on demand."""

from .adapter import PlatformAdapter
from .generic import GenericPlatform
from .graph import GraphPlatform
from .platform import Platform, person
from .server import Server
from .settings import Account, Settings, Token
from .simulation import Simulation
from .store import Entry, Person, Store
from .wire import Delivery, Response, sign
from .x import XPlatform

__all__ = [
    "Account",
    "Delivery",
    "Entry",
    "GenericPlatform",
    "GraphPlatform",
    "Person",
    "Platform",
    "PlatformAdapter",
    "Response",
    "Server",
    "Settings",
    "Simulation",
    "Store",
    "Token",
    "XPlatform",
    "person",
    "sign",
]
