"""Questions about an account, answered from its book. The running engine and the CLI ask the same functions."""

from collections.abc import Callable, Iterable
from decimal import Decimal

from petrosa_core.application.bodies import decision_body, order_body, trade_body
from petrosa_core.decision import Outcome, RiskPolicy
from petrosa_core.desk import Book, Plain, SignalRecord
from petrosa_core.execution import LegOrder, OrderState, Trade
from petrosa_core.values import EXACT, ZERO, Moment, Quote, SignalId, Symbol, derive_signal_id, iso, shown

Quotes = Callable[[Symbol], Quote | None]


def balance_body(book: Book) -> dict[str, Plain] | None:
    """What the account holds, or None when it was never read."""
    balance = book.totals.balance
    if balance is None:
        return None
    return {
        "asset": balance.asset,
        "free": Decimal(balance.free),
        "equity": Decimal(balance.equity),
        "as_of": iso(balance.as_of),
    }


def account(book: Book, quotes: Quotes) -> dict[str, Plain]:
    """Balance, exposure, positions."""
    return {
        "balance": balance_body(book),
        "gross_exposure": book.totals.gross_exposure,
        "positions": positions(book, quotes),
    }


def positions(book: Book, quotes: Quotes) -> list[dict[str, Plain]]:
    """What is held per symbol, with its protection; the side is the net one."""
    return [
        _position(symbol, tuple(book.on_symbol(symbol)), quotes(symbol))
        for symbol in book.open_symbols()
        if _held(book, symbol)
    ]


def _held(book: Book, symbol: Symbol) -> bool:
    return any(trade.held > ZERO for trade in book.on_symbol(symbol))


def _position(symbol: Symbol, trades: tuple[Trade, ...], quote: Quote | None) -> dict[str, Plain]:
    holding = [trade for trade in trades if trade.held > ZERO]
    net = sum((trade.plan.side.sign * trade.held for trade in holding), ZERO)
    gross = sum((trade.held for trade in holding), ZERO)
    cost = sum((trade.held * (trade.entry.average_price or ZERO) for trade in holding), ZERO)
    mark = quote.mark if quote else None
    unrealised = None
    if mark is not None:
        unrealised = sum(
            (trade.plan.side.sign * trade.held * (mark - (trade.entry.average_price or ZERO)) for trade in holding),
            ZERO,
        )
    covered = sum((trade.held for trade in holding if trade.is_covered), ZERO)
    return {
        "symbol": symbol,
        "side": "buy" if net >= ZERO else "sell",
        "quantity": abs(net),
        "entry_price": shown(EXACT.divide(cost, gross)) if gross else None,
        "mark_price": None if mark is None else Decimal(mark),
        "unrealised_pnl": unrealised,
        "protected": all(trade.is_covered for trade in holding),
        "protected_quantity": covered,
        "trades": [trade.signal_id for trade in holding],
    }


def trades(book: Book, *, open_only: bool, limit: int) -> list[dict[str, Plain]]:
    """Trades, the newest first."""
    return [trade_body(trade) for trade in _newest(book, open_only=open_only)[:limit]]


def _newest(book: Book, *, open_only: bool) -> list[Trade]:
    everyone: Iterable[Trade] = book.trades.values() if open_only else [*book.ended.values(), *book.trades.values()]
    return sorted(everyone, key=lambda trade: book.spans[trade.signal_id], reverse=True)


def orders(book: Book, *, symbol: Symbol | None, open_only: bool, limit: int) -> list[dict[str, Plain]]:
    """Orders, the newest first."""
    found = [
        (trade, order)
        for trade in _newest(book, open_only=open_only)
        for order in trade.orders
        if (symbol is None or trade.symbol == symbol) and (order.may_live or not open_only)
    ]
    found.sort(key=lambda pair: pair[1].updated_at, reverse=True)
    return [order_body(trade, order) for trade, order in found[:limit]]


def order(book: Book, symbol: Symbol, order_id: str) -> dict[str, Plain] | None:
    """One order by client or venue id."""
    found = find_order(book, symbol, order_id)
    return None if found is None else order_body(*found)


def find_order(book: Book, symbol: Symbol, order_id: str) -> tuple[Trade, LegOrder] | None:
    """An order of an open or lately ended trade, by client or venue id."""
    for trade in _newest(book, open_only=False):
        if trade.symbol != symbol:
            continue
        for candidate in trade.orders:
            if order_id in {candidate.client_order_id, candidate.venue_order_id}:
                return trade, candidate
    return None


def decisions(book: Book, *, limit: int, outcome: Outcome | None, since: Moment | None) -> list[dict[str, Plain]]:
    """Verdicts, the newest first; aliases of one signal count once."""
    found: list[SignalRecord] = []
    seen: set[int] = set()
    for record in reversed(book.signals.values()):
        if since is not None and record.at < since:
            continue
        if record.seq not in seen and (outcome is None or record.outcome is outcome):
            seen.add(record.seq)
            found.append(record)
            if len(found) >= limit:
                break
    return [decision_body(record) for record in found]


