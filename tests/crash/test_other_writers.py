"""Another hand writes into the journal while trades are under way: an operator's word, left there without the engine."""

from typing import Any

import attrs
import pytest
from tests.support.oracle import findings
from tests.support.scenarios import BUY, LIMIT, USDM
from tests.support.world import ACCOUNT, SYMBOL, World

from petrosa_adapters.memory import MemoryJournal
from petrosa_adapters.system import bury, run
from petrosa_core.application.offline import open_desk
from petrosa_core.decision import Outcome, TradingState
from petrosa_core.desk import Arrival, Verdict
from petrosa_core.desk.inputs import StateAsked
from petrosa_core.values import MILLISECOND, SECOND, Mode

AWAY = 15 * SECOND


async def by_hand(world: World, state: TradingState) -> None:
    """What the command line does beside a running engine; the store that it sees is never away."""
    journal = MemoryJournal(world.store, account=ACCOUNT, market=world.market, mode=Mode.SIMULATION)
    desk = await open_desk(journal)
    at = world.clock.now()
    asked = StateAsked(state=state, actor="ann", reason="drill", admin=True, at=at, stamp=at)
    await desk.write(asked, attrs.evolve(world.rules, caring=False), "by-hand", commit=True)


def told(story: Any) -> Any:
    """Tell a story in virtual time."""
    try:
        return run(story)
    finally:
        bury()


@pytest.mark.parametrize("seen", [True, False], ids=["when-it-is-seen", "when-ours-conflicts"])
def test_frames_of_another_hand_that_cannot_be_read_yet_hold_up_no_stop(seen: bool):
    """Given another hand's frame that the store does not show yet, when an entry fills, then its stop leaves at once."""

    async def story() -> list[str]:
        world = World(USDM)
        world.begin(world.keep_quoting())
        await world.start()
        await world.deliver({**LIMIT, "price": 99})
        await world.clock.sleep(3 * SECOND)
        if seen:
            await by_hand(world, TradingState.REDUCING)
        world.reads_fail = True
        await world.clock.sleep(SECOND)
        world.set_price("98.5")
        if not seen:
            await by_hand(world, TradingState.REDUCING)
        await world.clock.sleep(AWAY)
        world.reads_fail = False
        await world.clock.sleep(AWAY)
        assert world.witness.held[SYMBOL]
        return findings(world, naked_max=SECOND)

    assert told(story()) == []


def test_an_answer_from_a_record_that_was_undone_is_given_anew():
    """Given a signal on its way to the record and its redelivery, when a halt stands there first, then both are told no."""

    async def story() -> list[Outcome]:
        world = World(USDM)
        world.begin(world.keep_quoting())
        await world.start()
        await world.clock.sleep(3 * SECOND)
        engine, answers = world.leader.engine, []
        signal = world.signal(BUY, "m-1")

        async def deliver(*, redelivered: bool) -> None:
            arrival = Arrival(
                transport="nats", message_id="m-1", received_at=world.clock.now(), redelivered=redelivered
            )
            answer = await world.leader.do(engine.receive(signal, arrival))
            assert isinstance(answer, Verdict)
            answers.append(answer.outcome)

        await by_hand(world, TradingState.HALTED)
        world.begin(deliver(redelivered=False))
        world.begin(deliver(redelivered=True))
        await world.clock.sleep(500 * MILLISECOND)
        assert findings(world) == []
        assert not world.witness.live(SYMBOL)
        return answers

    assert told(story()) == [Outcome.DENIED, Outcome.DENIED]
