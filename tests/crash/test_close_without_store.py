"""A close is asked for while the journal takes no writes: what reduces risk does not wait for it."""

from collections.abc import Mapping

import pytest
from tests.support.oracle import entries_of, findings
from tests.support.scenarios import BUY, PLAIN_SPOT, SPOT, USDM
from tests.support.world import SYMBOL, Setup, World

from petrosa_adapters.system import bury, run
from petrosa_core.application.api import NotReady, Verdict
from petrosa_core.audit.entries import SignalJudged
from petrosa_core.decision import Outcome
from petrosa_core.desk import Arrival
from petrosa_core.values import MILLISECOND, SECOND, ZERO

STORIES = [(USDM, "close"), (SPOT, "close"), (SPOT, "sell"), (PLAIN_SPOT, "close"), (PLAIN_SPOT, "sell")]


async def deliver_once(world: World, body: Mapping[str, object], message_id: str) -> Verdict | NotReady | None:
    """Deliver a message a single time, whatever is answered."""
    signal = world.signal(body, message_id)
    arrival = Arrival(transport="nats", message_id=message_id, received_at=world.clock.now(), redelivered=False)
    answer: Verdict | NotReady | None = await world.leader.do(world.leader.engine.receive(signal, arrival))
    return answer


@pytest.mark.parametrize(("setup", "action"), STORIES)
def test_a_close_signal_leaves_while_the_store_is_away(setup: Setup, action: str):
    """Given a store that is away, when a signal closes a trade, then it leaves at once, and is recorded and told later."""

    async def story() -> list[str]:
        world = World(setup)
        world.begin(world.keep_quoting())
        await world.start()
        await world.deliver(BUY)
        await world.clock.sleep(3 * SECOND)
        assert world.witness.sellable(SYMBOL) > ZERO
        world.store_fails = False
        world.begin(deliver_once(world, {**BUY, "action": "hold"}, "m-2"))
        await world.clock.sleep(SECOND)
        close = {**BUY, "action": action, "timestamp": world.clock.now() // MILLISECOND}

        answer = await deliver_once(world, close, "m-3")

        assert isinstance(answer, NotReady)
        await world.clock.sleep(SECOND)
        assert world.witness.sellable(SYMBOL) == ZERO
        world.store_fails = None
        world.begin(world.deliver(close, "m-3"))
        await world.clock.sleep(5 * SECOND)
        judged = [e.outcome for e in entries_of(world) if isinstance(e, SignalJudged) and e.message_id == "m-3"]
        assert judged == [Outcome.CLOSING]
        assert world.verdicts["m-3"].original is Outcome.CLOSING
        return findings(world)

    try:
        assert run(story()) == []
    finally:
        bury()
