"""What becomes of a message: exactly one verdict, and a repetition is answered from the record."""

from decimal import Decimal

import attrs
import pytest
from tests.support.decisions import NOW, a_policy, a_signal, a_spot_instrument, an_instrument
from tests.support.desk import Desk, code, commanded, written

from petrosa_core.audit.entries import EntryIntended, MessageDeadLettered, SignalJudged, SignalRepeated
from petrosa_core.decision import Outcome, TradingState
from petrosa_core.desk import Send
from petrosa_core.desk.inputs import InstrumentsLookedUp
from petrosa_core.desk.step import Stepped
from petrosa_core.signal import Action, Identity
from petrosa_core.values import SECOND, Moment, OrderType, Price, Quantity, StrategyId, Symbol, derive_signal_id

BUY, SELL, HOLD, CLOSE = Action


def last(desk: Desk) -> SignalJudged:
    """The newest verdict in the journal."""
    return next(entry for entry in reversed(desk.entries) if isinstance(entry, SignalJudged))


# --- one verdict ----------------------------------------------------------------------------------------------------


def test_an_accepted_signal_is_written_down_before_its_entry_may_leave():
    """given a good signal, when it arrives, then verdict and write-ahead are one step, and the entry waits for both."""
    desk = Desk()

    stepped = desk.arrive(a_signal())

    assert written(stepped)[-2:] == ["SignalJudged", "EntryIntended"]
    assert commanded(stepped) == ["send when durable: entry buy limit 3 at 100.00 GTC"]
    intended, send = stepped.entries[-1], stepped.commands[0]
    assert isinstance(intended, EntryIntended)
    assert isinstance(send, Send)
    assert (send.submission, send.signed_at, send.recv_window) == (intended.submission, NOW, 5 * SECOND)
    assert (intended.signed_at, intended.recv_window) == (NOW, 5 * SECOND)


def test_the_verdict_names_its_entry_and_its_trade():
    """given an accepted signal, when it is answered, then with the number of the entry and the trade's name."""
    desk = Desk()
    verdict = desk.signal()

    assert verdict.outcome is Outcome.ACCEPTED
    assert verdict.trade_id == verdict.signal_id == desk.trade.signal_id
    assert desk.entries[verdict.seq - 1] is last(desk)
    assert (verdict.replayed, verdict.original, verdict.at) == (False, None, NOW)


def test_the_record_holds_what_it_was_judged_with():
    """given a signal, when it is judged, then quote, balance, health and transport are written beside the verdict."""
    desk = Desk()
    desk.signal(action=BUY, confidence=Decimal("0.1"))
    judged = last(desk)

    assert judged.quote is not None
    assert judged.quote.mark == 100
    assert judged.balance == desk.book.totals.balance
    assert (judged.transport, judged.message_id, judged.received_at, judged.plan) == ("nats", "m-1", NOW, None)


def test_a_denied_signal_says_every_reason_and_sends_nothing():
    """given a signal that is wrong twice, when it is judged, then both reasons are recorded, in order."""
    desk = Desk()
    verdict = desk.signal(confidence=Decimal("0.1"), timestamp=Moment(NOW - 3600 * SECOND))

    assert verdict.outcome is Outcome.DENIED
    assert [reason.code for reason in verdict.reasons] == ["CONFIDENCE_TOO_LOW", "STALE_SIGNAL"]
    assert desk.commands == []
    assert desk.book.trades == {}
    assert desk.book.counted("refusal") == {"CONFIDENCE_TOO_LOW": 1, "STALE_SIGNAL": 1}


def test_what_ails_the_engine_denies_entries():
    """given an engine that is not well, when a signal arrives, then it is denied and the record says why."""
    desk = Desk()
    answer = desk.arrive(a_signal(), unhealthy=("not reconciled",)).answer

    assert answer is not None
    assert last(desk).outcome is Outcome.DENIED
    assert last(desk).unhealthy == ("not reconciled",)


def test_an_account_without_a_balance_takes_no_entry():
    """given a balance that was never read, when a signal arrives, then it is denied: missing is not zero."""
    desk = Desk(opened=False)
    desk.take_over()
    desk.do(InstrumentsLookedUp(instruments=desk.instruments, at=desk.now, stamp=desk.now))

    assert [reason.code for reason in desk.signal().reasons] == ["NO_BALANCE"]


def test_a_hold_is_recorded_and_does_nothing():
    """given a hold, when it arrives, then its verdict is held, whatever else it carries."""
    desk = Desk()
    verdict = desk.signal(action=HOLD, confidence=Decimal(0))

    assert (verdict.outcome, verdict.trade_id) == (Outcome.HELD, None)
    assert desk.commands == []


