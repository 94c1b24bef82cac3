"""Every refusal has Binance's code, and changes nothing."""

from decimal import Decimal
from typing import Any

import attrs
import pytest
from tests.unit.matching.pit import BUY, FOK, GTX, SELL, Pit

from petrosa_core.audit import digest
from petrosa_core.matching import Ground, Rules, Submit, refusal
from petrosa_core.order import ListKind, Submission
from petrosa_core.values import MINUTE, SECOND, Market, OrderType, Ratio, Symbol

SPOT, USDM = Market.SPOT, Market.USDM
BOTH = pytest.mark.parametrize("market", [SPOT, USDM])


def refused(pit: Pit, submission: Submission) -> tuple[int, str]:
    """Code and text of the refusal; what is refused must leave no trace."""
    before = digest(pit.exchange.state())
    answer = pit.send(submission)

    assert answer.refusal is not None, "it was accepted"
    assert answer.events == ()
    assert digest(pit.exchange.state()) == before
    return answer.refusal.code, answer.refusal.message


@BOTH
@pytest.mark.parametrize(
    ("lag", "window", "code"),
    [
        (5 * SECOND + 1, 5 * SECOND, -1021),
        (-SECOND, 5 * SECOND, -1021),
        (0, MINUTE + 1, -1131),
    ],
    ids=["too late", "a second ahead", "window too large"],
)
def test_a_request_outside_its_window_is_refused(market: Market, lag: int, window: int, code: int):
    """given a signature and its window, when it arrives too late or too early, then nothing is executed."""
    pit = Pit(market)
    at = pit.tick()
    answer = pit.exchange.apply(
        Submit(submission=pit.order(BUY, "1"), signed_at=type(at)(at - lag), recv_window=window, at=at)
    )

    assert answer.refusal is not None
    assert answer.refusal.code == code
    assert pit.amount == 0


@BOTH
@pytest.mark.parametrize("lag", [5 * SECOND, -SECOND + 1], ids=["at the last moment", "just less than a second ahead"])
def test_a_request_at_the_edge_of_its_window_is_taken(market: Market, lag: int):
    """given a signature and its window, when it arrives at either edge, then it is executed."""
    pit = Pit(market)
    at = pit.tick()
    answer = pit.exchange.apply(
        Submit(submission=pit.order(BUY, "1"), signed_at=type(at)(at - lag), recv_window=5 * SECOND, at=at)
    )

    assert answer.refusal is None


@BOTH
def test_an_unknown_symbol_is_refused(market: Market):
    """given one symbol, when an order names another, then it is -1121."""
    pit = Pit(market)

    assert refused(pit, pit.order(BUY, "1", symbol=Symbol("ETHUSDT")))[0] == -1121


@pytest.mark.parametrize(("market", "code"), [(SPOT, -2010), (USDM, -4140)])
def test_a_symbol_that_does_not_trade_is_refused(market: Market, code: int):
    """given a halted symbol, when an order comes, then the market is closed."""
    pit = Pit(market, trading=False)

    assert refused(pit, pit.order(BUY, "1"))[0] == code


@BOTH
def test_a_symbol_without_a_price_takes_no_order(market: Market):
    """given no price yet, when an order comes, then there is nobody to trade with."""
    pit = Pit(market, price=None)

    assert refused(pit, pit.order(BUY, "1"))[0] == -1112


@pytest.mark.parametrize(("market", "code"), [(SPOT, -1100), (USDM, -4015)])
@pytest.mark.parametrize("name", ["", "a" * 37, "a.b", "a b", "é"])
def test_a_client_id_outside_the_alphabet_is_refused(market: Market, code: int, name: str):
    """given the alphabet of client ids, when one is outside it or too long, then it is refused."""
    pit = Pit(market)

    assert refused(pit, pit.order(BUY, "1", client_order_id=name))[0] == code


@pytest.mark.parametrize(
    ("market", "code", "text"), [(SPOT, -2010, "Duplicate order sent."), (USDM, -4116, "ClientOrderId is duplicated.")]
)
def test_the_id_of_an_open_order_is_refused_and_free_again_afterwards(market: Market, code: int, text: str):
    """given a resting order, when its id comes again, then it is a duplicate; once the order is done, it is not."""
    pit = Pit(market)
    first = pit.limit(BUY, "1", "99")
    pit.send(first)

    assert refused(pit, first) == (code, text)
    assert refusal(market, Ground.DUPLICATE).duplicate

    pit.cancel(first.client_order_id)

    assert pit.send(first).refusal is None


