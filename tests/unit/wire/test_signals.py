"""The codec, one rule at a time, on the bodies that the neighbouring services really send and on small ones of our own."""

import json
from decimal import Decimal
from pathlib import Path

import pytest

from petrosa_adapters.wire import read_signal
from petrosa_core.signal import Action, Identity, Signal, Undecodable
from petrosa_core.values import Moment, OrderType, Price, Quantity, TimeInForce, plain

NOW = Moment(1_787_313_601_000_000)
"""2026-08-21T12:00:01Z, the clock of the shared examples."""
SAID = 1_787_313_600_418_231
TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def read(body: bytes | str, headers: dict[str, str] | None = None) -> Signal | Undecodable:
    """Whatever the codec makes of the bytes."""
    raw = body.encode() if isinstance(body, str) else body
    return read_signal(raw, received_at=NOW, headers=headers or {}, fallback="js:then:7")


def a_body(**fields: object) -> str:
    """The smallest complete body, with these fields on top; the Ellipsis takes a field away."""
    body = {"strategy_id": "test", "symbol": "BTCUSDT", "action": "buy", "confidence": 0.8, "price": 50000} | fields
    return json.dumps({name: value for name, value in body.items() if value is not ...})


def the_signal(body: bytes | str, headers: dict[str, str] | None = None) -> Signal:
    """The signal that the bytes hold."""
    signal = read(body, headers)
    assert isinstance(signal, Signal), signal
    return signal


def the_refusal(body: bytes | str) -> Undecodable:
    """Why the bytes hold none."""
    refusal = read(body)
    assert isinstance(refusal, Undecodable), refusal
    return refusal


def test_every_shared_body_is_read_or_refused_as_the_manifest_says(shared: Path):
    """given what the neighbours put on the wire, then exactly the malformed ones are undecodable."""
    manifest = json.loads((shared / "signals" / "manifest.json").read_text("utf-8"))
    judged = [entry for entry in manifest["signals"] if "outcome" in entry]

    wrong = [
        entry["file"]
        for entry in judged
        if isinstance(read((shared / "signals" / entry["file"]).read_bytes()), Undecodable)
        != (entry["outcome"] == "malformed")
    ]

    assert len(judged) >= 23
    assert wrong == []


def test_the_live_shape_is_read_to_the_last_digit(shared: Path):
    """given the governor's buy, then levels, fractions, time, source and id are what its text says."""
    signal = the_signal((shared / "signals" / "01_cio_execute_buy.json").read_bytes())

    assert signal.price == signal.current_price == Price("3055.351958475694")
    assert signal.quantity == Quantity("0.16364726774372942")
    assert (signal.stop_loss, signal.stop_loss_pct) == (Price("2979.3756777958006"), Decimal("0.024"))
    assert (signal.take_profit, signal.take_profit_pct) == (Price("3245.292660175428"), Decimal("0.052"))
    assert (signal.timestamp, signal.timestamp_given) == (SAID, True)
    assert signal.order_type is OrderType.LIMIT
    assert signal.source == "petrosa-cio"
    assert signal.identities == (Identity("decision_id", "0b8f6f4e6a1d4e0e9f0b2f6c1d9a5e77"),)
    assert list(json.loads(signal.rest)) == ["strategy", "strength", "strategy_mode", "metadata"]


def test_the_top_level_wins_over_metadata_which_is_kept(shared: Path):
    """given levels that contradict each other, then only the top level is read and the other stands in the rest."""
    signal = the_signal((shared / "signals" / "17_rt_direct_sell.json").read_bytes())

    assert (signal.strategy_id, signal.action) == ("Spread Liquidity Monitor", Action.SELL)
    assert signal.stop_loss == Price("69022.72050000001")
    assert '"stop_loss":67041.35' in signal.rest


def test_nan_in_metadata_becomes_null(shared: Path):
    """given the bare NaN and Infinity of an old producer in its metadata, then they are null in the record."""
    signal = the_signal((shared / "signals" / "16_ta_legacy_nan_literal.json").read_bytes())

    assert '"rsi":null,"macd":null,"macd_signal":-4.809155896034935' in signal.rest


def test_the_quick_start_curl_is_a_signal(shared: Path):
    """given no current_price and no timestamp, then the price stands for both and the transport's time and name are taken."""
    signal = the_signal((shared / "signals" / "26_readme_curl.json").read_bytes())

    assert signal.current_price == Price(50000)
    assert (signal.timestamp, signal.timestamp_given) == (NOW, False)
    assert signal.identities == (Identity("transport", "js:then:7"),)