def test_a_second_entry_on_a_symbol_is_denied_with_the_open_trade():
    """given an open trade, when another signal for its symbol arrives, then it is denied by name."""
    desk = Desk().protected()
    verdict = desk.signal("s-2", strategy_id=StrategyId("other"))

    assert [reason.code for reason in verdict.reasons] == ["TRADE_OPEN_ON_SYMBOL"]


def test_the_limits_see_entries_on_their_way_at_full_size():
    """given an entry without an answer, when another signal comes, then it counts in full and blocks its symbol."""
    desk = Desk(policy=a_policy(one_trade_per_symbol=False))
    desk.signal()
    desk.unanswered("e1")

    assert desk.book.totals.gross_exposure == desk.book.totals.reserved == 300
    assert [reason.code for reason in desk.signal("s-2").reasons] == ["ORDER_UNKNOWN_PENDING"]


def test_another_trade_on_the_symbol_takes_the_whole_position_stop_away_from_the_first():
    """given two trades allowed on a symbol, when the second is entered, then the first one's exits become its own part."""
    desk = Desk(policy=a_policy(one_trade_per_symbol=False)).protected()

    stepped = desk.arrive(a_signal(identities=(Identity("signal_id", "s-2"),), strategy_id=StrategyId("other")))

    assert commanded(stepped)[0].startswith("send when durable: entry buy limit")
    assert commanded(stepped)[1:] == [
        "send: stop sell stop 3 when 98.00 reduce_only on_mark",
        "send: target sell take_profit 3 when 105.00 reduce_only on_mark",
    ]


def test_a_spot_entry_goes_with_its_exits_in_one_list():
    """given a spot account, when a market buy is accepted, then one list with entry, target and stop is written."""
    desk = Desk([a_spot_instrument()])

    stepped = desk.arrive(a_signal(order_type=OrderType.MARKET))

    assert commanded(stepped)[0].startswith("send when durable: opoco[entry buy limit")
    assert len(desk.trade.orders) == 3


# --- the same again -------------------------------------------------------------------------------------------------


def test_the_same_signal_again_is_a_duplicate_with_the_first_answer():
    """given a judged signal, when it comes again, then it is recorded as a duplicate and answered from the record."""
    desk = Desk()
    first = desk.signal()
    again = desk.signal()

    assert (again.outcome, again.original, again.replayed) == (Outcome.DUPLICATE, Outcome.ACCEPTED, True)
    assert (again.signal_id, again.trade_id) == (first.signal_id, first.trade_id)
    assert isinstance(desk.entries[again.seq - 1], SignalRepeated)
    assert len(desk.book.trades) == 1
    assert desk.book.counted("outcome") == {"accepted": 1, "duplicate": 1}


def test_a_denial_is_repeated_with_its_codes():
    """given a denied signal, when it comes again, then the same codes are answered."""
    desk = Desk()
    desk.signal(confidence=Decimal("0.1"))
    again = desk.signal(confidence=Decimal("0.1"))

    assert (again.outcome, again.original) == (Outcome.DUPLICATE, Outcome.DENIED)
    assert [(reason.code, reason.message) for reason in again.reasons] == [
        ("CONFIDENCE_TOO_LOW", "as recorded when it was judged")
    ]


def test_a_redelivery_is_answered_from_the_record_and_not_recorded():
    """given a verdict whose acknowledgement was lost, when the message comes again, then it has its one verdict."""
    desk = Desk()
    first = desk.signal()

    stepped = desk.arrive(a_signal(identities=(Identity("signal_id", "s-1"),)), redelivered=True)

    assert stepped.entries == ()
    assert stepped.commands == ()
    answer = stepped.answer
    assert answer == attrs.evolve(first, replayed=True, original=Outcome.ACCEPTED)


def test_a_redelivery_of_what_was_never_judged_is_judged():
    """given a crash before the verdict, when the message is delivered again, then it gets its verdict."""
    desk = Desk()
    desk.arrive(a_signal(), redelivered=True)

    assert last(desk).outcome is Outcome.ACCEPTED


def test_any_of_its_ids_makes_it_the_same_signal():
    """given a signal with two ids, when it comes with one of them and a new one, then it is known by all three."""
    desk = Desk()
    two = (Identity("Nats-Msg-Id", "m"), Identity("signal_id", "s"))
    desk.arrive(a_signal(identities=two))
    other = (Identity("signal_id", "s"), Identity("id", "i"))

    desk.arrive(a_signal(identities=other))

    repeated = desk.entries[-1]
    assert isinstance(repeated, SignalRepeated)
    assert repeated.aliases == (Identity("id", "i").key(StrategyId("momentum")),)
    desk.arrive(a_signal(identities=(Identity("id", "i"),)))
    assert isinstance(desk.entries[-1], SignalRepeated)