@BOTH
def test_an_order_type_that_the_symbol_does_not_have_is_refused(market: Market):
    """given a symbol without stops, when a stop comes, then it is -1116."""
    pit = Pit(market, order_types=frozenset({OrderType.MARKET}))

    assert refused(pit, pit.stop(SELL, "1", "90"))[0] == -1116


@pytest.mark.parametrize(
    ("market", "price", "code"),
    [
        (SPOT, "100.05", -1013),
        (SPOT, "100.000000001", -1111),
        (SPOT, "0.05", -1013),
        (SPOT, "1000000.1", -1013),
        (USDM, "100.05", -1111),
        (USDM, "0.05", -4013),
        (USDM, "1000000.1", -4002),
    ],
)
def test_a_price_off_the_grid_is_refused(market: Market, price: str, code: int):
    """given ticks of 0.1 from 0.1 to a million, when a limit is off them, then it is refused and not rounded."""
    pit = Pit(market)

    assert refused(pit, pit.limit(BUY, "1", price))[0] == code


@pytest.mark.parametrize(("market", "code"), [(SPOT, -1013), (USDM, -4014)])
def test_a_price_with_few_digits_can_be_off_the_tick(market: Market, code: int):
    """given ticks of 0.5, when a limit has one decimal and is none of them, then it is the tick that is broken."""
    pit = Pit(market, tick=Decimal("0.5"))

    assert refused(pit, pit.limit(BUY, "1", "99.7"))[0] == code


@BOTH
def test_a_trigger_has_to_be_on_the_tick_too(market: Market):
    """given ticks of 0.1, when a trigger is off them, then the stop is refused."""
    pit = Pit(market)

    assert refused(pit, pit.stop(BUY, "1", "105.05"))[0] in {-1013, -1111}


@pytest.mark.parametrize(
    ("market", "quantity", "code", "text"),
    [
        (SPOT, "0.0005", -1013, "Filter failure: LOT_SIZE"),
        (SPOT, "1000.001", -1013, "Filter failure: LOT_SIZE"),
        (SPOT, "1.0005", -1013, "Filter failure: LOT_SIZE"),
        (SPOT, "1.000000001", -1111, "Parameter has too much precision."),
        (USDM, "0.0005", -4004, "Quantity less than min quantity."),
        (USDM, "1000.001", -4005, "Quantity greater than max quantity."),
        (USDM, "1.0005", -1111, "Precision is over the maximum defined for this asset."),
    ],
)
def test_a_quantity_off_the_lot_is_refused(market: Market, quantity: str, code: int, text: str):
    """given steps of 0.001 up to 1000, when a quantity is off them, then it is refused and not rounded."""
    pit = Pit(market)

    assert refused(pit, pit.limit(BUY, quantity, "100")) == (code, text)


@pytest.mark.parametrize(("market", "code"), [(SPOT, -1013), (USDM, -4023)])
def test_a_quantity_with_few_digits_can_be_off_the_step(market: Market, code: int):
    """given steps of 0.5, when a quantity has one decimal and is none of them, then it is the step that is broken."""
    pit = Pit(market, step=Decimal("0.5"))

    assert refused(pit, pit.limit(BUY, "1.2", "100"))[0] == code


@pytest.mark.parametrize(("market", "code"), [(SPOT, -1013), (USDM, -4005)])
@pytest.mark.parametrize("changes", [{}, {"market_step": Decimal(2)}], ids=["too large", "off its own step"])
def test_a_market_order_has_a_lot_of_its_own(market: Market, code: int, changes: dict[str, Any]):
    """given a market lot, when a market order does not fit it, then it is refused though a limit order would pass."""
    pit = Pit(market, balance="1000000", **changes)

    assert refused(pit, pit.order(BUY, "121"))[0] == code
    assert pit.send(pit.limit(BUY, "121", "100")).refusal is None


@pytest.mark.parametrize("changes", [{}, {"market_step": Decimal("0.002")}], ids=["without", "with a step of its own"])
def test_a_market_order_inside_its_lot_is_taken(changes: dict[str, Any]):
    """given a market lot, when a market order fits it, then it trades."""
    pit = Pit(SPOT, **changes)

    assert pit.send(pit.order(BUY, "1.002")).refusal is None