@pytest.mark.parametrize("missing", ["strategy_id", "symbol", "action", "confidence", "price"])
@pytest.mark.parametrize("value", [..., None])
def test_a_required_field_that_is_absent_or_null_is_named(missing: str, value: object):
    """given a body without one required field, then the refusal names the field."""
    refusal = the_refusal(a_body(**{missing: value}))

    assert (refusal.code, refusal.field) == ("FIELD_MISSING", missing)


@pytest.mark.parametrize("name", ["price", "current_price"])
def test_price_and_current_price_stand_for_each_other(name: str):
    """given one of the two, then both are known."""
    signal = the_signal(a_body(**({"price": ...} | {name: "41.5"})))

    assert signal.price == signal.current_price == Price("41.5")


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0.1", "0.1"),
        ('"0.1"', "0.1"),
        ('" 0.10 "', "0.10"),
        ('"+5"', "5"),
        ("1e3", "1000"),
        ("0.359168254241849", "0.359168254241849"),
        ("12345678901234567890", None),
        ("123456789012345678", "123456789012345678"),
        ("1.2345678901234567890", "1.2345678901234567890"),
        ("1.23456789012345678901", None),
        ("1e18", None),
        ("1e-18", "1e-18"),
        ("1e-19", None),
        ("1e400", None),
        ("1e99999999999999999999", None),
        ("0", None),
        ("-1", None),
        ("NaN", None),
        ("Infinity", None),
        ('"NaN"', None),
        ('"1_000"', None),
        ('"١٢"', None),
        ('"0x10"', None),
        ('"{{close}}"', None),
        ('""', None),
        ("true", None),
        ("[1]", None),
        ("{}", None),
    ],
)
def test_a_price_is_exact_or_refused(text: str, number: str | None):
    """given a price in every spelling, then it is that very number, or NUMBER_INVALID with the value as it was sent."""
    seen = read(a_body(price="@").replace('"@"', text))

    if number is None:
        assert isinstance(seen, Undecodable)
        assert (seen.code, seen.field) == ("NUMBER_INVALID", "price")
        assert seen.value is not None
        assert len(seen.value) <= 200
    else:
        assert isinstance(seen, Signal)
        assert plain(seen.price) == plain(Decimal(number))


@pytest.mark.parametrize("zero", ["0", "0.0", '"0"', "-0.0", "0e5"])
def test_a_quantity_of_zero_is_not_absent(zero: str):
    """given an explicit 0, then it is told apart from no quantity at all."""
    sized, unsized = the_signal(a_body(quantity="@").replace('"@"', zero)), the_signal(a_body())

    assert (sized.quantity, sized.quantity_is_zero) == (None, True)
    assert (unsized.quantity, unsized.quantity_is_zero) == (None, False)


def test_a_negative_quantity_is_refused():
    """given less than nothing, then NUMBER_INVALID."""
    assert the_refusal(a_body(quantity=-1)).code == "NUMBER_INVALID"


@pytest.mark.parametrize(
    "timestamp",
    [
        "2026-08-21T12:00:00.418231+00:00",
        "2026-08-21T12:00:00.418231Z",
        "2026-08-21t12:00:00.418231z",
        " 2026-08-21 12:00:00.418231 ",
        "2026-08-21T14:00:00.418231+02:00",
        "2026-08-21T12:00:00.418231999Z",
        1787313600.418231,
        "1787313600.418231",
        1787313600418.231,
        1787313600418231,
        "1787313600418231",
    ],
    ids=repr,
)
def test_one_moment_has_many_spellings(timestamp: object):
    """given the same moment in ISO 8601 or as seconds, milliseconds or microseconds, then it is the same moment."""
    assert the_signal(a_body(timestamp=timestamp)).timestamp == SAID


