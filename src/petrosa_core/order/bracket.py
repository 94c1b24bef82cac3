"""From a plan to its orders: the entry, the stop, the target, the close. Prices become legal here and nowhere later.

1. Only an approval becomes an entry.
2. A native list is anchored to the entry's worst admissible price, because the venue arms it before we know the fill;
   exits that are sent after the fill are anchored to the average fill.
3. Client ids are derived, never drawn: (account, signal, leg, attempt).
"""

from decimal import Decimal

import attrs

from petrosa_core.decision import STOP_LIMIT_ROOM, Approved, Plan
from petrosa_core.order.order import ListKind, OrderList, Submission, TradeOrder
from petrosa_core.values import (
    AccountId,
    ClientOrderId,
    Instrument,
    Leg,
    Market,
    OrderType,
    Price,
    Quantity,
    Side,
    SignalId,
    TimeInForce,
    client_order_id,
)


@attrs.frozen(kw_only=True)
class Ticket:
    """Whose order it is and what it follows: everything that exits need besides a quantity."""

    account: AccountId
    signal_id: SignalId
    plan: Plan
    instrument: Instrument

    @property
    def exit_side(self) -> Side:
        """The side that closes the position."""
        return self.plan.side.opposite

    def name(self, leg: Leg, attempt: int) -> ClientOrderId:
        """The client id of one attempt at one leg."""
        return client_order_id(self.account, self.signal_id, leg, attempt)


def entry_submission(approved: Approved, account: AccountId, signal_id: SignalId, instrument: Instrument) -> Submission:
    """What is sent to enter: on spot a list that arms the exits itself wherever the venue allows, else the plain order."""
    ticket = Ticket(account=account, signal_id=signal_id, plan=approved.plan, instrument=instrument)
    if instrument.market is Market.SPOT and instrument.opoco_allowed and _fits_a_list(approved.plan):
        return _entry_list(ticket)
    return _entry_order(ticket)


def _fits_a_list(plan: Plan) -> bool:
    # Binance: the working leg of OTOCO and OPOCO is LIMIT or LIMIT_MAKER; OPOCO sells what a buy received.
    return plan.side is Side.BUY and plan.order_type in {OrderType.MARKET, OrderType.LIMIT}


def _entry_order(ticket: Ticket) -> TradeOrder:
    plan = ticket.plan
    return TradeOrder(
        client_order_id=ticket.name(Leg.ENTRY, 1),
        leg=Leg.ENTRY,
        symbol=plan.symbol,
        side=plan.side,
        type=plan.order_type,
        quantity=plan.quantity,
        price=plan.price,
        trigger_price=plan.trigger_price,
        time_in_force=plan.time_in_force if plan.order_type.has_price else None,
    )


def _entry_list(ticket: Ticket) -> OrderList:
    plan = ticket.plan
    marketable = plan.order_type is OrderType.MARKET
    working = TradeOrder(
        client_order_id=ticket.name(Leg.ENTRY, 1),
        leg=Leg.ENTRY,
        symbol=plan.symbol,
        side=plan.side,
        type=OrderType.LIMIT,
        quantity=plan.quantity,
        price=plan.worst_price if marketable else plan.price,
        time_in_force=TimeInForce.FOK if marketable else plan.time_in_force,
    )
    anchor = plan.worst_price
    return OrderList(
        client_order_id=ticket.name(Leg.LIST, 1),
        kind=ListKind.OPOCO,
        working=working,
        target=_spot_target(ticket, 1, None, anchor),
        stop=_spot_stop(ticket, 1, None, anchor),
    )


def stop_order(ticket: Ticket, attempt: int, quantity: Quantity | None, anchor: Decimal) -> TradeOrder:
    """A USD-M stop: a market order when the mark reaches the level; the whole position when ``quantity`` is None."""
    return _conditional(ticket, Leg.STOP, attempt, quantity, stop_level(ticket, anchor))


def target_order(ticket: Ticket, attempt: int, quantity: Quantity | None, anchor: Decimal) -> TradeOrder:
    """A USD-M target: a market order when the mark reaches the level; the whole position when ``quantity`` is None."""
    return _conditional(ticket, Leg.TARGET, attempt, quantity, target_level(ticket, anchor))


def stop_level(ticket: Ticket, anchor: Decimal) -> Price:
    """Where the stop goes for a position entered at ``anchor``."""
    level = ticket.plan.stop.legal_level(anchor, ticket.plan.side, ticket.instrument, losing=True)
    return ticket.plan.stop_price if level == ticket.plan.stop_price else level


def target_level(ticket: Ticket, anchor: Decimal) -> Price:
    """Where the target goes for a position entered at ``anchor``."""
    level = ticket.plan.target.legal_level(anchor, ticket.plan.side, ticket.instrument, losing=False)
    return ticket.plan.target_price if level == ticket.plan.target_price else level


def _conditional(ticket: Ticket, leg: Leg, attempt: int, quantity: Quantity | None, trigger: Price) -> TradeOrder:
    return TradeOrder(
        client_order_id=ticket.name(leg, attempt),
        leg=leg,
        symbol=ticket.plan.symbol,
        side=ticket.exit_side,
        type=OrderType.STOP if leg is Leg.STOP else OrderType.TAKE_PROFIT,
        quantity=quantity,
        trigger_price=trigger,
        reduce_only=quantity is not None,
        close_position=quantity is None,
        on_mark=True,
    )


def close_order(ticket: Ticket, attempt: int, quantity: Quantity) -> TradeOrder:
    """Out at the market; on USD-M it can only reduce."""
    return TradeOrder(
        client_order_id=ticket.name(Leg.CLOSE, attempt),
        leg=Leg.CLOSE,
        symbol=ticket.plan.symbol,
        side=ticket.exit_side,
        type=OrderType.MARKET,
        quantity=quantity,
        reduce_only=ticket.instrument.market is Market.USDM,
    )


def exit_list(ticket: Ticket, attempt: int, quantity: Quantity, anchor: Decimal) -> OrderList:
    """A spot OCO over what was received: the target above, the stop below; the balance is locked once."""
    return OrderList(
        client_order_id=ticket.name(Leg.LIST, attempt),
        kind=ListKind.OCO,
        working=None,
        target=_spot_target(ticket, attempt, quantity, anchor),
        stop=_spot_stop(ticket, attempt, quantity, anchor),
    )


def _spot_target(ticket: Ticket, attempt: int, quantity: Quantity | None, anchor: Decimal) -> TradeOrder:
    return TradeOrder(
        client_order_id=ticket.name(Leg.TARGET, attempt),
        leg=Leg.TARGET,
        symbol=ticket.plan.symbol,
        side=ticket.exit_side,
        type=OrderType.LIMIT,
        quantity=quantity,
        price=target_level(ticket, anchor),
        time_in_force=TimeInForce.GTX,
    )


def _spot_stop(ticket: Ticket, attempt: int, quantity: Quantity | None, anchor: Decimal) -> TradeOrder:
    level = stop_level(ticket, anchor)
    plain = OrderType.STOP in ticket.instrument.order_types
    price = None if plain else Price(ticket.instrument.floor_price(level * (1 - STOP_LIMIT_ROOM)))
    return TradeOrder(
        client_order_id=ticket.name(Leg.STOP, attempt),
        leg=Leg.STOP,
        symbol=ticket.plan.symbol,
        side=ticket.exit_side,
        type=OrderType.STOP if plain else OrderType.STOP_LIMIT,
        quantity=quantity,
        price=price,
        trigger_price=level,
        time_in_force=None if plain else TimeInForce.GTC,
    )
