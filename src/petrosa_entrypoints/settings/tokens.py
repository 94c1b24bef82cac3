"""API tokens as a setting: who may call, what it allows, and the digest of what it presents.

One item is ``name:scopes:digest``, e.g. ``governor:read+trade:9f86d0...``; items are parted by commas or lines. The digest is
the SHA-256 of the token in hex. In a private file (``API_TOKENS_FILE``) the token itself may stand instead: then it is hashed
as it is read, and forgotten.
"""

import re
from typing import Final

from petrosa_adapters.http.settings import Scope, Token, token_digest
from petrosa_entrypoints.settings.kinds import Kind

_DIGEST: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)
TOKEN_LENGTH_MIN: Final = 32
"""Characters of a token that stands in the clear; 32 of hex are 128 bits."""


def _token(item: str, *, clear: bool) -> Token:
    name, found, tail = item.partition(":")
    scopes, also_found, presented = tail.partition(":")
    if not (found and also_found):
        raise ValueError("has an item that is not name:scopes:digest")
    try:
        allowed = frozenset(Scope(word.strip().lower()) for word in scopes.split("+"))
    except ValueError:
        raise ValueError(f"gives token {name!r} a scope that is none of {', '.join(Scope)}") from None
    if not _DIGEST.fullmatch(presented):
        if not clear:
            raise ValueError(
                f"gives token {name!r} no SHA-256 in lower-case hex; the token itself may only stand in a file"
            )
        if len(presented) < TOKEN_LENGTH_MIN:
            raise ValueError(f"gives token {name!r} fewer than {TOKEN_LENGTH_MIN} characters")
        presented = token_digest(presented)
    return Token(name=name, sha256=presented, scopes=allowed)


def _tokens(text: str, *, clear: bool) -> tuple[Token, ...]:
    items = [item.strip() for item in re.split(r"[,\n]", text) if item.strip()]
    found = tuple(_token(item, clear=clear) for item in items)
    if len({token.name for token in found}) < len(found):
        raise ValueError("names two tokens alike")
    return found


def _show(tokens: tuple[Token, ...]) -> str:
    return ", ".join(f"{token.name}:{'+'.join(sorted(token.scopes))}" for token in tokens)


def tokens() -> Kind[tuple[Token, ...]]:
    """A list of API tokens; shown without their digests."""
    return Kind(
        name="list",
        read=lambda text: _tokens(text, clear=False),
        read_file=lambda text: _tokens(text, clear=True),
        show=_show,
        allowed="name:scopes:sha256 with scopes of read, trade, admin joined by +",
        many=True,
    )