def find_signal(book: Book, name: str) -> SignalRecord | None:
    """A verdict by the signal's name, or by any id that it carried."""
    record = book.signals.get(SignalId(name))
    if record is not None:
        return record
    strategies = {known.strategy_id for known in book.signals.values()}
    for strategy in sorted(strategies):
        for kind in (
            "Nats-Msg-Id",
            "Idempotency-Key",
            "signal_id",
            "id",
            "intent_id",
            "decision_id",
            "digest",
            "transport",
        ):
            record = book.signals.get(derive_signal_id(strategy, kind, name))
            if record is not None:
                return record
    return None


def limits(book: Book, policy: RiskPolicy) -> list[dict[str, Plain]]:
    """Each limit: what is used of it, and how much that is of the whole."""
    totals = book.totals
    equity = None if totals.balance is None else Decimal(totals.balance.equity)
    loss = _day_loss(book)
    drawdown = _drawdown(book)
    rows: list[tuple[str, Decimal | None, Decimal | None]] = [
        ("open_trades", Decimal(len(book.trades)), Decimal(policy.open_trades_max)),
        ("gross_exposure", totals.gross_exposure, None if equity is None else policy.exposure_max * equity),
        ("daily_loss", loss, _part(policy.daily_loss_max, totals.day_start_equity)),
        ("drawdown", drawdown, Decimal(policy.drawdown_max)),
        ("entries_per_minute", Decimal(book.lately(totals.now)), Decimal(policy.entries_per_minute)),
        ("entries_per_day", Decimal(totals.entries_today), Decimal(policy.entries_per_day)),
    ]
    return [
        {
            "name": name,
            "used": used,
            "limit": limit,
            "ratio": _share(used, limit) if used is not None and limit else None,
        }
        for name, used, limit in rows
    ]


def _share(part: Decimal, whole: Decimal) -> Decimal:
    """A fraction of one, for people."""
    return shown(EXACT.divide(part, whole))


def _part(ratio: Decimal, of: Decimal | None) -> Decimal | None:
    return None if of is None else EXACT.multiply(ratio, of)


def _day_loss(book: Book) -> Decimal | None:
    totals = book.totals
    if totals.balance is None or totals.day_start_equity is None:
        return None
    pnl = min(totals.realised_today, totals.balance.equity - totals.day_start_equity)
    return max(ZERO, -pnl)


def _drawdown(book: Book) -> Decimal | None:
    totals = book.totals
    if totals.balance is None or not totals.equity_high:
        return None
    return max(ZERO, _share(totals.equity_high - totals.balance.equity, totals.equity_high))


def governor_state(book: Book, policy: RiskPolicy, symbol: Symbol | None) -> dict[str, Plain]:
    """What the governor upstream reads before every intent; null is unknown, never zero.

    It refuses where ``open_orders`` reach ``max_orders``, so both count trades: an entry with its exits is one.
    """
    totals = book.totals
    equity = None if totals.balance is None else totals.balance.equity
    same = [t for t in book.trades.values() if symbol is not None and t.symbol == symbol]
    exposure = sum((trade.exposure for trade in same), ZERO)
    cap = None if equity is None else EXACT.multiply(policy.symbol_exposure_max, equity)
    return {
        "portfolio": {
            "gross_exposure": _share(totals.gross_exposure, equity) if equity else None,
            "same_asset_pct": _share(exposure, equity) if equity else None,
            "open_positions_count": sum(1 for trade in book.trades.values() if trade.held > ZERO),
        },
        "risk_limits": {
            "max_drawdown_pct": Decimal(policy.drawdown_max),
            "max_orders_global": policy.open_trades_max,
            "max_orders_per_symbol": 1 if policy.one_trade_per_symbol else policy.open_trades_max,
            "max_position_size_usd": cap,
        },
        "env_stats": {
            "global_drawdown_pct": _drawdown(book),
            "open_orders_global": len(book.trades),
            "open_orders_symbol": len(same),
            "available_capital_usd": None if totals.balance is None else Decimal(totals.balance.free),
        },
    }


def protected_ratio(book: Book) -> Decimal | None:
    """The share of what is held, by cost, that live stops cover; None when nothing is held."""
    held = covered = ZERO
    for trade in book.trades.values():
        if trade.held > ZERO:
            held += trade.exposure
            covered += trade.exposure if trade.is_covered else ZERO
    return _share(covered, held) if held else None


def counters(book: Book) -> dict[str, Plain]:
    """What has happened since the journal began."""
    ended = book.counted("trade")
    in_market = sum(1 for trade in book.trades.values() if trade.entry.executed)
    success, failed = ended.get("success", 0) + in_market, ended.get("failed", 0)
    return {
        "trades_total": success + failed + len(book.trades) - in_market,
        "trades_success": success,
        "trades_failed": failed,
        "total_volume_usdt": book.totals.volume,
        "fees_usdt": book.totals.fees,
        "signals": dict(book.counted("outcome")),
        "refusals": dict(book.counted("refusal")),
        "orders": dict(book.counted("order")),
        "open_positions": sum(1 for trade in book.trades.values() if trade.held > ZERO),
        "unknown_orders": sum(
            1 for trade in book.trades.values() for o in trade.orders if o.state is OrderState.UNKNOWN
        ),
    }
