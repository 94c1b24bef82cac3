"""The engine over HTTP: the specification's endpoints, the operator's console, events, metrics and health."""

from petrosa_adapters.http.app import create_app
from petrosa_adapters.http.metrics import Metrics
from petrosa_adapters.http.server import Address, serve
from petrosa_adapters.http.settings import HttpSettings, Scope, Token, bind_allowed, token_digest

__all__ = [
    "Address",
    "HttpSettings",
    "Metrics",
    "Scope",
    "Token",
    "bind_allowed",
    "create_app",
    "serve",
    "token_digest",
]