def test_an_id_belongs_to_its_strategy():
    """given two strategies that count their signals alike, when both send number one, then they are two signals."""
    desk = Desk()
    desk.signal()

    assert desk.signal(strategy_id=StrategyId("other")).outcome is Outcome.DENIED
    assert desk.book.counted("outcome") == {"accepted": 1, "denied": 1}


def test_an_id_with_other_trading_fields_is_refused():
    """given a judged signal, when its id comes with another price, then it is refused, and the first stays known."""
    desk = Desk()
    first = desk.signal()
    verdict = desk.signal(price=Price(99))

    assert verdict.outcome is Outcome.DENIED
    assert [(reason.code, reason.value, reason.limit) for reason in verdict.reasons] == [
        ("IDENTITY_REUSED", "signal_id=s-1", f"entry {first.seq}")
    ]
    assert desk.signal().original is Outcome.ACCEPTED


def test_ids_are_forgotten_after_thirty_days():
    """given a signal of 30 days ago, when a day begins after that, then its id is free; a day before, it was not."""
    desk = Desk()
    desk.signal("old", action=HOLD)
    desk.wait(29 * 86_400)
    assert desk.signal("old", action=HOLD, timestamp=NOW).outcome is Outcome.DUPLICATE

    desk.wait(2 * 86_400)

    assert desk.signal("old", action=HOLD, timestamp=NOW).outcome is Outcome.HELD


# --- what is no signal ----------------------------------------------------------------------------------------------


def test_what_is_no_signal_is_kept_whole():
    """given bytes that are no signal, when they arrive, then every byte is written down with the reason."""
    desk = Desk()
    verdict = desk.broken()

    assert (verdict.outcome, verdict.signal_id, verdict.replayed) == (Outcome.MALFORMED, None, False)
    assert [(reason.code, reason.message, reason.value) for reason in verdict.reasons] == [("NOT_JSON", "no JSON", "x")]
    letter = desk.entries[verdict.seq - 1]
    assert isinstance(letter, MessageDeadLettered)
    assert (letter.raw, letter.field, letter.subject, letter.message_id) == (b"\xff{", "price", "signals.x", "m")
    assert desk.book.counted("outcome") == {"malformed": 1}


def test_a_dead_letter_that_is_delivered_again_is_answered_from_the_record():
    """given a dead letter, when its message is delivered again, then nothing more is written."""
    desk = Desk()
    first = desk.broken()
    count = len(desk.entries)
    again = desk.broken(redelivered=True)

    assert len(desk.entries) == count
    assert (again.outcome, again.seq, again.replayed, again.reasons) == (
        Outcome.MALFORMED,
        first.seq,
        True,
        first.reasons,
    )


def test_a_dead_letter_is_known_by_its_transports_name_alone():
    """given a dead letter, when its name comes again unmarked, then it is the same; under another name, it is another."""
    desk = Desk()
    first = desk.broken()

    assert desk.broken().seq == first.seq
    assert desk.broken("another").seq != first.seq
    assert desk.broken("never seen", redelivered=True).replayed is False


# --- close ----------------------------------------------------------------------------------------------------------


def a_close(desk: Desk, name: str = "c-1", **changes: object) -> Stepped:
    """A close of the strategy's trade comes in."""
    said = {
        "action": CLOSE,
        "confidence": Decimal(0),
        "timestamp": desk.now,
        "identities": (Identity("signal_id", name),),
    }
    return desk.arrive(a_signal(**(said | changes)))


def test_a_close_skips_the_entry_gates():
    """given a halted account, when a close without confidence arrives, then the trade is closed at once."""
    desk = Desk().protected()
    desk.set_state(TradingState.HALTED)

    stepped = a_close(desk)

    assert commanded(stepped) == ["send: close sell market 3 reduce_only"]
    assert (last(desk).outcome, last(desk).trade_id) == (Outcome.CLOSING, desk.trade.signal_id)
    assert desk.trade.closing is not None
    assert desk.trade.closing.why == "signal"
    assert desk.trade.closing.actor.startswith("signal:sg-")


def test_a_close_without_a_trade_has_nothing_to_close():
    """given no trade, when a close arrives, then it says so; another strategy's or symbol's trade is none."""
    desk = Desk().protected()

    for changes in ({"strategy_id": StrategyId("other")}, {"symbol": Symbol("XYZUSDT")}):
        a_close(desk, str(changes), **changes)
        assert last(desk).outcome is Outcome.NOTHING_TO_CLOSE