@pytest.mark.parametrize(
    ("market", "price", "code"), [(SPOT, "121", -1013), (SPOT, "49", -1013), (USDM, "121", -4016), (USDM, "49", -4024)]
)
def test_a_limit_far_from_the_market_is_refused(market: Market, price: str, code: int):
    """given a band of 0.5 to 1.2 for buys, when a limit is outside it, then it is refused."""
    pit = Pit(market, buy_band=(Ratio("0.5"), Ratio("1.2")))

    assert refused(pit, pit.limit(BUY, "1", price))[0] == code
    assert pit.send(pit.limit(BUY, "1", "50")).refusal is None


def test_a_market_order_far_from_the_mark_is_refused():
    """given an ask above the mark's band, when a market buy comes on USD-M, then it is -4131; on spot it trades."""
    band = (Ratio(0), Ratio("1.05"))
    pit = Pit(USDM, buy_band=band)
    pit.price("100", "106", "100")

    assert refused(pit, pit.order(BUY, "1"))[0] == -4131

    spot = Pit(SPOT, buy_band=band)
    spot.price("100", "120", "100")

    assert spot.send(spot.order(BUY, "1")).refusal is None


@pytest.mark.parametrize(("market", "code"), [(SPOT, -1013), (USDM, -4164)])
def test_an_order_worth_too_little_is_refused(market: Market, code: int):
    """given at least 5 quote units, when a limit, a stop or a market order is worth less, then each is refused."""
    pit = Pit(market)

    assert refused(pit, pit.limit(BUY, "0.049", "100"))[0] == code
    assert refused(pit, pit.stop(BUY, "0.045", "110"))[0] == code
    assert refused(pit, pit.order(BUY, "0.049"))[0] == code


def test_a_market_order_may_be_exempt_from_the_minimum():
    """given a minimum that does not apply to market orders, when a small one comes, then it trades."""
    pit = Pit(SPOT, notional_min_for_market=False)

    assert pit.send(pit.order(BUY, "0.049")).refusal is None
    assert refused(pit, pit.limit(BUY, "0.049", "100"))[0] == -1013


@pytest.mark.parametrize(("market", "code"), [(SPOT, -1013), (USDM, -2027)])
def test_an_order_worth_too_much_is_refused(market: Market, code: int):
    """given at most 500 quote units for limits, when one is worth more, then it is refused; a market order is not."""
    pit = Pit(market, notional_max=Decimal(500))

    assert refused(pit, pit.limit(BUY, "6", "100"))[0] == code
    assert pit.send(pit.order(BUY, "6")).refusal is None


def test_what_only_reduces_may_be_worth_little():
    """given a position on USD-M, when a reduce-only order is below the minimum, then it is taken."""
    pit = Pit(USDM)
    pit.send(pit.order(BUY, "1"))

    assert pit.send(pit.order(SELL, "0.001", reduce_only=True)).refusal is None


@pytest.mark.parametrize(("market", "code"), [(SPOT, -1013), (USDM, -2025)])
def test_there_is_a_limit_to_open_orders(market: Market, code: int):
    """given room for two orders, when a third comes, then it is refused."""
    pit = Pit(market, orders_max=2)
    for price in ("98", "99"):
        pit.send(pit.limit(BUY, "1", price))

    assert refused(pit, pit.limit(BUY, "1", "97"))[0] == code


@pytest.mark.parametrize(
    ("market", "code", "text"),
    [(SPOT, -1013, "Filter failure: MAX_NUM_ALGO_ORDERS"), (USDM, -4045, "Reach max stop order limit.")],
)
def test_there_is_a_limit_to_conditional_orders(market: Market, code: int, text: str):
    """given room for one conditional order, when a second comes, then it is refused; a limit order is not."""
    pit = Pit(market, algo_orders_max=1, rules=Rules(algo_orders_max=1))
    pit.send(pit.stop(BUY, "1", "110"))

    assert refused(pit, pit.stop(BUY, "1", "111")) == (code, text)
    assert pit.send(pit.limit(BUY, "1", "90")).refusal is None


