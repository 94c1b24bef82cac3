"""Every reason that lies in the account: at the limit it passes, one step beyond it does not.

The plan of the plain signal is 2 base units at 100: a notional of 200 USDT.
"""

from decimal import Decimal

import pytest
from tests.support.decisions import NOW, a_balance, a_policy, a_signal, a_view, codes, refusals

from petrosa_core.decision import TradingState
from petrosa_core.decision.refusals import (
    BalanceInsufficient,
    DailyLoss,
    Drawdown,
    EngineNotReady,
    ExposureLimit,
    ForeignPosition,
    NoBalance,
    OrderRate,
    OrderUnknownPending,
    RepeatedEntry,
    SymbolExposureLimit,
    TooManyOpenTrades,
    TradeOpenOnSymbol,
    TradingHalted,
    UnknownSymbol,
)
from petrosa_core.decision.sizer import PositionSizer, SizingMode
from petrosa_core.values import Amount, ClientOrderId, Quantity, Ratio, SignalId, Symbol

FIXED = PositionSizer(mode=SizingMode.SIGNAL)
TWO = a_signal(quantity=Quantity(2))


def test_a_balance_that_could_not_be_read_is_not_zero():
    """Given no balance, then that is the reason, and no limit is judged with a zero."""
    assert refusals(view=a_view(balance=None)) == (NoBalance("USDT"),)


def test_the_balance_of_another_asset_is_no_balance():
    """Given euros and a symbol that is paid in USDT, then no size is made of them."""
    assert refusals(view=a_view(balance=a_balance(asset="EUR"))) == (NoBalance("USDT"),)


def test_neither_symbol_nor_balance_known_says_both():
    """What can be judged is judged."""
    assert refusals(view=a_view(instrument=None, quote=None, balance=None)) == (
        UnknownSymbol(Symbol("ABCUSDT")),
        NoBalance("any asset"),
    )


def test_the_whole_notional_and_its_buffer_have_to_be_free():
    """200 needs 210 with 5 % of buffer: 210 passes, a cent less does not."""
    assert codes(TWO, a_view(balance=a_balance("210", "10000")), sizer=FIXED) == ()
    assert refusals(TWO, a_view(balance=a_balance("209.99", "10000")), sizer=FIXED) == (
        BalanceInsufficient(Decimal("209.99"), Decimal("210.00")),
    )


def test_what_entries_on_their_way_will_take_is_not_free():
    """Reserved money is subtracted from the free balance."""
    view = a_view(balance=a_balance("300", "10000"), reserved=Decimal("90.01"))

    assert refusals(TWO, view, sizer=FIXED) == (BalanceInsufficient(Decimal("209.99"), Decimal("210.00")),)


@pytest.mark.parametrize("reserved", [Decimal(10000), Decimal(10001)])
def test_an_account_with_nothing_free_is_insufficient(reserved):
    """Given all of the balance spoken for, then no size is made, and the reason is the balance."""
    available = 10000 - reserved

    assert refusals(view=a_view(reserved=reserved)) == (BalanceInsufficient(available, Decimal(5)),)


def test_one_trade_per_symbol():
    """An open trade on the symbol blocks the next one, unless that is switched off."""
    view = a_view(symbol_trade=SignalId("sg-1"))

    assert refusals(view=view) == (TradeOpenOnSymbol(SignalId("sg-1")),)
    assert codes(view=view, policy=a_policy(one_trade_per_symbol=False)) == ()


def test_a_trade_never_opposes_an_open_one_on_a_netted_symbol():
    """Two trades against each other would eat each other's position, whatever the policy says of one trade per symbol."""
    view = a_view(symbol_trade=SignalId("sg-1"), symbol_opposed=SignalId("sg-2"))

    assert refusals(view=view, policy=a_policy(one_trade_per_symbol=False)) == (TradeOpenOnSymbol(SignalId("sg-2")),)


def test_the_number_of_open_trades_is_limited():
    """The fifth trade passes, the sixth does not."""
    assert codes(view=a_view(open_trades=4)) == ()
    assert refusals(view=a_view(open_trades=5)) == (TooManyOpenTrades(6, 5),)


def test_all_exposure_is_limited():
    """9800 and 200 fill the equity of 10000; a cent more does not fit."""
    assert codes(view=a_view(gross_exposure=Decimal(9800))) == ()
    assert refusals(view=a_view(gross_exposure=Decimal("9800.01"))) == (
        ExposureLimit(Decimal("10000.01"), Decimal(10000)),
    )


def test_exposure_on_the_symbol_is_limited():
    """800 and 200 fill a tenth of the equity; a cent more does not fit."""
    assert codes(view=a_view(symbol_exposure=Decimal(800))) == ()
    assert refusals(view=a_view(symbol_exposure=Decimal("800.01"))) == (
        SymbolExposureLimit(Decimal("1000.01"), Decimal("1000.0")),
    )


def test_the_day_may_cost_three_per_cent_of_what_it_began_with():
    """Of 11000, 330 may be lost; a cent more ends the day."""
    assert codes(view=a_view(day_pnl=Decimal(-330), day_start_equity=Amount(11000))) == ()
    assert refusals(view=a_view(day_pnl=Decimal("-330.01"), day_start_equity=Amount(11000))) == (
        DailyLoss(Decimal("330.01"), Decimal(330)),
    )


