"""What differs between exchanges, or between tests, and is no property of a symbol."""

from decimal import Decimal

import attrs

from petrosa_core.values import Ratio


@attrs.frozen(kw_only=True)
class Rules:
    """How this exchange behaves.

    ``leverage`` is the isolated leverage of every USD-M position (1 or more); ``maintenance`` the fraction of a position's
    value below which its margin may not fall. ``depth`` is how many base units may be taken at each price update and side,
    None for any number. ``algo_orders_max`` bounds the open conditional orders of a USD-M account over all symbols.
    ``history`` is how many finished orders can still be read. ``closing_orders_expire`` ends ``closePosition`` orders with
    the position that they would close, as Binance's GTE_GTC does.
    """

    leverage: Decimal = Decimal(3)
    maintenance: Ratio = Ratio("0.025")
    depth: Decimal | None = None
    algo_orders_max: int = 200
    history: int = 10_000
    closing_orders_expire: bool = True

    def __attrs_post_init__(self) -> None:
        """Refuse what no exchange offers."""
        if self.leverage < 1:
            raise ValueError(f"leverage: 1 or more, was {self.leverage}")
        if self.depth is not None and self.depth <= 0:
            raise ValueError(f"depth: above zero, or None for any, was {self.depth}")
