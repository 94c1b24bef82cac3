"""Laws of the desk: whatever reaches it, in whatever order, with whatever lost or doubled on the way."""

import json
from decimal import Decimal

import attrs
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from tests.support.account import SYMBOLS, Account

from petrosa_adapters.wire.signals import read_signal
from petrosa_core.audit.entries import Payload, SignalJudged
from petrosa_core.decision import RiskPolicy, TradingState
from petrosa_core.desk import Arrival, Verdict
from petrosa_core.desk.inputs import CancelAsked, CloseAsked, SignalArrived, StateAsked
from petrosa_core.desk.replay import replay
from petrosa_core.execution import Trade
from petrosa_core.signal import Signal
from petrosa_core.values import MILLISECOND, SECOND, ZERO, Leg, Market, Quantity, Ratio, Symbol

symbols = st.sampled_from(SYMBOLS)
strategies = st.sampled_from(["momentum", "reversal"])


class Desk(RuleBasedStateMachine):
    """Signals, people, the market and the network, in any order."""

    account: Account

    @initialize(
        market=st.sampled_from(Market), depth=st.sampled_from([None, Decimal("0.7")]), one_per_symbol=st.booleans()
    )
    def open_the_account(self, market: Market, depth: Decimal | None, one_per_symbol: bool) -> None:
        """Begin flat."""
        self.account = Account(market, depth=depth, one_per_symbol=one_per_symbol)
        self.signals: list[tuple[Signal, Verdict]] = []

    # --- signals -----------------------------------------------------------------------------------------------------

    @rule(
        symbol=symbols,
        strategy=strategies,
        action=st.sampled_from(["buy", "buy", "sell", "close", "hold"]),
        order_type=st.sampled_from(["market", "limit", "limit"]),
        away=st.sampled_from(["-1", "0", "1"]),
        quantity=st.sampled_from(["0.5", "1", "2"]),
    )
    def a_signal(
        self, *, symbol: Symbol, strategy: str, action: str, order_type: str, away: str, quantity: str
    ) -> None:
        """A new signal arrives."""
        account = self.account
        body = {
            "id": f"m-{len(self.signals)}",
            "strategy_id": strategy,
            "symbol": symbol,
            "action": action,
            "order_type": order_type,
            "confidence": "0.8",
            "price": str(account.quote(symbol).mid + Decimal(away)),
            "current_price": str(account.quote(symbol).mid),
            "quantity": quantity,
            "timestamp": account.now // MILLISECOND,
        }
        signal = read_signal(json.dumps(body).encode(), received_at=account.now, fallback=str(body["id"]))
        assert isinstance(signal, Signal)
        self.signals.append((signal, self._receive(signal, redelivered=False)))

    def _receive(self, signal: Signal, *, redelivered: bool) -> Verdict:
        account = self.account
        arrival = Arrival(
            transport="nats",
            message_id=signal.identities[0].value,
            received_at=account.now,
            redelivered=redelivered,
        )
        quote = account.quote(signal.symbol)
        answer = account.take(
            SignalArrived(signal=signal, arrival=arrival, quote=quote, at=account.now, stamp=account.now)
        ).answer
        assert isinstance(answer, Verdict)
        return answer

    @precondition(lambda self: self.signals)
    @rule(data=st.data(), redelivered=st.booleans())
    def a_signal_comes_again(self, data: st.DataObject, redelivered: bool) -> None:
        """A signal that was judged is answered from the record, whatever has happened since."""
        signal, verdict = data.draw(st.sampled_from(self.signals))
        again = self._receive(signal, redelivered=redelivered)
        assert (again.replayed, again.original) == (True, verdict.outcome)

    # --- the network -------------------------------------------------------------------------------------------------

    @precondition(lambda self: self.account.commands)
    @rule(
        data=st.data(),
        arrives=st.sampled_from([True, True, True, False]),
        answered=st.sampled_from([True, True, False]),
    )
    def a_command_goes_out(self, data: st.DataObject, arrives: bool, answered: bool) -> None:
        """Any of those that wait; it, or its answer, may be lost."""
        commands = self.account.commands
        command = commands.pop(data.draw(st.integers(0, len(commands) - 1)))
        self.account.carry_out(command, arrives=arrives, answered=answered)

    @precondition(lambda self: self.account.mail)
    @rule(data=st.data(), fate=st.sampled_from(["heard", "heard", "heard", "twice", "lost"]))
    def a_letter_comes_in(self, data: st.DataObject, fate: str) -> None:
        """Any of those on their way; it may come twice, and what the stream tells may be lost."""
        mail = self.account.mail
        letter = mail.pop(data.draw(st.integers(0, len(mail) - 1)))
        is_event = type(letter).__name__ in {"OrderTold", "BalanceTold"}
        if fate == "lost" and is_event:
            return
        self.account.take(letter)
        if fate == "twice" and is_event:
            self.account.take(letter)

    @rule(seconds=st.sampled_from([0.2, 1, 4, 20]))
    def time_goes_by(self, seconds: float) -> None:
        """And every trade is looked after."""
        self.account.tick(int(seconds * SECOND))

    @rule()
    def the_account_is_read(self) -> None:
        """As it is every now and then."""
        self.account.reconcile()

    @rule()
    def everything_goes_well_for_a_while(self) -> None:
        """Without such times nothing would ever come to be protected."""
        account = self.account
        for _ in range(6):
            commands, account.commands = account.commands, []
            mail, account.mail = account.mail, []
            for command in commands:
                account.carry_out(command)
            for letter in mail:
                account.take(letter)

    # --- the market and the people -----------------------------------------------------------------------------------

    @rule(symbol=symbols, percent=st.sampled_from(["-3", "-1", "-0.5", "0", "0.5", "1", "6"]))
    def the_price_moves(self, symbol: Symbol, percent: str) -> None:
        """Up or down, through limits, stops and targets."""
        price = self.account.quote(symbol).mid * (1 + Decimal(percent) / 100)
        self.account.price(symbol, price.quantize(Decimal("0.01")))

    @rule(state=st.sampled_from([TradingState.ACTIVE, TradingState.ACTIVE, *TradingState]))
    def an_operator_sets_the_state(self, state: TradingState) -> None:
        """Tighter or looser."""
        now = self.account.now
        self.account.take(StateAsked(state=state, actor="operator", reason="drill", admin=True, at=now, stamp=now))

    @precondition(lambda self: self.account.book.trades)
    @rule(data=st.data(), quantity=st.sampled_from([None, "0.3"]))
    def an_operator_closes_a_trade(self, data: st.DataObject, quantity: str | None) -> None:
        """All of it, or a part."""
        signal_id, now = data.draw(st.sampled_from(sorted(self.account.book.trades))), self.account.now
        part = None if quantity is None else Quantity(quantity)
        self.account.take(
            CloseAsked(signal_id=signal_id, quantity=part, actor="operator", reason="drill", at=now, stamp=now)
        )

    @precondition(lambda self: self.account.book.trades)
    @rule(data=st.data())
    def an_operator_cancels_an_order(self, data: st.DataObject) -> None:
        """Any order of an open trade."""
        trade = self.account.book.trades[data.draw(st.sampled_from(sorted(self.account.book.trades)))]
        name, now = data.draw(st.sampled_from([order.client_order_id for order in trade.orders])), self.account.now
        self.account.take(
            CancelAsked(symbol=trade.symbol, order_id=name, actor="operator", reason="drill", at=now, stamp=now)
        )

    # --- the laws ----------------------------------------------------------------------------------------------------

    @invariant()
    def totals_are_a_recomputation_from_scratch(self) -> None:
        """Exposure, reservations and open trades."""
        book = self.account.book
        trades = book.trades.values()
        foreign = sum((each.exposure for each in book.foreign.values()), ZERO)
        assert book.totals.gross_exposure == sum((trade.exposure for trade in trades), ZERO) + foreign
        assert book.totals.reserved == sum(book.reservations.values(), ZERO)
        assert sorted(trade.signal_id for symbol in SYMBOLS for trade in book.on_symbol(symbol)) == sorted(book.trades)

    @invariant()
    def a_signal_sends_one_entry_at_most(self) -> None:
        """Whatever is repeated, an entry is not."""
        assert len(self.account.sent_entries) == len(set(self.account.sent_entries))

    def teardown(self) -> None:
        """When all is quiet again: exits cover exactly what is filled, and the record can be judged again."""
        if not hasattr(self, "account"):
            return
        account = self.account
        account.heal()
        for symbol in SYMBOLS:
            self._everything_is_covered(symbol)
        payload = Payload(seq=1, entries=tuple(account.entries))
        assert list(replay([payload], account.rules)) == []

    def _everything_is_covered(self, symbol: Symbol) -> None:
        account = self.account
        trades = [t for t in (*account.book.trades.values(), *account.book.ended.values()) if t.symbol == symbol]
        held = sum((trade.plan.side.sign * trade.held for trade in trades), ZERO)
        assert held == account.held(symbol), "the book holds what the exchange holds"
        for trade in trades:
            assert not any(order.state.is_unresolved for order in trade.orders), "nothing is in question"
            assert _stopped(trade) == trade.sellable, "stops cover exactly what is held"
            if trade.sellable == ZERO and trade.entry.state.is_over:
                assert not any(order.may_live for order in trade.orders), "what is over leaves nothing behind"


