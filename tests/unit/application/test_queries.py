"""What is answered about an account."""

from tests.support.desk import Desk

from petrosa_core.application.queries import governor_state
from petrosa_core.decision import RiskPolicy
from petrosa_core.values import Symbol

ABC, OTHER = Symbol("ABCUSDT"), Symbol("XYZUSDT")


def environment(desk: Desk, symbol: Symbol) -> tuple[object, object]:
    """What the governor is told of open orders: all together, and on the symbol."""
    told = governor_state(desk.book, RiskPolicy(), symbol)["env_stats"]
    assert isinstance(told, dict)
    return told["open_orders_global"], told["open_orders_symbol"]


def test_the_governor_counts_open_orders_as_it_limits_them():
    """given a protected trade, when the governor asks, then entry, stop and target are one order: its limits count trades."""
    desk = Desk()
    assert environment(desk, ABC) == (0, 0)

    desk.protected()

    assert len([order for trade in desk.book.trades.values() for order in trade.orders if order.may_live]) > 1
    assert environment(desk, ABC) == (1, 1)
    assert environment(desk, OTHER) == (1, 0)