def test_a_close_does_not_touch_a_later_trade():
    """given a trade of a signal at t, when a close of a moment before arrives, then nothing; of the same moment, it closes."""
    desk = Desk().protected(timestamp=NOW)
    a_close(desk, "early", timestamp=Moment(NOW - 1))
    assert last(desk).outcome is Outcome.NOTHING_TO_CLOSE

    a_close(desk, "same", timestamp=NOW)

    assert last(desk).outcome is Outcome.CLOSING


def test_closing_twice_is_a_duplicate():
    """given a trade that is closing, when another close arrives, then it is answered as a duplicate, and sends nothing."""
    desk = Desk().protected()
    a_close(desk, "c-1")

    stepped = a_close(desk, "c-2")

    assert stepped.commands == ()
    assert (last(desk).outcome, last(desk).trade_id) == (Outcome.DUPLICATE, desk.trade.signal_id)


@pytest.mark.parametrize(
    ("quantity", "sent"),
    [
        ("1", "1"),
        ("1.0009", "1"),
        ("2.9999", "2.999"),
        ("3", "3"),
        ("7", "3"),
        ("0.0001", "3"),
    ],
)
def test_a_close_with_a_quantity_closes_at_most_that_much(quantity: str, sent: str):
    """given 3 held, when so much is to be closed, then it is floored to the step; what cannot be told apart closes all."""
    desk = Desk().protected()

    assert commanded(a_close(desk, quantity=Quantity(quantity))) == [f"send: close sell market {sent} reduce_only"]


def test_a_part_whose_rest_could_not_be_sold_closes_all():
    """given a venue that sells no less than 1, when 2.5 of 3 are to be closed, then all of it is."""
    desk = Desk([an_instrument(quantity_min=Decimal(1))]).protected()

    assert commanded(a_close(desk, quantity=Quantity("2.5"))) == ["send: close sell market 3 reduce_only"]
    assert desk.trade.leaving


def test_a_close_of_a_resting_entry_cancels_it():
    """given an entry that rests, when a close with any quantity arrives, then the entry is cancelled."""
    desk = Desk()
    desk.signal()
    desk.accepted("e1")

    assert commanded(a_close(desk, quantity=Quantity(1))) == ["cancel e1"]


def test_an_unanswered_entry_is_closed_when_it_appears():
    """given an entry without an answer, when a close arrives, then nothing is sent yet; when it has filled, it is sold."""
    desk = Desk()
    desk.signal()
    desk.unanswered("e1")
    assert a_close(desk).commands == ()

    assert "send: close sell market 3 reduce_only" in commanded(desk.filled("e1"))


def test_a_spot_sell_of_what_the_strategy_holds_is_its_close():
    """given a spot holding, when its strategy says sell, then it is closed; spot cannot go short."""
    desk = Desk([a_spot_instrument(opoco_allowed=False)])
    desk.signal()
    desk.accepted("e1").filled("e1")
    desk.accepted("l1")

    stepped = desk.arrive(a_signal(action=SELL, identities=(Identity("signal_id", "out"),)))

    assert last(desk).outcome is Outcome.CLOSING
    assert commanded(stepped) == ["cancel t1"]


def test_a_spot_sell_of_nothing_is_denied():
    """given no holding of that strategy, when it says sell on spot, then it is denied as a short."""
    desk = Desk([a_spot_instrument()])

    verdict = desk.signal(action=SELL)

    assert "SHORT_ON_SPOT" in [reason.code for reason in verdict.reasons]


def test_a_futures_sell_is_an_entry():
    """given a futures account, when a strategy says sell, then it goes short."""
    desk = Desk()

    stepped = desk.arrive(a_signal(action=SELL))

    assert commanded(stepped) == ["send when durable: entry sell limit 3 at 100.00 GTC"]


def test_a_closed_trade_can_be_followed_by_another():
    """given a trade that was closed by a signal, when the strategy buys again, then it is accepted."""
    desk = Desk().protected()
    a_close(desk)
    desk.accepted("x1").filled("x1", price="101")
    desk.cancelled("s1", "t1")
    assert code(desk.close()) == "NOT_OPEN"

    assert desk.wait(60).signal("s-2").outcome is Outcome.ACCEPTED


def test_a_message_is_registered_under_its_transport():
    """given a dead letter, when its key is looked up, then it is derived from transport and message, not from a strategy."""
    desk = Desk()
    desk.broken("seq-7")

    assert derive_signal_id("", "nats", "seq-7") in desk.book.signals