@pytest.mark.parametrize(("market", "code"), [(SPOT, -2010), (USDM, -2021)])
@pytest.mark.parametrize(
    ("side", "kind", "trigger"),
    [
        (BUY, OrderType.STOP, "100"),
        (SELL, OrderType.STOP, "100"),
        (BUY, OrderType.TAKE_PROFIT, "100"),
        (SELL, OrderType.TAKE_PROFIT, "100"),
    ],
)
def test_a_trigger_that_is_already_through_is_refused(market: Market, code: int, side, kind, trigger: str):
    """given a price of 100, when any conditional order has its trigger there, then it would trigger at once."""
    pit = Pit(market)
    answer = pit.send(pit.stop(side, "1", trigger, type=kind))

    assert answer.refusal is not None
    assert (answer.refusal.code, answer.refusal.would_trigger) == (code, True)


def test_the_trigger_is_compared_with_the_price_that_it_watches():
    """given a mark of 100 and a last price of 90, when stops at 95 come, then only the one on the mark is too late to be."""
    pit = Pit(USDM)
    pit.price("90", "90", "100")

    assert pit.send(pit.stop(BUY, "1", "95")).refusal is None
    assert refused(pit, pit.stop(BUY, "1", "95", on_mark=True))[0] == -2021


@pytest.mark.parametrize(("market", "code"), [(SPOT, -2010), (USDM, -5022)])
def test_a_maker_only_order_that_would_take_is_refused(market: Market, code: int):
    """given a price of 100, when a post-only buy at 100 comes, then it is refused."""
    pit = Pit(market)

    assert refused(pit, pit.limit(BUY, "1", "100", GTX))[0] == code


def test_fill_or_kill_that_cannot_fill_is_refused_on_usdm():
    """given depth for 5, when a fill-or-kill for 6, or below the market, comes on USD-M, then it is refused."""
    pit = Pit(USDM, rules=Rules(depth=Decimal(5)))

    assert refused(pit, pit.limit(BUY, "6", "100", FOK))[0] == -5021
    assert refused(pit, pit.limit(BUY, "1", "99", FOK))[0] == -5021
    assert pit.send(pit.limit(BUY, "5", "100", FOK)).refusal is None


@pytest.mark.parametrize(("market", "code"), [(SPOT, -2010), (USDM, -2019)])
def test_what_cannot_be_paid_is_refused(market: Market, code: int):
    """given 1000 USDT, when an order needs more, leverage and fee included, then it is refused."""
    pit = Pit(market, balance="1000", rules=Rules(leverage=Decimal(1)))

    assert refused(pit, pit.order(BUY, "10.001"))[0] == code
    assert refused(pit, pit.limit(BUY, "11", "99"))[0] == code


def test_what_is_not_held_cannot_be_sold_on_spot():
    """given no coins, when a sell comes on spot, then it is refused: there are no short positions."""
    pit = Pit(SPOT)

    assert refused(pit, pit.order(SELL, "1"))[0] == -2010


def test_reduce_only_needs_something_to_reduce():
    """given no position, or one the same way, when a reduce-only order comes, then it is -2022."""
    pit = Pit(USDM)

    assert refused(pit, pit.order(SELL, "1", reduce_only=True))[0] == -2022

    pit.send(pit.order(BUY, "1"))

    assert refused(pit, pit.order(BUY, "1", reduce_only=True))[0] == -2022
    assert refused(pit, pit.stop(BUY, "1", "110", reduce_only=True))[0] == -2022


def test_reduce_only_orders_that_rest_claim_the_position():
    """given a resting reduce-only order for the whole position, when another comes, then it is -2022; a stop is not."""
    pit = Pit(USDM)
    pit.send(pit.order(BUY, "1"))
    pit.send(pit.limit(SELL, "1", "110", reduce_only=True))

    assert refused(pit, pit.order(SELL, "1", reduce_only=True))[0] == -2022
    assert pit.send(pit.stop(SELL, "1", "90", reduce_only=True)).refusal is None


def test_close_position_needs_a_position():
    """given no position, when a closePosition stop comes, then it is -4509."""
    pit = Pit(USDM)

    assert refused(pit, pit.stop(SELL, None, "90", close_position=True))[0] == -4509


def test_there_is_one_closing_stop_and_one_closing_target_per_direction():
    """given a closing stop, when a second comes, then it is -4130; a closing target is taken."""
    pit = Pit(USDM)
    pit.send(pit.order(BUY, "1"))
    pit.send(pit.stop(SELL, None, "90", close_position=True))

    assert refused(pit, pit.stop(SELL, None, "91", close_position=True))[0] == -4130

    target = pit.stop(SELL, None, "110", close_position=True, type=OrderType.TAKE_PROFIT)

    assert pit.send(target).refusal is None


