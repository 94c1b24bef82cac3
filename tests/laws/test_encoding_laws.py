"""Laws of the canonical form."""

import json
from decimal import Decimal

import attrs
from hypothesis import given
from hypothesis import strategies as st

from petrosa_core.audit import decode, encode, from_plain, to_plain
from petrosa_core.execution import Fill, OrderReport, OrderStatus
from petrosa_core.values import Amount, ClientOrderId, Moment, Money, OrderType, Price, Quantity, Side, Symbol

# Every string that Python can hold, lone surrogates and surrogate pairs included.
TEXT = st.text(st.characters(exclude_categories=()), max_size=12)
NUMBERS = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**12), max_value=10**12)
POSITIVE = st.decimals(allow_nan=False, allow_infinity=False, min_value=Decimal("1e-12"), max_value=10**12)
MOMENTS = st.integers(0, 2**53).map(Moment)
FILLS = st.builds(
    Fill,
    trade_id=TEXT,
    price=POSITIVE.map(Price),
    quantity=POSITIVE.map(Quantity),
    fee=st.none() | st.builds(Money, NUMBERS.map(Amount), TEXT),
    at=MOMENTS,
    maker=st.booleans(),
)
REPORTS = st.builds(
    OrderReport,
    client_order_id=TEXT.map(ClientOrderId),
    symbol=TEXT.map(Symbol),
    side=st.sampled_from(Side),
    type=st.sampled_from(OrderType),
    status=st.sampled_from(OrderStatus),
    quantity=NUMBERS,
    price=st.none() | NUMBERS,
    executed=NUMBERS,
    created_at=MOMENTS,
    at=MOMENTS,
    fill=st.none() | FILLS,
    reason=TEXT,
)


@attrs.frozen
class Record:
    """A frame's worth of different things."""

    items: tuple[OrderReport | Fill, ...] = ()
    names: frozenset[str] = frozenset()
    amounts: dict[str, Decimal] = attrs.Factory(dict)


RECORDS = st.builds(
    Record,
    st.lists(REPORTS | FILLS, max_size=4).map(tuple),
    st.frozensets(TEXT, max_size=4),
    st.dictionaries(TEXT, NUMBERS, max_size=4),
)


@given(RECORDS)
def test_law_what_is_read_back_has_the_same_bytes(record: Record):
    """encode(decode(encode(x))) == encode(x): one reading, one writing, for ever."""
    data = encode(record)

    assert encode(decode(data, Record)) == data


@given(RECORDS)
def test_law_plain_and_bytes_agree(record: Record):
    """from_plain(to_plain(x)) and decode(encode(x)) read the same value."""
    assert encode(from_plain(to_plain(record), Record)) == encode(record)


@given(RECORDS)
def test_law_the_bytes_are_what_any_json_writer_makes_of_the_plain_value(record: Record):
    """The writer that is made for each class writes what the standard library does: sorted, tight, in UTF-8."""
    text = json.dumps(to_plain(record), sort_keys=True, ensure_ascii=False, separators=(",", ":"))

    assert encode(record) == text.encode("utf-8", "backslashreplace")


@given(FILLS)
def test_law_digits_survive(fill: Fill):
    """A number comes back equal, and prints as it was written."""
    again = decode(encode(fill), Fill)

    assert (again.price, again.quantity) == (fill.price, fill.quantity)
    assert format(again.price, "f") == format(fill.price, "f")


@given(TEXT)
def test_law_no_text_is_refused(text: str):
    """Whatever a strategy calls itself can be journalled, as valid UTF-8."""
    assert encode(text).decode("utf-8")


@given(st.dictionaries(TEXT, NUMBERS, max_size=6), st.randoms(use_true_random=False))
def test_law_equal_values_have_equal_bytes(amounts: dict[str, Decimal], shuffle):
    """The order in which a mapping was filled does not show."""
    items = list(amounts.items())
    shuffle.shuffle(items)

    assert encode(Record(amounts=dict(items))) == encode(Record(amounts=amounts))