def _stopped(trade: Trade) -> Decimal:
    """Base units that its resting stops sell; a whole-position stop sells what is held."""
    stops = [order for order in trade.orders if order.leg is Leg.STOP and order.resting]
    if any(order.order.close_position for order in stops):
        return trade.sellable
    # The venue sizes the exits of a list by what its entry received.
    return sum((trade.sellable if o.order.quantity is None else o.order.quantity - o.executed for o in stops), ZERO)


TestDesk = Desk.TestCase
TestDesk.settings = settings(
    stateful_step_count=40, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)


def test_replay_names_what_would_be_judged_otherwise_now():
    """Given a journal, when it is judged by tighter rules, then the verdicts that change are named, and only those."""
    machine = Desk()
    machine.open_the_account(market=Market.USDM, depth=None, one_per_symbol=True)
    said = {"strategy": "momentum", "order_type": "market", "away": "0", "quantity": "1"}
    machine.a_signal(symbol=SYMBOLS[0], action="buy", **said)
    machine.a_signal(symbol=SYMBOLS[1], action="hold", **said)
    account = machine.account
    payload = Payload(seq=1, entries=tuple(account.entries))
    tighter = attrs.evolve(account.rules, policy=RiskPolicy(confidence_min=Ratio("0.9")))

    assert list(replay([payload], account.rules)) == []
    (difference,) = replay([payload], tighter)
    entry = payload.entries[difference.seq - 1]
    assert isinstance(entry, SignalJudged)
    assert difference.signal_id == entry.signal.signal_id
    assert b"accepted" in difference.recorded
    assert b"CONFIDENCE" in difference.replayed


@pytest.mark.parametrize("market", Market)
def test_a_desk_at_rest_has_nothing_to_say(market: Market):
    """Given an account on which nothing happens, when time goes by, then nothing is written."""
    account = Account(market, depth=None, one_per_symbol=True)
    account.tick(SECOND)  # a first day begins
    before = len(account.entries)
    for _ in range(5):
        account.tick(SECOND)

    assert len(account.entries) == before