def test_close_position_is_for_triggers_at_the_market():
    """given a position, when closePosition comes on a market order, then it is -4136."""
    pit = Pit(USDM)
    pit.send(pit.order(BUY, "1"))

    assert refused(pit, pit.order(SELL, None, close_position=True))[0] == -4136


@pytest.mark.parametrize("changes", [{"reduce_only": True}, {"quantity": None, "close_position": True}])
def test_spot_does_not_know_positions(changes: dict[str, Any]):
    """given spot, when an order says that it only reduces, then the parameter is not understood."""
    pit = Pit(SPOT)
    order = attrs.evolve(pit.stop(SELL, "1", "90"), **changes)

    assert refused(pit, order)[0] == -1104


@BOTH
def test_an_order_without_a_quantity_is_refused(market: Market):
    """given an order that is no closePosition, when it has no quantity, then it is -1102."""
    pit = Pit(market)

    assert refused(pit, pit.order(BUY, None))[0] == -1102


def test_usdm_has_no_order_lists():
    """given USD-M, when a list comes, then there is no such path."""
    pit = Pit(USDM)

    assert refused(pit, pit.oco("1", "110", "90"))[0] == -5000


@pytest.mark.parametrize(
    ("kind", "flag"),
    [(ListKind.OCO, "oco_allowed"), (ListKind.OTOCO, "otoco_allowed"), (ListKind.OPOCO, "opoco_allowed")],
)
def test_a_list_that_the_symbol_does_not_have_is_refused(kind: ListKind, flag: str):
    """given a symbol without one kind of list, when that kind comes, then it is refused."""
    switched_off: dict[str, Any] = {flag: False}
    pit = Pit(SPOT, **switched_off)
    quantity = None if kind is ListKind.OPOCO else "1"
    exits = pit.oco(quantity, "110", "90")
    working = None if kind is ListKind.OCO else pit.limit(BUY, "1", "99")

    assert refused(pit, attrs.evolve(exits, kind=kind, working=working))[0] == -2010


def test_legs_of_a_list_have_their_types():
    """given an OCO, when a leg has a type that lists do not have, then it is -1158; one the symbol lacks is -1116."""
    pit = Pit(SPOT)
    sound = pit.oco("1", "110", "90")

    assert refused(pit, attrs.evolve(sound, stop=pit.limit(SELL, "1", "90")))[0] == -1158
    assert refused(pit, attrs.evolve(sound, target=pit.order(SELL, "1")))[0] == -1158
    assert refused(pit, pit.bracket(ListKind.OTOCO, pit.order(BUY, "1"), "110", "90", "1"))[0] == -1158

    poor = Pit(SPOT, order_types=frozenset({OrderType.LIMIT}))

    assert refused(poor, poor.oco("1", "110", "90"))[0] == -1116


def test_legs_of_a_list_fit_together():
    """given a list, when its legs differ in side, size or symbol, then it is -1014."""
    pit = Pit(SPOT)
    sound = pit.oco("1", "110", "90")
    entry = pit.limit(BUY, "1", "99")

    for broken in (
        attrs.evolve(sound, stop=pit.stop(BUY, "1", "90")),
        attrs.evolve(sound, stop=pit.stop(SELL, "2", "90")),
        attrs.evolve(sound, target=pit.limit(SELL, "1", "110", symbol=Symbol("ETHUSDT"))),
        pit.oco(None, "110", "90"),
        pit.bracket(ListKind.OPOCO, entry, "110", "90", "1"),
        attrs.evolve(sound, kind=ListKind.OTOCO, working=pit.limit(SELL, "1", "99")),
        attrs.evolve(sound, kind=ListKind.OTOCO, working=pit.limit(BUY, None, "99")),
        pit.bracket(ListKind.OPOCO, pit.limit(SELL, "1", "110"), "90", "120"),
    ):
        assert refused(pit, broken)[0] == -1014


def test_legs_of_a_list_do_not_reduce():
    """given spot, when a leg says reduce-only, then the parameter is not understood."""
    pit = Pit(SPOT)
    sound = pit.oco("1", "110", "90")

    assert refused(pit, attrs.evolve(sound, stop=pit.stop(SELL, "1", "90", reduce_only=True)))[0] == -1104


