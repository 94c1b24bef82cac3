"""What must be true of a world that has come to rest, whatever died in it when.

Each finding begins with the name of the check that made it, so that a test of the tests can say what caught a mutant.
"""

from collections.abc import Iterable, Iterator

from tests.support.world import ACCOUNT, SYMBOL, World

from petrosa_core.audit import Broken, decode, verify
from petrosa_core.audit.entries import (
    ClosingBegun,
    Entry,
    EntryIntended,
    ExitAdopted,
    ExitIntended,
    OrderAbandoned,
    Payload,
    SignalJudged,
)
from petrosa_core.desk import Book, apply
from petrosa_core.desk.snapshot import book_digest
from petrosa_core.execution import OrderReport, Trade
from petrosa_core.order import OrderList
from petrosa_core.values import SECOND, ZERO, Duration, Leg, Market, leg_of

NAKED_MAX: Duration = 10 * SECOND
"""How long a position may stand without a live stop while one and the same engine lives."""

NAKED_AFTER_DEATH: Duration = 20 * SECOND
"""The same for an engine that has taken over from a dead one: it may have found the position so, and the venue slow."""


def findings(world: World, *, naked_max: Duration = NAKED_MAX) -> list[str]:
    """Everything that is wrong."""
    checks: dict[str, Iterable[str]] = {
        "task-died": world.failures,
        "journal": _journal(world),
        "verdict": _verdicts(world),
        "entered-twice": _entered_twice(world),
        "entered-late": _entered_late(world),
        "entered-unwritten": _entered_unwritten(world),
        "given-up": _given_up(world),
        "let-go": _let_go(world),
        "unwritten-order": _written(world),
        "flipped": world.witness.flips,
        "naked": _naked(world, naked_max),
        "fold": _fold(world),
        "totals": _totals(world.leader.engine.book),
        "position": _position(world),
        "protection": _protection(world),
        "orders": _orders(world),
    }
    return [f"{name}: {finding}" for name, found in checks.items() for finding in found]


def entries_of(world: World) -> list[Entry]:
    """The whole journal."""
    return [entry for frame in world.store.frames for entry in decode(frame.payload, Payload).entries]


def _journal(world: World) -> Iterator[str]:
    """The chain is sound and without gaps, in frames and in entries."""
    verdict = verify(world.store.frames, account=ACCOUNT)
    if isinstance(verdict, Broken):
        yield f"frame {verdict.number} {verdict.why}"
    expected = 1
    for frame in world.store.frames:
        payload = decode(frame.payload, Payload)
        if payload.seq != expected:
            yield f"frame {frame.number} begins with entry {payload.seq}, not {expected}"
        expected = payload.seq + len(payload.entries)


def _verdicts(world: World) -> Iterator[str]:
    """Each message has one recorded verdict, and it is what the sender was told."""
    entries = entries_of(world)
    for message_id, told in world.verdicts.items():
        judged = [
            (number, entry)
            for number, entry in enumerate(entries, start=1)
            if isinstance(entry, SignalJudged) and entry.message_id == message_id
        ]
        if len(judged) != 1:
            yield f"{message_id} has {len(judged)} verdicts"
        elif (judged[0][0], judged[0][1].outcome) != (told.seq, told.original or told.outcome):
            yield f"{message_id} was told {told.outcome} of entry {told.seq}; recorded is {judged[0]}"


def _entered_twice(world: World) -> Iterator[str]:
    """The venue never took in more than one entry of one signal."""
    for name, orders in world.witness.accepted(Leg.ENTRY).items():
        if len(orders) > 1:
            yield f"{name} was accepted {len(orders)} times"


def _entries(world: World) -> Iterator[tuple[int, EntryIntended, OrderReport]]:
    """Each entry that the venue took in, with its write-ahead and the frame that holds it."""
    accepted = world.witness.accepted(Leg.ENTRY)
    for frame in world.store.frames:
        for entry in decode(frame.payload, Payload).entries:
            if isinstance(entry, EntryIntended):
                submission = entry.submission
                working = submission.working if isinstance(submission, OrderList) else submission
                assert working is not None, "an entry's list has an entry"
                for order in accepted.get(working.client_order_id, ()):
                    yield frame.number, entry, order


def _entered_late(world: World) -> Iterator[str]:
    """No entry was taken in after the time that was written down before it was sent."""
    for _, entry, order in _entries(world):
        late = order.created_at - entry.signed_at
        if late > entry.recv_window:
            yield f"{order.client_order_id} was accepted {late / SECOND:.1f} s after its stamp"


def _entered_unwritten(world: World) -> Iterator[str]:
    """No entry was taken in before its write-ahead stood in the journal."""
    for number, _, order in _entries(world):
        if order.created_at < world.stands_since[number]:
            yield f"{order.client_order_id} was accepted before frame {number} stood"


