"""The built-in symbols are Binance's, where Binance's were recorded."""

import csv
import json
from decimal import Decimal
from pathlib import Path

import pytest

from petrosa_adapters.paper import paper_instruments
from petrosa_adapters.wire.exchange_info import instrument_from_exchange_info
from petrosa_core.values import Instrument, Market


@pytest.mark.parametrize("market", list(Market))
def test_ticks_and_steps_are_those_on_record(market: Market, shared: Path):
    """given the recorded properties of every symbol, when they are compared, then tick, step and minimum agree."""
    (path,) = (shared / "market" / "exchange_info").glob("symbol_properties_*.csv")
    kind = "crypto" if market is Market.SPOT else "cryptofuture"
    with path.open(newline="") as file:
        rows = {
            row["symbol"]: row for row in csv.DictReader(file) if row["market"] == "binance" and row["type"] == kind
        }
    for instrument in paper_instruments(market):
        row = rows[instrument.symbol]

        assert instrument.tick == Decimal(row["minimum_price_variation"])
        assert instrument.step == Decimal(row["lot_size"])
        if market is Market.SPOT:
            assert instrument.notional_min == Decimal(row["minimum_order_size"])


COMPARED = (
    "tick",
    "step",
    "quantity_min",
    "quantity_max",
    "market_quantity_max",
    "notional_min",
    "buy_band",
    "sell_band",
)


def rules(instrument: Instrument) -> dict[str, object]:
    """What an order meets."""
    return {name: getattr(instrument, name) for name in (*COMPARED, "algo_orders_max", "opoco_allowed", "order_types")}


@pytest.mark.parametrize(
    ("market", "pattern"), [(Market.SPOT, "spot_live_*.json"), (Market.USDM, "usdm_live_*BTCUSDT.json")]
)
def test_recorded_rows_are_read_as_the_built_in_ones(market: Market, pattern: str, shared: Path):
    """given recorded rows of the exchange, when they are read, then they say what the built-in table says."""
    (path,) = (shared / "market" / "exchange_info").glob(pattern)
    read = [instrument_from_exchange_info(row, market) for row in json.loads(path.read_text())["symbols"]]
    known = {instrument.symbol: instrument for instrument in paper_instruments(market)}
    both = [instrument for instrument in read if instrument.symbol in known]

    assert both
    for instrument in both:
        assert rules(instrument) == rules(known[instrument.symbol])


def test_there_are_no_doubles():
    """given both tables, when symbols are counted, then each stands once, and both markets have the same."""
    spot, usdm = ([instrument.symbol for instrument in paper_instruments(market)] for market in Market)

    assert len(set(spot)) == len(spot) == 12
    assert spot == usdm
