"""Every reason that lies in the signal, the symbol or the quote: at the limit it passes, one step beyond it does not."""

from decimal import Decimal

import pytest
from tests.support.decisions import (
    NOW,
    a_policy,
    a_quote,
    a_signal,
    a_spot_instrument,
    a_view,
    an_instrument,
    codes,
    refusals,
)

from petrosa_core.decision.refusals import (
    ConfidenceOutOfRange,
    ConfidenceTooLow,
    EntryExpired,
    NoQuote,
    OrderTypeNotSupported,
    ShortOnSpot,
    SignalFromFuture,
    StaleQuote,
    StaleSignal,
    StrategyNotAllowed,
    SymbolNotAllowed,
    SymbolNotTrading,
    TimestampRequired,
    UnknownSymbol,
    ZeroQuantity,
)
from petrosa_core.signal import Action
from petrosa_core.values import ZERO, Market, Mode, OrderType, Quantity, Ratio, StrategyId, Symbol


def test_a_zero_from_a_source_that_sizes_for_us_means_no_trade():
    """Given a zero from the source on the list, when it is judged, then it is denied with the source."""
    assert refusals(a_signal(quantity_is_zero=True, source="petrosa-cio")) == (ZeroQuantity("petrosa-cio"),)


@pytest.mark.parametrize("source", ["ta_bot", None])
def test_a_zero_from_any_other_source_means_size_it(source):
    """A zero from a source that leaves the size to us is no ceiling."""
    assert codes(a_signal(quantity_is_zero=True, source=source)) == ()


def test_a_quantity_above_zero_from_such_a_source_is_an_ordinary_ceiling():
    """It is the zero that is refused, not the source."""
    assert codes(a_signal(quantity=Quantity(1), source="petrosa-cio")) == ()


@pytest.mark.parametrize(("confidence", "nearest"), [("1.000001", Ratio(1)), ("-0.000001", ZERO)])
def test_confidence_outside_of_zero_to_one_is_denied(confidence, nearest):
    """Given a confidence that is no fraction of one, then it is denied with the nearest that is; and not as too low."""
    found = refusals(a_signal(confidence=Decimal(confidence)), policy=a_policy(confidence_min=Ratio(0)))

    assert found[0] == ConfidenceOutOfRange(Decimal(confidence), nearest)
    assert ConfidenceTooLow.code not in [refusal.code for refusal in found]


@pytest.mark.parametrize("confidence", ["0", "1"])
def test_confidence_of_exactly_zero_or_one_is_in_range(confidence):
    """The ends of the range belong to it."""
    assert ConfidenceOutOfRange.code not in codes(a_signal(confidence=Decimal(confidence)))


def test_confidence_below_the_minimum_is_denied():
    """Given 0.4999 where 0.5 is asked, then it is denied with both numbers."""
    assert refusals(a_signal(confidence=Decimal("0.4999"))) == (ConfidenceTooLow(Decimal("0.4999"), Ratio("0.5")),)


def test_confidence_at_the_minimum_passes():
    """0.5 is enough where 0.5 is asked."""
    assert codes(a_signal(confidence=Decimal("0.5"))) == ()


def test_no_confidence_at_all_is_too_low():
    """Zero is in range, and less than asked."""
    assert codes(a_signal(confidence=ZERO))[0] == "CONFIDENCE_TOO_LOW"


def test_a_symbol_that_the_venue_does_not_know_is_denied_once():
    """Given no rules for the symbol, then nothing else is said about what depends on them."""
    assert refusals(view=a_view(instrument=None, quote=None)) == (UnknownSymbol(Symbol("ABCUSDT")),)


def test_a_symbol_that_does_not_trade_is_denied():
    """A suspended symbol takes no order."""
    assert refusals(view=a_view(instrument=an_instrument(trading=False))) == (SymbolNotTrading(Symbol("ABCUSDT")),)


def test_a_symbol_off_the_list_is_denied():
    """Given a list of symbols, then only those are traded."""
    assert refusals(policy=a_policy(symbols_allowed=frozenset({Symbol("BTCUSDT")}))) == (
        SymbolNotAllowed(Symbol("ABCUSDT")),
    )
    assert codes(policy=a_policy(symbols_allowed=frozenset({Symbol("ABCUSDT")}))) == ()


def test_a_strategy_that_only_alerts_is_denied():
    """The alert-only strategy is on the list by default, whatever action it carries."""
    strategy = StrategyId("bollinger_squeeze_alert")

    assert refusals(a_signal(strategy_id=strategy)) == (StrategyNotAllowed(strategy),)


def test_an_order_type_that_the_symbol_does_not_take_is_denied():
    """Given a symbol with limit orders only, when a market order is asked for, then it is denied."""
    view = a_view(instrument=an_instrument(order_types=frozenset({OrderType.LIMIT})))

    assert refusals(a_signal(order_type=OrderType.MARKET), view) == (OrderTypeNotSupported(OrderType.MARKET),)


def test_spot_cannot_go_short():
    """A sell on spot opens nothing; a buy does."""
    view = a_view(instrument=a_spot_instrument())

    assert refusals(a_signal(action=Action.SELL), view) == (ShortOnSpot(Market.SPOT),)
    assert codes(a_signal(), view) == ()


def test_futures_can_go_short():
    """A sell on USD-M futures opens a short."""
    assert codes(a_signal(action=Action.SELL)) == ()


@pytest.mark.parametrize(
    ("mode", "given", "found"),
    [
        (Mode.LIVE, False, (TimestampRequired(),)),
        (Mode.LIVE, True, ()),
        (Mode.TESTNET, False, ()),
        (Mode.SIMULATION, False, ()),
    ],
)
def test_with_real_money_a_signal_has_its_own_timestamp(mode, given, found):
    """The transport's time will do anywhere but live."""
    assert refusals(a_signal(timestamp_given=given), a_view(mode=mode)) == found


def test_a_signal_from_the_future_is_denied():
    """Five seconds ahead is a slow clock; a microsecond more is not."""
    assert codes(a_signal(timestamp=NOW + 5_000_000)) == ()
    assert refusals(a_signal(timestamp=NOW + 5_000_001)) == (SignalFromFuture(5_000_001, 5_000_000),)


def test_an_old_signal_is_denied():
    """300 seconds old passes, a microsecond more does not."""
    assert codes(a_signal(timestamp=NOW - 300_000_000)) == ()
    assert refusals(a_signal(timestamp=NOW - 300_000_001)) == (StaleSignal(300_000_001, 300_000_000),)


def test_a_signal_past_its_own_expiry_is_denied():
    """A signal that ends now has ended."""
    assert codes(a_signal(expires_at=NOW + 1)) == ()
    assert refusals(a_signal(expires_at=NOW)) == (EntryExpired(0),)
    assert refusals(a_signal(expires_at=NOW - 7)) == (EntryExpired(7),)


def test_without_a_quote_nothing_is_entered():
    """No price is not a price of zero."""
    assert refusals(view=a_view(quote=None)) == (NoQuote(Symbol("ABCUSDT")),)


def test_an_old_quote_is_denied():
    """Ten seconds old passes, a microsecond more does not."""
    assert codes(view=a_view(quote=a_quote(as_of=NOW - 10_000_000))) == ()
    assert refusals(view=a_view(quote=a_quote(as_of=NOW - 10_000_001))) == (StaleQuote(10_000_001, 10_000_000),)
