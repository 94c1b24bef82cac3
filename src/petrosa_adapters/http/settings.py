"""Who may ask what over HTTP, and how much: scopes, tokens, limits, and where the server may listen."""

from collections.abc import Collection
from enum import StrEnum
from hashlib import sha256
from hmac import compare_digest
from ipaddress import IPv4Address, IPv6Address, ip_address
from re import compile as pattern

import attrs

from petrosa_core.values import SECOND, Duration, Mode

_SHA256 = pattern("[0-9a-f]{64}")
_NAME = pattern("[A-Za-z0-9._-]{1,64}")


class Scope(StrEnum):
    """What a token allows. No scope contains another: a producer that may trade need not see the account."""

    READ = "read"
    TRADE = "trade"
    ADMIN = "admin"


def token_digest(secret: str) -> str:
    """The SHA-256 of a token in hex: all that is ever kept of it. A token is random text of 256 bits, so no salt is needed."""
    return sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


@attrs.frozen(kw_only=True)
class Token:
    """One API token: the name that acts in the record, the SHA-256 of its secret, and what it allows.

    Raises ValueError when the name is not 1 to 64 of ``[A-Za-z0-9._-]``, the digest is no SHA-256, or nothing is allowed.
    """

    name: str
    sha256: str = attrs.field(repr=False)
    scopes: frozenset[Scope]

    def __attrs_post_init__(self) -> None:
        """Refuse what could never be presented."""
        if not _NAME.fullmatch(self.name):
            raise ValueError(f"token name: 1 to 64 of [A-Za-z0-9._-], was {self.name!r}")
        if not _SHA256.fullmatch(self.sha256):
            raise ValueError(f"token {self.name}: the SHA-256 of the secret in lower-case hex")
        if not self.scopes:
            raise ValueError(f"token {self.name}: at least one of read, trade, admin")


@attrs.frozen(kw_only=True)
class HttpSettings:
    """How the HTTP shell behaves.

    ``allowed_hosts`` are the names that a Host header may carry; an IP address always may, for a browser cannot be
    tricked into calling one by rebinding a name. ``trades_per_second`` bounds POST /trade and the webhook per client
    (None: unbounded); nothing that reduces risk is ever throttled. Durations are microseconds, sizes bytes.

    Raises ValueError when tokens are required and there is none, or when live would be open to all.
    """

    mode: Mode
    tokens: tuple[Token, ...] = ()
    tokens_required: bool = True
    allowed_hosts: frozenset[str] = frozenset({"localhost"})
    settle_timeout: Duration = 2 * SECOND
    read_timeout: Duration = 10 * SECOND
    webhook_sha256: str | None = attrs.field(default=None, repr=False)
    body_limit: int = 64 * 1024
    trades_per_second: int | None = 10
    failures_allowed: int = 5
    failures_forgotten_after: Duration = 60 * SECOND
    streams_max: int = 64

    def __attrs_post_init__(self) -> None:
        """Hold the settings to what is safe."""
        if self.tokens_required and not self.tokens:
            raise ValueError("tokens: required, and there is none")
        if not self.tokens_required and self.mode is not Mode.SIMULATION:
            raise ValueError(f"tokens_required: only a simulation may do without, the mode is {self.mode}")
        if len({token.name for token in self.tokens}) < len(self.tokens):
            raise ValueError("tokens: two have the same name")

    @property
    def live(self) -> bool:
        """Whether real money moves: then Idempotency-Key is mandatory and the OpenAPI document is not served."""
        return self.mode is Mode.LIVE

    def token_of(self, secret: str) -> Token | None:
        """The token with this secret. Every token is compared in constant time, whichever matches."""
        presented = token_digest(secret)
        found = None
        for token in self.tokens:
            if compare_digest(token.sha256, presented):
                found = token
        return found


def bind_allowed(host: str, mode: Mode, tokens: Collection[Token]) -> str | None:
    """Why the server may not listen there, or None when it may: without tokens only a simulation, only on loopback."""
    if tokens:
        return None
    if mode is not Mode.SIMULATION:
        return f"API tokens are required in {mode} mode"
    if not is_loopback(host):
        return f"API tokens are required to listen on {host or 'every address'}: without them only 127.0.0.1 is allowed"
    return None


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach the address; a name other than localhost could mean anything."""
    if host == "localhost":
        return True
    address = address_of(host)
    return address is not None and address.is_loopback


def address_of(host: str) -> IPv4Address | IPv6Address | None:
    """The IP address that the text is, brackets allowed; None for a name."""
    try:
        return ip_address(host.removeprefix("[").removesuffix("]"))
    except ValueError:
        return None
