"""The canonical form: what is written, what is read, and what is refused."""

from decimal import Decimal
from enum import Enum
from typing import NewType

import attrs
import pytest

from petrosa_core.audit import Misfit, decode, digest, encode, from_plain, to_plain
from petrosa_core.values import Amount, Moment, Money, OrderType, Price, Ratio, Side, Symbol

Colour = NewType("Colour", str)


class Level(Enum):
    """An enum of whole numbers."""

    LOW = 1
    HIGH = 2


@attrs.frozen(kw_only=True)
class Leaf:
    """Something with a unit, a default and a choice of nothing."""

    price: Price
    size: Decimal = Decimal(0)
    note: str | None = None
    at: Moment | None = None


@attrs.frozen
class Apple:
    """A class that shares a union."""

    leaf: Leaf | None = None


@attrs.frozen
class Pear:
    """A class that shares a union."""

    colour: Colour = Colour("green")


@attrs.frozen(kw_only=True)
class Tree:
    """One of everything that can be declared."""

    fruit: tuple[Apple | Pear, ...] = ()
    pair: tuple[int, Decimal] = (0, Decimal(0))
    types: frozenset[OrderType] = frozenset()
    by_symbol: dict[Symbol, Money] = attrs.Factory(dict)
    level: Level = Level.LOW
    raw: bytes = b""
    either: int | str | None = None
    side: Side | None = None
    grown: bool = False
    child: "Tree | None" = None
    names: list[str] = attrs.Factory(list)


FULL = Tree(
    fruit=(Apple(Leaf(price=Price("1.50"), note="x")), Pear(Colour("red")), Apple()),
    pair=(7, Decimal("-0.10")),
    types=frozenset({OrderType.STOP, OrderType.LIMIT}),
    by_symbol={Symbol("ETHUSDT"): Money(Amount(-1), "USDT"), Symbol("BTCUSDT"): Money(Amount(2), "BNB")},
    level=Level.HIGH,
    raw=b"\x00\xff",
    either="seven",
    side=Side.SELL,
    grown=True,
    child=Tree(pair=(1, Decimal(2))),
    names=["a", "b"],
)


def test_everything_that_can_be_declared_comes_back():
    """Given one of every kind of type, when it is written and read, then it is the same."""
    assert decode(encode(FULL), Tree) == FULL


def test_the_canonical_form_is_sorted_and_tight():
    """The bytes are these for ever: golden journals depend on it."""
    assert encode(FULL) == (
        b'{"by_symbol":{"BTCUSDT":{"amount":"2","asset":"BNB"},"ETHUSDT":{"amount":"-1","asset":"USDT"}},'
        b'"child":{"pair":[1,"2"]},"either":"seven",'
        b'"fruit":[{"is":"Apple","leaf":{"note":"x","price":"1.50"}},{"colour":"red","is":"Pear"},{"is":"Apple"}],'
        b'"grown":true,"is":"Tree","level":2,"names":["a","b"],"pair":[7,"-0.10"],"raw":"AP8=","side":"sell",'
        b'"types":["limit","stop"]}'
    )


def test_a_default_is_left_out_only_when_it_would_be_written_alike():
    """Given 0.00 where the default is 0, then it is written, because it prints otherwise after a replay."""
    assert encode(Leaf(price=Price(1), size=Decimal("0.00"))) == b'{"is":"Leaf","price":"1","size":"0.00"}'
    assert encode(Leaf(price=Price(1), size=Decimal(0))) == b'{"is":"Leaf","price":"1"}'


def test_an_old_record_is_readable():
    """Given a record from before a field existed, and one from after it was dropped, then both are read."""
    assert decode(b'{"price":"1"}', Leaf) == Leaf(price=Price(1))
    assert decode(b'{"price":"1","forgotten":{"deep":[1,null]}}', Leaf) == Leaf(price=Price(1))


def test_decimals_are_written_without_exponent():
    """1E+3 is 1000, and trailing zeros stay."""
    assert (
        encode((Decimal("1E+3"), Decimal("1.500"), Decimal("1E-9"), Price("2E+1")))
        == b'["1000","1.500","0.000000001","20"]'
    )


