"""Markets, signals and accounts for the laws of the decision: real symbols, and anything that could happen on them."""

import csv
import json
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import attrs
from hypothesis import strategies as st
from tests.support.decisions import NOW, a_policy, a_signal, a_view

from petrosa_adapters.wire.exchange_info import instrument_from_exchange_info
from petrosa_core.decision import PositionSizer, RiskPolicy, SizingMode, View
from petrosa_core.signal import Action, Signal
from petrosa_core.values import (
    EXACT,
    Amount,
    Balance,
    Instrument,
    Market,
    OrderType,
    Price,
    Quantity,
    Quote,
    Ratio,
    Symbol,
    TimeInForce,
)

USDM_BANDS: dict[str, Any] = {"buy_band": (Ratio(0), Ratio("1.05")), "sell_band": (Ratio("0.95"), Ratio(1_000_000))}
SPOT_BANDS: dict[str, Any] = {"buy_band": (Ratio("0.5"), Ratio("1.2")), "sell_band": (Ratio("0.8"), Ratio(2))}


@attrs.frozen
class Situation:
    """One signal, and all that it is judged with."""

    signal: Signal
    view: View
    policy: RiskPolicy
    sizer: PositionSizer


@cache
def every_instrument(shared: Path) -> tuple[Instrument, ...]:
    """Every symbol of the shared files: a few with all of their filters, thousands with tick, lot and least worth."""
    folder = shared / "market" / "exchange_info"
    found = []
    for name, market in (("spot_live", Market.SPOT), ("usdm_live", Market.USDM)):
        for path in sorted(folder.glob(f"{name}_*.json")):
            rows = json.loads(path.read_bytes())["symbols"]
            found += [instrument_from_exchange_info(row, market) for row in rows]
    for path in sorted(folder.glob("symbol_properties_*.csv")):
        with path.open(encoding="utf-8", newline="") as lines:
            found += [_of_lean(row) for row in csv.DictReader(lines)]
    return tuple(found)


def _of_lean(row: dict[str, Any]) -> Instrument:
    spot = row["type"] == "crypto"
    return Instrument(
        symbol=Symbol(row["symbol"]),
        base=row["symbol"].removesuffix(row["quote_currency"]),
        quote=row["quote_currency"],
        market=Market.SPOT if spot else Market.USDM,
        tick=Decimal(row["minimum_price_variation"]),
        step=Decimal(row["lot_size"]),
        quantity_min=Decimal(row["lot_size"]),
        quantity_max=Decimal(row["lot_size"]) * 9_000_000,
        notional_min=Decimal(row["minimum_order_size"] or 5),
        **(SPOT_BANDS if spot else USDM_BANDS),
    )


def decimals(low: str, high: str, places: int = 6) -> st.SearchStrategy[Decimal]:
    """Plain decimals between two bounds."""
    return st.decimals(Decimal(low), Decimal(high), places=places, allow_nan=False, allow_infinity=False)


def made_up_instruments() -> st.SearchStrategy[Instrument]:
    """Symbols that no venue has: odd ticks and steps, origins, bands, tight lots."""
    grids = st.sampled_from(["0.01", "0.1", "0.05", "1", "0.00001", "0.3"]).map(Decimal)
    return st.builds(
        _made_up,
        market=st.sampled_from(Market),
        tick=grids,
        step=grids,
        origin=st.sampled_from([Decimal(0), Decimal("0.07"), Decimal("5.56")]),
        widening=st.sampled_from([None, 1, 5, 10]),
        most=st.integers(1, 10**6),
        notional_min=decimals("0", "50", 2),
        notional_max=st.none() | decimals("50", "5000", 2),
        bands=st.sampled_from([{}, USDM_BANDS, SPOT_BANDS]),
    )


