"""One request as a handler sees it: who asks, what the path and the query say, and the body, all checked."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from re import compile as pattern

import attrs
from starlette.requests import ClientDisconnect, Request

from petrosa_adapters.http.problem import Refusal
from petrosa_adapters.http.services import Services
from petrosa_adapters.http.settings import Scope
from petrosa_adapters.wire.json_text import Numeral, parse
from petrosa_adapters.wire.malformed import Malformed
from petrosa_core.decision import Outcome
from petrosa_core.values import SECOND, Moment, Quantity, SignalId, Symbol

NAMES: Mapping[str, str] = {
    "symbol": "[A-Z0-9]{5,20}",
    "order_id": "[A-Za-z0-9_-]{1,36}",
    "trade_id": "[A-Za-z0-9_-]{1,64}",
    "signal_id": r"[^\x00-\x1f\x7f]{1,200}",
}
"""What a name in a path or a query may look like; the OpenAPI document says the same."""

LIMIT_MAX = 1000
DROPPED_MAX = 1024 * 1024
"""Bytes beyond the limit that are read and dropped before the connection is given up."""
REASON_MAX = 500

_NAMES = {name: pattern(expression) for name, expression in NAMES.items()}
_LIMIT = pattern("[0-9]{1,4}")
_CONTROL = pattern(r"[\x00-\x1f\x7f]")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@attrs.frozen
class Principal:
    """Who asks: the name that goes into the record, and what it may do."""

    name: str
    scopes: frozenset[Scope]


@attrs.frozen
class Call:
    """One authorised request. Every accessor raises Refusal, status 422 unless said otherwise, for what it cannot read."""

    request: Request
    services: Services
    principal: Principal

    def name(self, parameter: str) -> str:
        """A path parameter that looks as NAMES says."""
        return _checked(parameter, self.request.path_params[parameter])

    @property
    def symbol(self) -> Symbol:
        """The path's symbol."""
        return Symbol(self.name("symbol"))

    @property
    def trade_id(self) -> SignalId:
        """The path's trade."""
        return SignalId(self.name("trade_id"))

    def asked(self, parameter: str) -> str | None:
        """A query parameter; None when it is absent or empty."""
        return self.request.query_params.get(parameter) or None

    @property
    def asked_symbol(self) -> Symbol | None:
        """The query's symbol."""
        symbol = self.asked("symbol")
        return None if symbol is None else Symbol(_checked("symbol", symbol))

    @property
    def limit(self) -> int:
        """How many rows: 1 to 1000, 100 when not said."""
        text = self.asked("limit") or "100"
        if not _LIMIT.fullmatch(text) or not 1 <= int(text) <= LIMIT_MAX:
            raise unreadable("limit", f"a whole number from 1 to {LIMIT_MAX}")
        return int(text)

    @property
    def open_only(self) -> bool:
        """Whether only what is open is wanted: ``open=true``."""
        text = self.asked("open") or "false"
        if text not in {"true", "false"}:
            raise unreadable("open", "true or false")
        return text == "true"

    @property
    def outcome(self) -> Outcome | None:
        """The verdict that is looked for."""
        text = self.asked("outcome")
        if text is None:
            return None
        if text not in set(Outcome):
            raise unreadable("outcome", f"one of {', '.join(Outcome)}")
        return Outcome(text)

    @property
    def since(self) -> Moment | None:
        """The earliest moment of interest, ISO 8601; without an offset it is UTC."""
        text = self.asked("since")
        if text is None:
            return None
        try:
            # A plus sign in a query is a space once it is decoded: "+00:00" is what most clients forget to escape.
            found = datetime.fromisoformat(text.replace(" ", "+") if "T" in text else text)
        except ValueError:
            raise unreadable("since", "a moment in ISO 8601") from None
        aware = found if found.tzinfo else found.replace(tzinfo=UTC)
        elapsed = aware - _EPOCH
        return Moment((elapsed.days * 86_400 + elapsed.seconds) * SECOND + elapsed.microseconds)

    async def body(self) -> bytes:
        """The whole body. Refusal: 413 when it is too large, by its header or as it comes; 408 when it comes too slowly."""
        settings = self.services.settings
        length = self.request.headers.get("content-length", "0")
        if not length.isdecimal() or int(length) > settings.body_limit + DROPPED_MAX:
            raise too_large(settings.body_limit)
        try:
            async with asyncio.timeout(settings.read_timeout / SECOND):
                return await self._arrived(settings.body_limit)
        except TimeoutError:
            detail = "The body did not arrive in time."
            raise Refusal(status=408, code="BODY_TOO_SLOW", detail=detail, headers={"connection": "close"}) from None
        except ClientDisconnect:
            raise Refusal(status=400, code="BODY_INCOMPLETE", detail="The body did not arrive whole.") from None

    async def _arrived(self, limit: int) -> bytes:
        # A connection that is closed on unread bytes is reset, and the answer is lost with it (RFC 9112, section 9.6):
        # a little too much is read and dropped, so that its sender learns why.
        body = bytearray()
        taken = 0
        async for chunk in self.request.stream():
            taken += len(chunk)
            if taken <= limit:
                body += chunk
            elif taken > limit + DROPPED_MAX:
                break
        if taken > limit:
            raise too_large(limit)
        return bytes(body)

    async def fields(self, known: frozenset[str]) -> Mapping[str, object]:
        """The body as a JSON object with no other fields than these; no body is an object without fields. Refusal: 400, 422."""
        raw = await self.body()
        try:
            plain = parse(raw) if raw else {}
        except Malformed as malformed:
            raise Refusal(status=400, code=malformed.code, detail=malformed.message) from None
        if not isinstance(plain, dict):
            raise Refusal(status=400, code="NOT_AN_OBJECT", detail="The body is a JSON object.")
        if strange := sorted(plain.keys() - known):
            raise unreadable(strange[0][:64], f"unknown here; known are {', '.join(sorted(known))}")
        return plain


def reason_of(fields: Mapping[str, object]) -> str:
    """Why an operator does it, one line; whether there must be a reason is the engine's to say."""
    reason = fields.get("reason", "")
    if (
        not isinstance(reason, str)
        or isinstance(reason, Numeral)
        or len(reason) > REASON_MAX
        or _CONTROL.search(reason)
    ):
        raise unreadable("reason", f"one line of text, at most {REASON_MAX} characters")
    return reason.strip()


def quantity_of(fields: Mapping[str, object]) -> Quantity | None:
    """How much, in base units, as a number or as text; None when it is not said."""
    quantity = fields.get("quantity")
    if quantity is None:
        return None
    try:
        if isinstance(quantity, str) and _NUMBER.fullmatch(quantity):
            return Quantity(Decimal(quantity))
    except ValueError:
        pass
    raise unreadable("quantity", "a number above zero, in base units")


_NUMBER = pattern(r"[0-9]{1,20}(?:\.[0-9]{1,20})?")


def unreadable(parameter: str, expected: str) -> Refusal:
    """A parameter or field is not what it has to be."""
    return Refusal(status=422, code="PARAMETER_INVALID", detail=f"{parameter}: {expected}.")


def too_large(limit: int) -> Refusal:
    """The body is larger than it may be; the connection is not worth keeping."""
    detail = f"A body has at most {limit} bytes."
    return Refusal(status=413, code="BODY_TOO_LARGE", detail=detail, headers={"connection": "close"})


def _checked(parameter: str, text: str) -> str:
    if not _NAMES[parameter].fullmatch(text):
        raise unreadable(parameter, f"must match {NAMES[parameter]}")
    return text