@pytest.mark.parametrize(
    "timestamp",
    ["99", 99, "", "yesterday", "{{timenow}}", 1e30, 17873136004182310000, -1, True, "NaN", [], "1970-01-01T00:00:00Z",
     "2026-08-21T25:00:00Z", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00+14:00", "2026-08-21T12:00:00Z" + "0" * 50],
    ids=repr,
)  # fmt: skip
def test_a_time_that_cannot_be_read_is_refused_and_never_taken_for_now(timestamp: object):
    """given garbage for a timestamp, then TIMESTAMP_INVALID."""
    assert the_refusal(a_body(timestamp=timestamp)).code == "TIMESTAMP_INVALID"


@pytest.mark.parametrize("symbol", [" btcusdt ", "BTCUSDT", "btcUSDT\n"])
def test_a_symbol_is_trimmed_and_upper_cased(symbol: str):
    """given one symbol in any case, then it is that symbol."""
    assert the_signal(a_body(symbol=symbol)).symbol == "BTCUSDT"


@pytest.mark.parametrize(
    "symbol", ["BTC/USDT", "BTCUSDT.P", "BTC", "A" * 21, "BTCUßDT", "\u017fTCUSDT", "", 12345678, [], True]
)
def test_anything_else_is_no_symbol(symbol: object):
    """given letters that no exchange lists, then SYMBOL_INVALID, even where upper-casing would make a symbol of them."""
    assert the_refusal(a_body(symbol=symbol)).code == "SYMBOL_INVALID"


@pytest.mark.parametrize(
    ("spelled", "meant"),
    [
        ("MARKET", OrderType.MARKET),
        ("stop limit", OrderType.STOP_LIMIT),
        (" Take-Profit_Limit ", OrderType.TAKE_PROFIT_LIMIT),
    ],
)
def test_an_order_type_is_read_in_any_case(spelled: str, meant: OrderType):
    """given spaces, hyphens and capitals, then the type is the one that was meant."""
    assert the_signal(a_body(order_type=spelled)).order_type is meant


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("order_type", "iceberg", "ORDER_TYPE_INVALID"),
        ("order_type", "", "ORDER_TYPE_INVALID"),
        ("time_in_force", "GTD", "TIME_IN_FORCE_INVALID"),
        ("action", "execute", "ACTION_INVALID"),
        ("action", 1, "ACTION_INVALID"),
        ("strategy_id", "x" * 201, "FIELD_INVALID"),
        ("strategy_id", {}, "FIELD_INVALID"),
        ("strategy_id", "\ud800", "FIELD_INVALID"),
        ("signal_id", "a\u001fb", "FIELD_INVALID"),
        ("id", [1], "FIELD_INVALID"),
        ("stop_loss", 0, "NUMBER_INVALID"),
        ("stop_loss_pct", "2%", "NUMBER_INVALID"),
        ("confidence", "HIGH", "NUMBER_INVALID"),
        ("trigger_price", "-3", "NUMBER_INVALID"),
        ("valid_until", "soon", "TIMESTAMP_INVALID"),
    ],
)
def test_an_unknown_word_is_refused_with_its_value(field: str, value: object, code: str):
    """given a field that cannot be read, then the code is stable and the value is there to be seen."""
    refusal = the_refusal(a_body(**{field: value}))

    assert (refusal.code, refusal.field) == (code, field)
    assert refusal.value == json.dumps(value)[:200]


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "NOT_JSON"),
        (b"hello", "NOT_JSON"),
        (b"{", "NOT_JSON"),
        (b'{"a":1}x', "NOT_JSON"),
        (b'{"a":01}', "NOT_JSON"),
        (b"\xff\xfe{}", "NOT_UTF8"),
        (b'{"strategy_id":"\xc3"}', "NOT_UTF8"),
        (b"[]", "NOT_AN_OBJECT"),
        (b'"{}"', "NOT_AN_OBJECT"),
        (b"NaN", "NOT_AN_OBJECT"),
        (b'{"price":1,"price":2}', "DUPLICATE_KEY"),
        (b'{"metadata":{"a":1,"a":1}}', "DUPLICATE_KEY"),
        (b'{"\\ud800":1,"\\ud800":1}', "DUPLICATE_KEY"),
        (b'{"metadata":[' + b"9" * 65 + b"]}", "NUMBER_INVALID"),
        (b"[" * 60_000, "TOO_DEEP"),
        (b'{"a":' * 9 + b"1" + b"}" * 9, "TOO_DEEP"),
        (b'"' + b'\\"' * 32_000, "NOT_JSON"),
        (b" " * 65_537, "BODY_TOO_LARGE"),
    ],
    ids=lambda value: value[:12] if isinstance(value, bytes) else value,
)
def test_what_is_no_body_is_kept_raw_with_a_code(raw: bytes, code: str):
    """given bytes that are no signal, then they are kept to the last one, with the reason."""
    refusal = the_refusal(raw)

    assert (refusal.code, refusal.raw) == (code, raw)


def test_brackets_inside_text_are_no_depth():
    """given a text full of brackets and quotes, then it is text."""
    assert the_signal(a_body(metadata={"note": '[[[[[[[["{{{{{\\'})).strategy_id == "test"


def test_a_byte_order_mark_is_let_pass():
    """given a producer that writes one, then the body behind it is read."""
    assert the_signal(b"\xef\xbb\xbf" + a_body().encode()).symbol == "BTCUSDT"


def test_every_id_is_collected_in_order_of_precedence():
    """given ids in headers and body, then the signal is named by the first and known by all."""
    body = a_body(decision_id="d", intent_id="i", id=7, signal_id="s", timestamp=SAID)

    signal = the_signal(body, {"idempotency-key": "k", "NATS-MSG-ID": "n"})

    assert [(each.kind, each.value) for each in signal.identities] == [
        ("Nats-Msg-Id", "n"),
        ("Idempotency-Key", "k"),
        ("signal_id", "s"),
        ("id", "7"),
        ("intent_id", "i"),
        ("decision_id", "d"),
    ]


