"""API tokens as a setting: who may call, what it allows, and the digest of what it presents.

One item is ``name:scopes:digest``, e.g. ``governor:read+trade:9f86d0...``; items are parted by commas or lines. The digest is
the SHA-256 of the token in hex. In a private file (``API_TOKENS_FILE``) the token itself may stand instead: then it is hashed
as it is read, and forgotten.
"""

import re
from enum import StrEnum
from hashlib import sha256
from typing import Final

import attrs

from petrosa_entrypoints.settings.kinds import Kind

_DIGEST: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)
_NAME: Final = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)
TOKEN_LENGTH_MIN: Final = 32
"""Characters of a token that stands in the clear; 32 of hex are 128 bits."""


class ApiScope(StrEnum):
    """What a token may allow; the same words as in the HTTP shell, which the settings are read without."""

    READ = "read"
    TRADE = "trade"
    ADMIN = "admin"


@attrs.frozen(kw_only=True)
class ApiToken:
    """One token: the name that acts in the record, what it allows (one scope at least), the SHA-256 of its text in hex."""

    name: str
    scopes: frozenset[ApiScope]
    sha256: str = attrs.field(repr=False)


def _token(item: str, *, clear: bool) -> ApiToken:
    name, found, tail = item.partition(":")
    scopes, also_found, presented = tail.partition(":")
    if not (found and also_found):
        raise ValueError("has an item that is not name:scopes:digest")
    if not _NAME.fullmatch(name):
        raise ValueError("has an item whose name is not 1 to 64 of A-Z a-z 0-9 . _ -")
    try:
        allowed = frozenset(ApiScope(word.strip().lower()) for word in scopes.split("+"))
    except ValueError:
        raise ValueError(f"gives token {name!r} a scope that is none of {', '.join(ApiScope)}") from None
    if not _DIGEST.fullmatch(presented):
        if not clear:
            raise ValueError(
                f"gives token {name!r} no SHA-256 in lower-case hex; the token itself may only stand in a file"
            )
        if len(presented) < TOKEN_LENGTH_MIN:
            raise ValueError(f"gives token {name!r} fewer than {TOKEN_LENGTH_MIN} characters")
        presented = sha256(presented.encode()).hexdigest()
    return ApiToken(name=name, sha256=presented, scopes=allowed)


def _tokens(text: str, *, clear: bool) -> tuple[ApiToken, ...]:
    items = [item.strip() for item in re.split(r"[,\n]", text) if item.strip()]
    found = tuple(_token(item, clear=clear) for item in items)
    if len({token.name for token in found}) < len(found):
        raise ValueError("names two tokens alike")
    return found


def _show(tokens: tuple[ApiToken, ...]) -> str:
    return ", ".join(f"{token.name}:{'+'.join(sorted(token.scopes))}" for token in tokens)


def tokens() -> Kind[tuple[ApiToken, ...]]:
    """A list of API tokens; shown without their digests."""
    return Kind(
        name="list",
        read=lambda text: _tokens(text, clear=False),
        read_file=lambda text: _tokens(text, clear=True),
        show=_show,
        allowed="name:scopes:sha256 with scopes of read, trade, admin joined by +",
        many=True,
    )