def test_where_the_first_equity_of_the_day_is_not_known_the_result_tells_it():
    """Equity 10000 after losing 309.28 began at 10309.28, of which 3 % is 309.2784."""
    assert codes(view=a_view(day_pnl=Decimal("-309.27"))) == ()
    assert refusals(view=a_view(day_pnl=Decimal("-309.28"))) == (DailyLoss(Decimal("309.28"), Decimal("309.2784")),)


def test_a_day_of_winning_is_no_loss():
    """A result of zero or more is never judged, whatever the day began with."""
    assert codes(view=a_view(day_pnl=Decimal(0), day_start_equity=Amount(-1))) == ()
    assert codes(view=a_view(day_pnl=Decimal(5000))) == ()


def test_without_a_balance_no_loss_is_judged():
    """What cannot be compared is not compared; the missing balance is the reason."""
    view = a_view(balance=None, day_pnl=Decimal(-9999), equity_high=Amount(99999))

    assert codes(view=view) == ("NO_BALANCE",)


def test_the_account_may_be_a_tenth_below_its_high():
    """Of a high of 10000, 9000 is left and passes; a cent less does not."""
    assert codes(view=a_view(balance=a_balance("9000"), equity_high=Amount(10000))) == ()
    assert refusals(view=a_view(balance=a_balance("8999.99"), equity_high=Amount(10000))) == (
        Drawdown(Decimal("1000.01"), Decimal(1000)),
    )


def test_entries_per_minute_are_limited():
    """The tenth entry of a minute passes, the eleventh does not."""
    assert codes(view=a_view(entries_last_minute=9)) == ()
    assert refusals(view=a_view(entries_last_minute=10)) == (OrderRate(11, 10, "minute"),)


def test_entries_per_day_are_limited():
    """The 200th entry of a day passes, the 201st does not."""
    assert codes(view=a_view(entries_today=199)) == ()
    assert refusals(view=a_view(entries_today=200)) == (OrderRate(201, 200, "day"),)


def test_repeats_are_allowed_by_default():
    """The same entry in the same microsecond passes as long as nobody asked otherwise."""
    assert codes(view=a_view(last_same_entry=NOW)) == ()


def test_repeats_within_the_window_are_denied():
    """Ten seconds after the last one passes, a microsecond sooner does not."""
    policy = a_policy(repeat_after_min=10_000_000)

    assert codes(policy=policy) == ()
    assert codes(view=a_view(last_same_entry=NOW - 10_000_000), policy=policy) == ()
    assert refusals(view=a_view(last_same_entry=NOW - 9_999_999), policy=policy) == (
        RepeatedEntry(9_999_999, 10_000_000),
    )


def test_an_unanswered_order_blocks_its_symbol():
    """Nothing is added to what may be live."""
    order = ClientOrderId("pt1-x-e1")

    assert refusals(view=a_view(symbol_unknown=order)) == (OrderUnknownPending(order),)


def test_what_is_not_ours_blocks_its_symbol():
    """A foreign position is left alone."""
    assert refusals(view=a_view(symbol_external="position of 3 ABC")) == (ForeignPosition("position of 3 ABC"),)


@pytest.mark.parametrize("state", [TradingState.REDUCING, TradingState.HALTED, TradingState.FLATTEN])
def test_nothing_is_entered_unless_trading_is_active(state):
    """Every state but ACTIVE denies, with the reason that was given for it."""
    assert refusals(view=a_view(state=state, state_reason="lunch")) == (
        TradingHalted(state, TradingState.ACTIVE, "lunch"),
    )
    assert refusals(view=a_view(state=state))[0].record.message.endswith("why no reason given")


def test_an_engine_that_is_not_ready_says_all_that_is_wrong():
    """Every cause is named."""
    assert refusals(view=a_view(unhealthy=("store down", "not reconciled"))) == (
        EngineNotReady("store down; not reconciled"),
    )


def test_every_limit_of_the_account_is_reported_in_order():
    """Given an account that breaks everything, then everything is reported, in the declared order."""
    view = a_view(
        balance=a_balance("150", "10"),
        symbol_trade=SignalId("sg-1"),
        open_trades=9,
        day_pnl=Decimal(-100),
        equity_high=Amount(100),
        entries_last_minute=99,
        entries_today=999,
        last_same_entry=NOW,
        symbol_unknown=ClientOrderId("c"),
        symbol_external="x",
        state=TradingState.HALTED,
        unhealthy=("store down",),
    )

    assert codes(TWO, view, a_policy(repeat_after_min=1), FIXED) == (
        "BALANCE_INSUFFICIENT",
        "TRADE_OPEN_ON_SYMBOL",
        "TOO_MANY_OPEN_TRADES",
        "EXPOSURE_LIMIT",
        "SYMBOL_EXPOSURE_LIMIT",
        "DAILY_LOSS",
        "DRAWDOWN",
        "ORDER_RATE",
        "ORDER_RATE",
        "REPEATED_ENTRY",
        "ORDER_UNKNOWN_PENDING",
        "FOREIGN_POSITION",
        "TRADING_HALTED",
        "ENGINE_NOT_READY",
    )


def test_a_fraction_of_the_symbols_limit_counts_at_full_size():
    """The limits count the plan's notional, not what is free after it."""
    policy = a_policy(symbol_exposure_max=Ratio("0.019999"))

    assert codes(policy=policy) == ("SYMBOL_EXPOSURE_LIMIT",)
