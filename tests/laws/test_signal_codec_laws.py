"""Laws of the signal codec: total on all bytes, exact on all numbers, indifferent to form.

``HOSTILE_BODIES`` says how many bodies are made up in all (default 3,000; the sweep takes 100,000).
"""

import json
import os
import time
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from petrosa_adapters.wire import read_signal
from petrosa_core.signal import Signal, Undecodable
from petrosa_core.values import Moment

NOW = Moment(1_787_313_601_000_000)
HOSTILE_BODIES = int(os.environ.get("HOSTILE_BODIES", "3000"))
CPU_MAX = 0.050
"""Seconds of processor time for one body."""

hostile = settings(max_examples=max(1, HOSTILE_BODIES // 3), deadline=None)

FIELDS = [
    "strategy_id",
    "symbol",
    "action",
    "confidence",
    "price",
    "current_price",
    "quantity",
    "stop_loss",
    "stop_loss_pct",
    "take_profit",
    "take_profit_pct",
    "trigger_price",
    "stop_price",
    "conditional_price",
    "order_type",
    "time_in_force",
    "timeframe",
    "timestamp",
    "expires_at",
    "valid_until",
    "source",
    "signal_id",
    "id",
    "intent_id",
    "decision_id",
    "indicators",
    "metadata",
    "_otel_trace_headers",
    "_otel_trace_context",
]
SOUND = {
    "strategy_id": '"s"',
    "symbol": '"BTCUSDT"',
    "action": '"buy"',
    "confidence": "0.8",
    "price": "50000",
    "timestamp": '"2026-08-21T12:00:00Z"',
    "signal_id": '"one"',
}


class Body(str):
    """JSON text, shown in brief: a report does not want 60,000 digits."""

    __slots__ = ()

    def __repr__(self) -> str:
        """The beginning, and how long it is."""
        return super().__repr__() if len(self) < 80 else f"<{self[:40]}... {len(self)} characters>"


NASTY = [Body(text) for text in (
    "NaN", "-Infinity", "1e400", "-0", "1E-400", "0.1e+1", "9" * 4400, "1" + "0" * 60_000, "0." + "0" * 5000 + "1", '"1_000"',
    '"٣"', '"0x1f"', '"\\ud800"', '"\\u0000"', '"' + "a" * 65_000 + '"', '"{{close}}"', '"NaN"', '"99"', '"T"', "true", "null",
    "[]", "{}", '{"atr":-1}', '{"atr":[]}', '{"traceparent":[]}', '"2026-13-45"', '"0000-00-00T00:00:00-99:99"', '"24:00"',
    "[" * 9 + "]" * 9, "[" * 30_000, '{"a":' * 5000, '"' + '\\"' * 30_000, "[1," * 10_000, "0" * 100, "-", ".5", "+1", "'x'",
    '""', '" "', '"\xff"', '{"a":1,"a":2}', "1787313600", "1787313600418231999", '"1e5"', '"btc usdt"', '"stop limit"',
)]  # fmt: skip

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
).map(json.dumps)
values = st.sampled_from(NASTY) | anything
sound_decimals = st.decimals(min_value="1e-8", max_value="1e8", allow_nan=False, places=8).filter(lambda d: d > 0)


def text_of(fields: dict[str, str]) -> str:
    """A JSON object of values that are JSON already."""
    return "{" + ",".join(f"{json.dumps(name)}:{value}" for name, value in fields.items()) + "}"


def read(body: bytes) -> Signal | Undecodable:
    """The codec's answer."""
    return read_signal(body, received_at=NOW, fallback="js:then:1")


def the_signal(text: str) -> Signal:
    """The codec's answer, which has to be a signal."""
    signal = read(text.encode())
    assert isinstance(signal, Signal), signal
    return signal


def seconds(body: bytes) -> float:
    """Processor time that the codec takes for the body."""
    started = time.thread_time()
    read(body)
    return time.thread_time() - started


def assert_total(body: bytes) -> None:
    """The answer comes at once, and can be kept: all its text has a UTF-8 form."""
    answer = read(body)

    # The garbage collector, which has all of Hypothesis to go through, may run in any one attempt: not in three.
    assert any(seconds(body) < CPU_MAX for _ in range(3))
    match answer:
        case Undecodable():
            assert answer.raw == body
            assert answer.code.isupper()
            assert len(answer.value or "") <= 200
            "".join((answer.message, answer.field or "", answer.value or "")).encode("utf-8")
        case Signal():
            texts = (answer.strategy_id, answer.source or "", answer.timeframe or "", *map(str, answer.identities))
            "".join(texts).encode("utf-8")
            json.loads(answer.rest.encode("ascii"))
            assert answer.signal_id
            assert answer.trading_fields


@hostile
@given(st.binary(max_size=400) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_totality_on_any_bytes(body: bytes):
    """Bytes of any kind are a signal or undecodable, never an exception, and never slow."""
    assert_total(body)


@hostile
@given(
    st.dictionaries(st.sampled_from(FIELDS), values, max_size=6),
    st.dictionaries(st.text(max_size=5), values, max_size=2),
)
def test_totality_on_any_field(fields: dict[str, str], others: dict[str, str]):
    """A sound body with any values put into it is a signal or undecodable."""
    assert_total(text_of(SOUND | others | fields).encode("utf-8", "surrogatepass"))


@hostile
@given(st.data())
def test_totality_on_any_damage(data: st.DataObject):
    """A sound body, cut, doubled and overwritten anywhere, is a signal or undecodable."""
    body = bytearray(text_of(SOUND).encode())
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(body)))
        end = data.draw(st.integers(start, min(len(body), start + 30)))
        piece = data.draw(
            st.binary(max_size=6) | st.sampled_from(NASTY).map(str.encode) | st.just(bytes(body[start:end]) * 2)
        )
        body[start:end] = piece
    assert_total(bytes(body))