def test_ids_of_a_list_are_its_own():
    """given a list, when two of its ids are one, or one is open already, then it is a duplicate."""
    pit = Pit(SPOT)
    pit.send(pit.order(BUY, "5"))
    sound = pit.oco("1", "110", "90")
    twice = attrs.evolve(sound, client_order_id=sound.stop.client_order_id)

    assert refused(pit, twice) == (-2010, "Duplicate order sent.")

    pit.send(sound)

    assert refused(pit, attrs.evolve(pit.oco("1", "111", "91"), client_order_id=sound.client_order_id))[0] == -2010
    assert refused(pit, pit.limit(BUY, "1", "99", client_order_id=sound.client_order_id))[0] == -2010


def test_a_list_needs_as_many_slots_as_it_has_legs():
    """given room for two orders, when a list of three comes, then it is refused."""
    pit = Pit(SPOT, orders_max=2)

    assert refused(pit, pit.bracket(ListKind.OPOCO, pit.limit(BUY, "1", "99"), "110", "90"))[0] == -1013


@pytest.mark.parametrize(
    ("side", "target", "stop"),
    [(SELL, "99", "90"), (BUY, "101", "110")],
    ids=["target of a sell below", "of a buy above"],
)
def test_the_target_of_a_list_lies_beyond_the_price(side, target: str, stop: str):
    """given a price of 100, when the target lies on the near side of it, then the prices are not related as they must be."""
    pit = Pit(SPOT)
    pit.send(pit.order(BUY, "5"))
    listed = pit.oco("1", target, stop, side)
    listed = attrs.evolve(listed, target=attrs.evolve(listed.target, time_in_force=FOK))

    assert refused(pit, listed)[1] == "The relationship of the prices for the orders is not correct."


def test_the_stop_of_a_list_must_not_be_through():
    """given a price of 100, when the stop of a sell lies at 100, then it would trigger at once."""
    pit = Pit(SPOT)
    answer = pit.send(pit.oco("1", "110", "100"))

    assert answer.refusal is not None
    assert answer.refusal.would_trigger


def test_the_legs_of_a_list_pass_the_filters():
    """given an OCO or an OTOCO, when a leg breaks a filter, then the whole list is refused."""
    pit = Pit(SPOT)

    assert refused(pit, pit.oco("1", "110.05", "90"))[0] == -1013
    assert refused(pit, pit.bracket(ListKind.OTOCO, pit.limit(BUY, "1", "99"), "110.05", "90", "1"))[0] == -1013
    assert refused(pit, pit.bracket(ListKind.OTOCO, pit.limit(BUY, "1", "99"), "110", "90", "0.0005"))[0] == -1013
    assert refused(pit, pit.bracket(ListKind.OPOCO, pit.limit(BUY, "1", "99.05"), "110", "90"))[0] == -1013


def test_a_list_that_cannot_be_paid_is_refused():
    """given no coins and little money, when lists come, then they are refused and leave nothing behind."""
    pit = Pit(SPOT, balance="50")

    assert refused(pit, pit.oco("1", "110", "90"))[0] == -2010
    assert refused(pit, pit.bracket(ListKind.OPOCO, pit.limit(BUY, "1", "99"), "110", "90"))[0] == -2010


@BOTH
def test_a_cancel_of_nothing_is_refused(market: Market):
    """given no such open order, when a cancel comes, then the order is unknown."""
    pit = Pit(market)
    order = pit.limit(BUY, "1", "99")
    pit.send(order)

    for answer in (pit.cancel("nobody"), pit.cancel(order.client_order_id, Symbol("ETHUSDT"))):
        assert answer.refusal is not None
        assert answer.refusal.code == -2011


def test_only_the_clock_is_worth_another_try():
    """given all refusals, when they are asked, then only those of the clock may be sent again."""
    retryable = {ground for ground in Ground if _retryable(ground)}

    assert retryable == {Ground.AHEAD_OF_TIME, Ground.OUTSIDE_WINDOW}


def _retryable(ground: Ground) -> bool:
    try:
        return refusal(USDM, ground).retryable
    except KeyError:
        return refusal(SPOT, ground).retryable


def test_rules_that_no_exchange_has_are_refused():
    """given rules, when leverage is below one or depth is not above zero, then they cannot be made."""
    with pytest.raises(ValueError, match="leverage"):
        Rules(leverage=Decimal("0.5"))
    with pytest.raises(ValueError, match="depth"):
        Rules(depth=Decimal(0))