def test_the_same_id_is_the_same_signal_by_either_transport():
    """given one id in a header and another in both bodies, then the two messages share a name."""
    by_nats, by_http = the_signal(a_body(signal_id="s"), {"Nats-Msg-Id": "n"}), the_signal(a_body(signal_id="s"))

    assert set(by_nats.aliases) & set(by_http.aliases)


def test_without_an_id_a_signal_is_named_by_what_it_says():
    """given a timestamp and no id, then the same words have the same name, and any other word another."""
    said = {"timestamp": SAID, "timeframe": "15m"}
    first, again = the_signal(a_body(**said)), the_signal(a_body(**said, price="50000.00", quantity=1, note="x"))
    others = [
        the_signal(a_body(**(said | other)))
        for other in (
            {"timeframe": "1h"},
            {"price": 50001},
            {"action": "sell"},
            {"timestamp": SAID + 1},
            {"symbol": "ETHUSDT"},
        )
    ]

    assert first.identities[0].kind == "digest"
    assert again.signal_id == first.signal_id
    assert first.signal_id not in {other.signal_id for other in others}


@pytest.mark.parametrize("name", ["trigger_price", "stop_price", "conditional_price"])
def test_a_trigger_has_three_names(name: str):
    """given any one of them, then it is the trigger."""
    assert the_signal(a_body(order_type="stop", **{name: 51000})).trigger_price == Price(51000)


def test_fields_of_one_meaning_may_not_differ():
    """given two triggers, then equal ones are one and different ones are refused."""
    assert the_signal(a_body(stop_price=1, trigger_price="1.0")).trigger_price == Price(1)
    assert the_refusal(a_body(stop_price=1, trigger_price=2)).code == "FIELDS_DISAGREE"
    assert the_refusal(a_body(expires_at=SAID, valid_until=SAID + 1)).code == "FIELDS_DISAGREE"


@pytest.mark.parametrize(
    ("indicators", "atr"),
    [
        ({"atr": 12.5}, "12.5"),
        ({"atr_14": "12.5"}, "12.5"),
        ({"atr": None, "atr_14": 3}, "3"),
        ({"atr": float("nan"), "atr_14": 3}, "3"),
        ({"atr": 0}, None),
        ({"rsi": 61.2}, None),
        ([], None),
    ],
    ids=repr,
)
def test_the_average_true_range_comes_from_the_indicators(indicators: object, atr: str | None):
    """given indicators, then their ATR is read where there is one, and they stay in the rest."""
    signal = the_signal(a_body(indicators=indicators))

    assert signal.atr == (None if atr is None else Price(atr))
    assert '"indicators"' in signal.rest


def test_a_negative_average_true_range_is_refused():
    """given an ATR below zero, then the signal is not read with another stop than its sender meant."""
    refusal = the_refusal(a_body(indicators={"atr": -1}))

    assert (refusal.code, refusal.field) == ("NUMBER_INVALID", "indicators.atr")


def test_expiry_time_in_force_timeframe_and_source_are_read():
    """given the optional fields, then each has its place."""
    signal = the_signal(a_body(valid_until=SAID, time_in_force="ioc", timeframe=15, source=" petrosa-cio "))

    assert (signal.expires_at, signal.time_in_force) == (SAID, TimeInForce.IOC)
    assert (signal.timeframe, signal.source) == ("15", "petrosa-cio")


@pytest.mark.parametrize("carrier", ["_otel_trace_headers", "_otel_trace_context"])
def test_the_trace_is_found_in_the_body(carrier: str):
    """given a trace context in either body field, then it is carried, and kept in the rest."""
    signal = the_signal(a_body(**{carrier: {"traceparent": TRACE, "tracestate": "a=b"}}))

    assert signal.traceparent == TRACE
    assert '"tracestate":"a=b"' in signal.rest


def test_the_trace_in_the_header_comes_first_and_a_broken_one_refuses_nothing():
    """given a header and a body, then the header's trace is taken; given garbage, then none."""
    other = TRACE.replace("4b", "5b")
    body = a_body(_otel_trace_context={"traceparent": TRACE})

    assert the_signal(body, {"Traceparent": other}).traceparent == other
    assert the_signal(body, {"traceparent": "garbage"}).traceparent == TRACE
    assert the_signal(a_body(_otel_trace_context=[1])).traceparent is None


@pytest.mark.parametrize(
    "strategy", ["Iceberg Order Detector", "a.b.*.>", "=cmd|' /C calc'!A0", "策略\n\x1f", "<img onerror=x>"]
)
def test_a_strategy_may_have_any_name(strategy: str):
    """given text that is awkward elsewhere, then it is the strategy's name here."""
    assert the_signal(a_body(strategy_id=strategy)).strategy_id == strategy.strip()
