"""One question for both markets: what does this trade need next?"""

from petrosa_core.execution.needs import Need, Situation
from petrosa_core.execution.spot import spot_needs
from petrosa_core.execution.trade import Trade
from petrosa_core.execution.usdm import usdm_needs
from petrosa_core.values import Market


def needs_of(trade: Trade, situation: Situation) -> tuple[Need, ...]:
    """What has to be sent, cancelled or ended now; empty when all that can be done is done."""
    if trade.ended is not None:
        return ()
    if trade.instrument.market is Market.SPOT:
        return spot_needs(trade, situation)
    return usdm_needs(trade, situation)
