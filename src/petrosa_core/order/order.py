"""One order as we mean it, in the exchange's terms but in no exchange's dialect."""

from typing import TypeAlias

import attrs

from petrosa_core.values import ClientOrderId, Leg, OrderType, Price, Quantity, Side, Symbol, TimeInForce, Word


@attrs.frozen(kw_only=True)
class TradeOrder:
    """An order that may be sent once under its client id.

    ``quantity`` is None only with ``close_position`` (USD-M: whatever the position is), and in the exits of an OPOCO list
    (spot: whatever the entry received). Triggers of exits watch the mark price on USD-M (``on_mark``), else the last price.

    Raises ValueError when the fields do not make an order of its type.
    """

    client_order_id: ClientOrderId
    leg: Leg
    symbol: Symbol
    side: Side
    type: OrderType
    quantity: Quantity | None
    price: Price | None = None
    trigger_price: Price | None = None
    time_in_force: TimeInForce | None = None
    reduce_only: bool = False
    close_position: bool = False
    on_mark: bool = False

    def __attrs_post_init__(self) -> None:
        """Hold the fields to the type's rule (Binance: mandatory parameters by order type)."""
        if (self.price is not None) != self.type.has_price:
            raise ValueError(
                f"price: {self.type} {'needs one' if self.type.has_price else 'has none'}, was {self.price}"
            )
        if (self.trigger_price is not None) != self.type.has_trigger:
            needs = "needs one" if self.type.has_trigger else "has none"
            raise ValueError(f"trigger_price: {self.type} {needs}, was {self.trigger_price}")
        if self.type.has_price and self.time_in_force is None:
            raise ValueError(f"time_in_force: {self.type} needs one")
        if self.close_position and (self.quantity is not None or self.reduce_only):
            raise ValueError("close_position: goes without quantity and reduce_only")

    @property
    def reduces(self) -> bool:
        """Whether the venue itself guarantees that it can only shrink a position."""
        return self.reduce_only or self.close_position


class ListKind(Word):
    """Binance spot order lists. OTOCO: entry, then both exits. OPOCO: the same, exits sized by what was received."""

    OCO = "oco"
    OTOCO = "otoco"
    OPOCO = "opoco"


@attrs.frozen(kw_only=True)
class OrderList:
    """Orders that the venue ties together. ``working`` is None for an OCO."""

    client_order_id: ClientOrderId
    kind: ListKind
    working: TradeOrder | None
    target: TradeOrder
    stop: TradeOrder

    def __attrs_post_init__(self) -> None:
        """Only the lists with an entry have a working order."""
        if (self.working is None) != (self.kind is ListKind.OCO):
            raise ValueError(f"working: {self.kind} {'has none' if self.kind is ListKind.OCO else 'needs one'}")

    @property
    def symbol(self) -> Symbol:
        """The one symbol that all legs share."""
        return self.stop.symbol

    @property
    def orders(self) -> tuple[TradeOrder, ...]:
        """All legs, the working one first."""
        legs = (self.target, self.stop)
        return legs if self.working is None else (self.working, *legs)


Submission: TypeAlias = TradeOrder | OrderList
