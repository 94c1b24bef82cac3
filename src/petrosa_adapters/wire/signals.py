"""Bodies to signals: one codec for NATS and HTTP, liberal in form and strict in meaning.

1. Every body is either a ``Signal`` or an ``Undecodable`` with a stable code; nothing is raised, whatever the bytes are.
2. Numbers are exact. What is missing is never invented, what is unreadable never ignored; what contradicts itself is refused.
3. Nothing is judged here: ranges, freshness and sides are the decision's.
4. The same ids give the same identities, in one order of precedence, by whichever transport the message came.

Codes: BODY_TOO_LARGE, TOO_DEEP, NOT_UTF8, NOT_JSON, DUPLICATE_KEY, NOT_AN_OBJECT, FIELD_MISSING, FIELD_INVALID,
FIELDS_DISAGREE, NUMBER_INVALID, TIMESTAMP_INVALID, SYMBOL_INVALID, ACTION_INVALID, ORDER_TYPE_INVALID, TIME_IN_FORCE_INVALID.
"""

import re
from collections.abc import Mapping
from sys import intern
from types import MappingProxyType

from petrosa_adapters.wire.fields import (
    TEXT_MAX,
    Fields,
    missing,
    take_id,
    take_number,
    take_one_of,
    take_price,
    take_term,
    take_text,
)
from petrosa_adapters.wire.json_text import Json, NonFinite, parse, write
from petrosa_adapters.wire.malformed import Malformed
from petrosa_adapters.wire.moments import read_moment
from petrosa_core.signal import Action, Identity, Signal, Undecodable, fingerprint
from petrosa_core.values import ZERO, Moment, OrderType, Price, Quantity, StrategyId, Symbol, TimeInForce, plain

HEADER_IDS = ("Nats-Msg-Id", "Idempotency-Key")
BODY_IDS = ("signal_id", "id", "intent_id", "decision_id")
"""Where a message may carry an id, in order of precedence; the headers come first."""

_ACTIONS = {action.name: action for action in Action}
_ORDER_TYPES = {order_type.name: order_type for order_type in OrderType}
_TIMES_IN_FORCE = {time_in_force.name: time_in_force for time_in_force in TimeInForce}
_SYMBOL = re.compile(r"[A-Z0-9]{5,20}", re.ASCII)
_TRACEPARENT = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}", re.ASCII)
_TRACE_CARRIERS = ("_otel_trace_headers", "_otel_trace_context")
_TRIGGER_PRICES = ("trigger_price", "stop_price", "conditional_price")
_EXPIRIES = ("expires_at", "valid_until")
_ATR_NAMES = ("atr", "atr_14")
_NO_HEADERS: Mapping[str, str] = MappingProxyType({})


def read_signal(
    body: bytes, *, received_at: Moment, headers: Mapping[str, str] = _NO_HEADERS, fallback: str
) -> Signal | Undecodable:
    """Read one message.

    ``received_at`` is the transport's time, taken where the body has none. ``fallback`` is the transport's own name for the
    message (stream and sequence, or a fresh request id), its identity when there is neither an id nor a timestamp.
    """
    try:
        fields = parse(body)
        if not isinstance(fields, dict):
            raise Malformed("NOT_AN_OBJECT", "a signal is a JSON object", value=write(fields))
        return _read(fields, received_at, {name.lower(): value for name, value in headers.items()}, fallback)
    except Malformed as why:
        value = None if why.value is None else why.value[:TEXT_MAX]
        return Undecodable(raw=body, code=why.code, message=why.message, field=why.field, value=value)


