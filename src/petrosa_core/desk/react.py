"""The machine's one entrance: which part of the desk takes which input."""

from petrosa_core.audit.entries import DayBegun, JournalOpened, LeadershipTaken, RequestAnswered
from petrosa_core.desk.book import Book
from petrosa_core.desk.control import cancel_order, close_trade, set_state
from petrosa_core.desk.hearing import answered, balance_told, cancel_answered, instruments_told, looked_up, told
from petrosa_core.desk.inputs import (
    AccountLookedUp,
    BalanceTold,
    BrokenArrived,
    CancelAsked,
    CancelSettled,
    CloseAsked,
    Input,
    InstrumentsLookedUp,
    OrderLookedUp,
    OrderTold,
    RequestSettled,
    SignalArrived,
    StateAsked,
    TakenOver,
    Ticked,
)
from petrosa_core.desk.intake import dead_letter, judge_signal
from petrosa_core.desk.reconciling import reconcile
from petrosa_core.desk.step import Rules, Step, Stepped
from petrosa_core.execution import OrderState, Unanswered
from petrosa_core.values import SignalId, utc_day


def step(book: Book, given: Input, rules: Rules, attend: tuple[SignalId, ...] = ()) -> Stepped:
    """Step the book by one input. ``attend`` names the trades that a tick shall look after.

    The book is changed: it holds the entries that are returned, already folded.
    """
    work = Step(book, rules, given.at, given.stamp)
    _turn_the_day(work)
    match given:
        case SignalArrived():
            return judge_signal(work, given)
        case BrokenArrived():
            return dead_letter(work, given)
        case RequestSettled():
            return answered(work, given)
        case CancelSettled():
            return cancel_answered(work, given)
        case OrderTold():
            return told(work, given)
        case OrderLookedUp():
            return looked_up(work, given)
        case BalanceTold():
            return balance_told(work, given)
        case AccountLookedUp():
            return reconcile(work, given)
        case InstrumentsLookedUp():
            return instruments_told(work, given)
        case Ticked():
            for signal_id in attend:
                work.care(signal_id)
            return work.done()
        case TakenOver():
            return _take_over(work, given)
        case StateAsked():
            return set_state(work, given)
        case CloseAsked():
            return close_trade(work, given)
        case CancelAsked():
            return cancel_order(work, given)


def _turn_the_day(work: Step) -> None:
    totals = work.book.totals
    day = utc_day(work.at)
    if totals.opened and totals.balance is not None and day > totals.day:
        work.emit(DayBegun(day=day, equity=totals.balance.equity, at=work.at))


def _take_over(work: Step, given: TakenOver) -> Stepped:
    """Begin to lead: open the journal if it is new, fence the old leader, and hold what was on its way for unanswered."""
    if not work.book.totals.opened:
        work.emit(JournalOpened(account=given.account, market=given.market, mode=given.mode, at=given.at))
    work.emit(LeadershipTaken(replica=given.replica, build=given.build, settings=given.settings, at=given.at))
    silent = Unanswered(why="the engine was restarted before the answer was written down", at=given.at)
    for trade in work.book.open_trades():
        for order in trade.orders:
            if order.state is OrderState.INTENDED:
                work.emit(
                    RequestAnswered(
                        signal_id=trade.signal_id,
                        client_order_id=order.client_order_id,
                        outcome=silent,
                        at=given.at,
                    )
                )
        work.care(trade.signal_id)
    return work.done()