@given(sound_decimals)
def test_exactness(number: Decimal):
    """A number is what its text says, to the last digit, as a JSON number and as a string."""
    text = format(number, "f")

    for spelled in (text, f'"{text}"'):
        signal = the_signal(text_of(SOUND | {"price": spelled, "stop_loss_pct": spelled, "mine": spelled}))
        assert (signal.price, signal.stop_loss_pct) == (number, number)
        assert signal.rest == f'{{"mine":{spelled}}}'


@given(st.permutations(list(SOUND)), anything, st.sampled_from(["", " ", "\n\t"]))
def test_form_does_not_matter(order: list[str], note: str, space: str):
    """Key order, white space and free-form fields change neither the trading fields nor the signal's names."""
    plain = the_signal(text_of(SOUND))
    other = the_signal(space + text_of({name: SOUND[name] for name in order} | {"metadata": note}) + space)

    assert other.trading_fields == plain.trading_fields
    assert other.aliases == plain.aliases


@given(st.text(min_size=1, max_size=50), st.text(min_size=1, max_size=50))
def test_same_id_same_signal(first: str, second: str):
    """Two messages of a strategy have the same name exactly when they carry the same id."""
    bodies = [read(text_of(SOUND | {"signal_id": json.dumps(each)}).encode()) for each in (first, second)]
    if not all(isinstance(body, Signal) and body.identities[0].kind == "signal_id" for body in bodies):
        return  # one of them is no id: blank, or with control characters
    one, other = (body.signal_id for body in bodies if isinstance(body, Signal))

    assert (one == other) == (first.strip() == second.strip())


@given(anything)
def test_the_rest_is_a_fixed_point(value: str):
    """What is kept of a free-form field reads as what was sent, with null for what JSON has no number for."""
    signal = the_signal(text_of(SOUND | {"mine": value}))
    again = the_signal(text_of(SOUND | {"mine": signal.rest.removeprefix('{"mine":').removesuffix("}")}))

    assert again.rest == signal.rest
    assert json.loads(signal.rest)["mine"] == json.loads(value, parse_constant=lambda _: None)