def _given_up(world: World) -> Iterator[str]:
    """No entry was accepted after it had been given up for absent."""
    for entry in entries_of(world):
        if isinstance(entry, OrderAbandoned):
            for order in world.witness.accepted(Leg.ENTRY).get(entry.client_order_id, ()):
                if order.created_at > entry.at:
                    yield f"{order.client_order_id} was accepted after it was given up"


def _let_go(world: World) -> Iterator[str]:
    """No stop of something that is held is cancelled; on spot, a balance is freed in order to be sold."""
    closing = any(isinstance(entry, ClosingBegun) for entry in entries_of(world))
    if world.market is Market.USDM or not closing:
        yield from world.witness.let_go


def _written(world: World) -> Iterator[str]:
    """Every order of ours that the venue ever had is in the journal."""
    written: set[str] = set()
    for entry in entries_of(world):
        match entry:
            case EntryIntended(submission=OrderList() as listed) | ExitIntended(submission=OrderList() as listed):
                written.update(order.client_order_id for order in listed.orders)
            case EntryIntended() | ExitIntended():
                written.add(entry.submission.client_order_id)
            case ExitAdopted():
                written.add(entry.order.client_order_id)
            case _:
                pass
    for order in world.witness.orders.values():
        if leg_of(order.client_order_id) is not None and order.client_order_id not in written:
            yield order.client_order_id


def _naked(world: World, most: Duration) -> Iterator[str]:
    """Nothing stood without a stop for longer than the bound within the life of one engine."""
    now = world.clock.now()
    for replica in world.replicas:
        for span in world.witness.naked:
            length = span.within(replica.born, now if replica.died is None else replica.died)
            if length > (max(most, NAKED_AFTER_DEATH) if replica.life else most):
                yield f"{span.symbol} for {length / SECOND:.1f} s under {replica.name}"


def _fold(world: World) -> Iterator[str]:
    """The live book is the fold of the journal."""
    engine = world.leader.engine
    if engine.head.number != len(world.store.frames):
        yield f"the leader is at frame {engine.head.number} of {len(world.store.frames)}"
    book = Book()
    for entry in entries_of(world):
        apply(book, entry)
    if book_digest(book) != book_digest(engine.book):
        yield "the live book is not what the journal folds to"


def _totals(book: Book) -> Iterator[str]:
    """Running totals are what a recomputation comes to."""
    totals = book.totals
    exposure = sum((trade.exposure for trade in book.trades.values()), ZERO)
    exposure += sum((foreign.exposure for foreign in book.foreign.values()), ZERO)
    if totals.gross_exposure != exposure:
        yield f"gross exposure {totals.gross_exposure}, of the trades {exposure}"
    reserved = sum(book.reservations.values(), ZERO)
    if totals.reserved != reserved:
        yield f"reserved {totals.reserved}, of the entries {reserved}"


def _position(world: World) -> Iterator[str]:
    """The book holds what the venue holds, and takes nothing of it for another's."""
    book = world.leader.engine.book
    trades = (*book.trades.values(), *book.ended.values())
    held = sum((trade.plan.side.sign * trade.held for trade in trades), ZERO)
    there = world.witness.held.get(SYMBOL, ZERO)
    if held != there:
        yield f"the book holds {held}, the venue {there}"
    for symbol, foreign in book.foreign.items():
        yield f"{symbol}: {foreign.what} is taken for somebody else's"


def _protection(world: World) -> Iterator[str]:
    """What is held is covered by live stops, by no more and no less; what is closed has left nothing behind."""
    witness = world.witness
    sellable, covered = witness.sellable(SYMBOL), witness.covered(SYMBOL)
    if witness.uncovered(SYMBOL) > ZERO:
        yield f"{sellable} held, {covered} covered"
    if covered is not None and covered != sellable:
        yield f"{sellable} held, live stops of {covered}"
    if sellable == ZERO and (left := [order.client_order_id for order in witness.live(SYMBOL) if _is_exit(order)]):
        waiting = any(not trade.received and trade.entry.may_live for trade in world.leader.engine.book.trades.values())
        if not waiting:
            yield f"nothing is held, and these rest: {', '.join(left)}"


def _is_exit(order: object) -> bool:
    named = leg_of(getattr(order, "client_order_id", ""))
    return named is not None and named[1] is not Leg.ENTRY


def _orders(world: World) -> Iterator[str]:
    """The book and the venue agree on which orders of ours are open, and nothing is in question any more."""
    book = world.leader.engine.book
    open_there = {order.client_order_id for order in world.witness.live(SYMBOL)}
    open_here: set[str] = set()
    for trade in (*book.trades.values(), *book.ended.values()):
        open_here.update(order.client_order_id for order in trade.orders if order.state.is_open)
        yield from _unsettled(trade)
    if open_here != open_there:
        yield f"only the book has {sorted(open_here - open_there)}, only the venue {sorted(open_there - open_here)}"


def _unsettled(trade: Trade) -> Iterator[str]:
    for order in trade.orders:
        if order.state.is_unresolved:
            yield f"{order.client_order_id} is {order.state.value} still"