def _made_up(
    *, tick: Decimal, step: Decimal, origin: Decimal, widening: int | None, most: int, bands: Any, **rules: Any
) -> Instrument:
    wider = None if widening is None else step * widening
    return Instrument(
        symbol=Symbol("ABCUSDT"),
        base="ABC",
        quote="USDT",
        tick=tick,
        price_origin=origin,
        price_min=origin + tick,
        step=step,
        quantity_min=step,
        quantity_max=step * 10 * most,
        market_step=wider,
        market_quantity_min=wider,
        market_quantity_max=None if wider is None else step * 10 * max(1, most // 2),
        **rules,
        **bands,
    )


def scaled(price: Decimal, factor: Decimal) -> Price:
    """A multiple of a price, to as many digits as that takes."""
    return Price(EXACT.multiply(price, factor))


@st.composite
def quotes(draw: st.DrawFn, instrument: Instrument) -> Quote:
    """A market on the instrument's ticks: some thousand ticks high, a spread of some ticks, the mark in between."""
    lowest = instrument.ceil_price(instrument.price_min or instrument.tick)
    bid = lowest + instrument.tick * draw(st.integers(1, 2_000_000))
    spread = draw(st.integers(0, 3))
    ask = bid + instrument.tick * spread
    mark = bid + instrument.tick * draw(st.integers(0, spread))
    return Quote(symbol=instrument.symbol, bid=Price(bid), ask=Price(ask), mark=Price(mark), as_of=NOW)


@st.composite
def signals(draw: st.DrawFn, instrument: Instrument, quote: Quote) -> Signal:
    """Mostly what could be approved: near the market, levels within reach; sometimes not."""
    mid = quote.mid
    kind = draw(st.sampled_from(OrderType))
    side = draw(st.sampled_from([Action.BUY, Action.BUY, Action.SELL]))
    up = side is Action.BUY
    away = decimals("0.002", "0.045")
    lower, higher = (Decimal(1) - draw(away), Decimal(1) + draw(away))
    waits_high = kind.has_trigger and up is kind.is_stop
    factor = draw(decimals("0.97", "1.03")) if not kind.has_trigger else (higher if waits_high else lower)
    price = scaled(mid, factor)
    losing, winning = (lower, higher) if up else (higher, lower)
    return a_signal(
        symbol=instrument.symbol,
        action=side,
        order_type=kind,
        price=price,
        trigger_price=draw(st.none() | st.just(price)),
        current_price=scaled(mid, draw(decimals("0.985", "1.015"))),
        confidence=draw(decimals("0.4", "1", 4)),
        quantity=draw(st.none() | decimals("0.000001", "100000").map(Quantity)),
        stop_loss=draw(st.none() | st.just(scaled(price, losing))),
        stop_loss_pct=draw(st.none() | decimals("0.001", "0.06")),
        take_profit=draw(st.none() | st.just(scaled(price, winning))),
        take_profit_pct=draw(st.none() | decimals("0.001", "1.1")),
        atr=draw(st.none() | decimals("0.0005", "0.02").map(lambda share: scaled(mid, share))),
        time_in_force=draw(st.none() | st.sampled_from(TimeInForce)),
    )


def balances(asset: str) -> st.SearchStrategy[Balance]:
    """From a pittance to plenty; equity and free apart."""
    money = decimals("0", "1000000", 2).map(Amount)
    return st.builds(Balance, asset=st.just(asset), free=money, equity=money, as_of=st.just(NOW))


def sizers() -> st.SearchStrategy[PositionSizer]:
    """Every mode, from careful to daring."""
    return st.builds(
        PositionSizer,
        mode=st.sampled_from(SizingMode),
        free_share=decimals("0.001", "0.5", 4).map(Ratio),
        risk_share=decimals("0.0001", "0.05", 4).map(Ratio),
        stop_slippage=decimals("0", "0.01", 4).map(Ratio),
        notional=decimals("1", "2000", 2).map(Amount),
        notional_max=decimals("10", "100000", 2).map(Amount),
    )


@st.composite
def situations(draw: st.DrawFn, instruments: st.SearchStrategy[Instrument]) -> Situation:
    """Anything: an account with or without room for it, and a policy that may be strict or not."""
    instrument = draw(instruments)
    quote = draw(quotes(instrument))
    view = a_view(
        instrument=instrument,
        quote=quote,
        balance=draw(balances(instrument.quote)),
        reserved=draw(st.just(Decimal(0)) | decimals("0", "1000", 2)),
        open_trades=draw(st.integers(0, 5)),
        gross_exposure=draw(decimals("0", "10000", 2)),
        symbol_exposure=draw(decimals("0", "1000", 2)),
        day_pnl=draw(decimals("-1000", "1000", 2)),
        entries_last_minute=draw(st.integers(0, 10)),
    )
    return Situation(draw(signals(instrument, quote)), view, draw(policies()), draw(sizers()))


def policies() -> st.SearchStrategy[RiskPolicy]:
    """What an operator may vary."""
    return st.builds(
        a_policy,
        symbol_exposure_max=st.sampled_from(["0.1", "1"]).map(Ratio),
        stop_distance_min=st.sampled_from(["0", "0.001"]).map(Ratio),
        slippage_max=st.sampled_from(["0", "0.003", "0.01"]).map(Ratio),
        one_trade_per_symbol=st.booleans(),
    )


@st.composite
def sound_situations(draw: st.DrawFn, mode: SizingMode | None = None) -> Situation:
    """What is approved nearly always: a fine tick, lots that money can buy, and money enough to buy them."""
    roomy: dict[str, Any] = {"quantity_max": Decimal(10**9), "market_quantity_max": None, "notional_max": None}
    instrument = attrs.evolve(draw(made_up_instruments()), **roomy)
    bid = instrument.ceil_price(instrument.tick * draw(st.integers(20_000, 2_000_000)))
    spread = draw(st.integers(0, 3))
    ask, mark = bid + instrument.tick * spread, bid + instrument.tick * draw(st.integers(0, spread))
    quote = Quote(symbol=instrument.symbol, bid=Price(bid), ask=Price(ask), mark=Price(mark), as_of=NOW)
    signal = draw(signals(instrument, quote))
    least = max(instrument.notional_min, EXACT.multiply(ask, instrument.smallest_quantity(market=True)))
    money = Amount(least * draw(st.integers(1_000, 100_000)))
    short_on_spot = instrument.market is Market.SPOT and signal.action is Action.SELL
    sizer = PositionSizer(
        mode=mode or draw(st.sampled_from([SizingMode.CONFIDENCE, SizingMode.RISK, SizingMode.NOTIONAL])),
        free_share=draw(decimals("0.01", "0.09", 4).map(Ratio)),
        risk_share=draw(decimals("0.0005", "0.002", 4).map(Ratio)),
        stop_slippage=draw(decimals("0", "0.01", 4).map(Ratio)),
        notional=Amount(least * 5),
        notional_max=Amount(money * Decimal("0.099")),
    )
    return Situation(
        attrs.evolve(signal, quantity=None, confidence=draw(decimals("0.5", "1", 4))),
        a_view(
            instrument=attrs.evolve(instrument, market=Market.USDM) if short_on_spot else instrument,
            quote=quote,
            balance=Balance(asset=instrument.quote, free=money, equity=money, as_of=NOW),
        ),
        draw(policies()),
        sizer,
    )