@pytest.mark.parametrize(
    ("data", "path"),
    [
        (b'{"price":1}', "price"),
        (b'{"price":"-1"}', "price"),
        (b'{"price":"NaN"}', "price"),
        (b'{"price":"ten"}', "price"),
        (b'{"price":"1","size":"Infinity"}', "size"),
        (b'{"price":"1","note":7}', "note"),
        (b'{"price":"1","at":"7"}', "at"),
        (b'{"price":"1","at":true}', "at"),
        (b"{}", "price"),
        (b'{"is":"Tree","price":"1"}', "is"),
        (b"[]", ""),
    ],
)
def test_a_wrong_type_is_refused_by_its_path(data: bytes, path: str):
    """A record that does not fit its type names the field, and is a ValueError."""
    with pytest.raises(Misfit) as refused:
        decode(data, Leaf)

    assert refused.value.path == path


@pytest.mark.parametrize(
    ("plain", "path"),
    [
        ({"fruit": [{"is": "Pear"}, {"is": "Apple", "leaf": {"price": "0"}}]}, "fruit[1].leaf.price"),
        ({"fruit": [{"is": "Plum"}]}, "fruit[0].is"),
        ({"fruit": [{}]}, "fruit[0].is"),
        ({"fruit": ["Pear"]}, "fruit[0]"),
        ({"pair": [1]}, "pair"),
        ({"pair": [1, "x"]}, "pair[1]"),
        ({"types": ["limit", "slip"]}, "types[1]"),
        ({"types": [["limit"]]}, "types[0]"),
        ({"by_symbol": {"BTCUSDT": {"amount": 1, "asset": "USDT"}}}, "by_symbol.BTCUSDT.amount"),
        ({"by_symbol": []}, "by_symbol"),
        ({"level": "1"}, "level"),
        ({"level": True}, "level"),
        ({"raw": "?"}, "raw"),
        ({"either": []}, "either"),
        ({"grown": 1}, "grown"),
        ({"child": {"child": {"pair": None}}}, "child.child.pair"),
    ],
)
def test_a_misfit_names_the_whole_way_to_it(plain: object, path: str):
    """Given a deep record with one wrong value, then the path leads to that value."""
    with pytest.raises(Misfit) as refused:
        from_plain(plain, Tree)

    assert refused.value.path == path


@pytest.mark.parametrize("data", [b"1.5", b"NaN", b"[1e3]", b"{", b"\xff", b'"\xed\xa0\x80"', b""])
def test_floats_and_noise_are_refused(data: bytes):
    """What is no exact JSON in UTF-8 is a ValueError, whatever it is."""
    with pytest.raises(ValueError):
        decode(data, str | int)


@pytest.mark.parametrize(
    "value",
    [1.5, Decimal("NaN"), Decimal("-Infinity"), object(), Leaf, {1: "x"}, Leaf(price="1"), Apple(Pear()), Pear(7), 1j],  # type: ignore[arg-type]
)
def test_what_could_not_be_read_back_is_not_written(value: object):
    """Given a value that breaks its own declaration, then writing refuses it, so that the journal stays readable."""
    with pytest.raises(Misfit):
        encode(value)


def test_any_text_can_be_written():
    """Given lone surrogates, pairs and control characters, then the bytes are valid UTF-8 and read back."""
    odd = "\udc80 \x00\x1f\u2028 é \ud800 😀"

    assert decode(encode(odd), str) == odd
    assert encode(odd).decode("utf-8")


def test_a_surrogate_pair_is_the_character_that_it_means():
    """Two halves of one character and the character itself have the same canonical bytes."""
    assert encode("\ud83d\ude00") == encode("😀")


@pytest.mark.parametrize(
    "declared", [Decimal | str, Side | OrderType, bool | int, dict[int, str], float, object, Apple | dict[str, int]]
)
def test_what_cannot_be_told_apart_is_a_mistake_of_the_program(declared: object):
    """A declaration without one canonical reading is refused when it is first used."""
    with pytest.raises(TypeError):
        from_plain("x", declared)


def test_sets_have_one_order():
    """Equal sets have equal bytes, whatever order they were filled in."""
    assert encode(frozenset("cab")) == encode(frozenset("bca")) == b'["a","b","c"]'


def test_the_digest_is_over_the_canonical_bytes():
    """Equal values have equal digests, and a changed digit changes it."""
    assert digest(FULL) == digest(decode(encode(FULL), Tree))
    assert digest(Ratio("0.1")) != digest(Ratio("0.10"))
    assert len(digest(None)) == 64


def test_plain_is_what_json_knows():
    """An attrs object at the top carries its class name, so that a reader knows what it is."""
    assert to_plain((Pear(), None, True)) == [{"is": "Pear"}, None, True]


def test_a_union_is_read_as_the_class_that_was_written():
    """Given a union at the top, then the tag leads back to the class."""
    assert decode(encode(Pear()), Apple | Pear) == Pear()