def _read(fields: Fields, received_at: Moment, headers: Mapping[str, str], fallback: str) -> Signal:
    strategy = take_text(fields, "strategy_id")
    if strategy is None:
        raise missing("strategy_id")
    symbol = _take_symbol(fields)
    action = take_term(fields, "action", _ACTIONS, "ACTION_INVALID")
    if action is None:
        raise missing("action")
    confidence = take_number(fields, "confidence")
    if confidence is None:
        raise missing("confidence")
    price, current_price = _take_prices(fields)
    quantity, quantity_is_zero = _take_quantity(fields)
    timeframe = take_text(fields, "timeframe")
    said_at = _take_moment(fields, "timestamp")
    ids = _take_ids(fields, headers)
    if not ids and said_at is not None:
        said = fingerprint(strategy, symbol, action, timeframe, said_at, plain(price.normalize()))
        ids = (Identity("digest", said),)
    return Signal(
        strategy_id=StrategyId(intern(strategy)),
        symbol=symbol,
        action=action,
        confidence=confidence,
        price=price,
        current_price=current_price,
        quantity=quantity,
        quantity_is_zero=quantity_is_zero,
        stop_loss=take_price(fields, "stop_loss"),
        stop_loss_pct=take_number(fields, "stop_loss_pct"),
        take_profit=take_price(fields, "take_profit"),
        take_profit_pct=take_number(fields, "take_profit_pct"),
        trigger_price=take_one_of(fields, _TRIGGER_PRICES, take_price),
        atr=_atr(fields),
        order_type=take_term(fields, "order_type", _ORDER_TYPES, "ORDER_TYPE_INVALID") or OrderType.LIMIT,
        time_in_force=take_term(fields, "time_in_force", _TIMES_IN_FORCE, "TIME_IN_FORCE_INVALID"),
        timeframe=timeframe,
        timestamp=received_at if said_at is None else said_at,
        timestamp_given=said_at is not None,
        expires_at=take_one_of(fields, _EXPIRIES, _take_moment),
        source=take_text(fields, "source"),
        identities=ids or (Identity("transport", fallback),),
        traceparent=_traceparent(fields, headers),
        rest=write(fields),
    )


def _take_symbol(fields: Fields) -> Symbol:
    value = fields.pop("symbol", None)
    if value is None:
        raise missing("symbol")
    # Folding is for ASCII alone: "ß".upper() is SS, and another symbol.
    symbol = value.strip().upper() if type(value) is str and value.isascii() else ""
    if not _SYMBOL.fullmatch(symbol):
        raise Malformed("SYMBOL_INVALID", "symbol: 5 to 20 letters and digits", "symbol", write(value))
    return Symbol(intern(symbol))


def _take_prices(fields: Fields) -> tuple[Price, Price]:
    price = take_price(fields, "price")
    current = take_price(fields, "current_price")
    either = price or current
    if either is None:
        raise missing("price")
    return price or either, current or either


def _take_quantity(fields: Fields) -> tuple[Quantity | None, bool]:
    sent = fields.get("quantity")
    number = take_number(fields, "quantity")
    if number is None or number == ZERO:
        return None, number is not None
    if number < ZERO:
        raise Malformed("NUMBER_INVALID", "quantity: must not be negative", "quantity", write(sent))
    return Quantity(number), False


def _take_moment(fields: Fields, name: str) -> Moment | None:
    value = fields.pop(name, None)
    return None if value is None else read_moment(name, value)


def _take_ids(fields: Fields, headers: Mapping[str, str]) -> tuple[Identity, ...]:
    carried: Fields = {name: headers[name.lower()] for name in HEADER_IDS if name.lower() in headers}
    ids = [
        Identity(name, value)
        for names, source in ((HEADER_IDS, carried), (BODY_IDS, fields))
        for name in names
        if name in source and (value := take_id(source, name)) is not None
    ]
    return tuple(ids)


def _atr(fields: Fields) -> Price | None:
    """The average true range in quote units. Indicators are free-form: null, NaN and 0 say that there is none yet."""
    indicators = fields.get("indicators")
    if not isinstance(indicators, dict):
        return None
    for name in _ATR_NAMES:
        value: Json = indicators.get(name)
        if value is None or isinstance(value, NonFinite):
            continue
        number = take_number({name: value}, name)
        if number == ZERO:
            continue
        return take_price({f"indicators.{name}": value}, f"indicators.{name}")
    return None


def _traceparent(fields: Fields, headers: Mapping[str, str]) -> str | None:
    """The W3C trace context, which never refuses a signal: what is not one is left where it is."""
    for carrier in (headers, *(fields.get(name) for name in _TRACE_CARRIERS)):
        text = carrier.get("traceparent") if isinstance(carrier, Mapping) else None
        if isinstance(text, str) and _TRACEPARENT.fullmatch(text):
            return text
    return None
