"""What the operator has decided once, so that no signal has to be argued about: limits, lists, and how orders are priced."""

from typing import Final

import attrs

from petrosa_core.decision.limits import HARD, Limits
from petrosa_core.values import SECOND, Duration, Mode, Ratio, StrategyId, Symbol

ALERT_ONLY: Final = frozenset({StrategyId("bollinger_squeeze_alert")})
"""Strategies that announce and do not mean to trade, whatever action a producer on the way makes of it."""


@attrs.frozen(kw_only=True)
class RiskPolicy(Limits):
    """The limits, and what else a decision depends on besides the signal and the view.

    ``hard`` bounds the limits and is fixed at the start: a policy that is looser anywhere cannot be made.
    ``slippage_max`` is how much worse than the quote (or the trigger) a market-like entry may fill, as a fraction.
    ``stop_default`` and ``target_default`` are fractions of the entry; ``stop_atr`` and ``target_atr`` multiples of the ATR.
    ``symbols_allowed`` None allows every symbol that the venue trades.
    ``timestamp_required`` names the modes in which the transport's time does not do.

    Raises ValueError when a limit is looser than its hard one, and when a default stop would never be legal.
    """

    hard: Limits = HARD
    one_trade_per_symbol: bool = True
    symbols_allowed: frozenset[Symbol] | None = None
    strategies_denied: frozenset[StrategyId] = ALERT_ONLY
    zero_quantity_refused_sources: frozenset[str] = frozenset({"petrosa-cio"})
    timestamp_required: frozenset[Mode] = frozenset({Mode.LIVE})
    slippage_max: Ratio = Ratio("0.003")
    stop_default: Ratio = Ratio("0.02")
    target_default: Ratio = Ratio("0.05")
    stop_atr: Ratio = Ratio(2)
    target_atr: Ratio = Ratio(5)
    entry_age_max: Duration = 300 * SECOND

    def __attrs_post_init__(self) -> None:
        """Hold the policy to its hard limits, and to what can work at all."""
        super().__attrs_post_init__()
        if loose := self.looser_than(self.hard):
            raise ValueError(f"looser than the hard limit: {', '.join(loose)}")
        if not self.stop_distance_min <= self.stop_default <= self.stop_distance_max:
            between = f"{self.stop_distance_min} and {self.stop_distance_max}"
            raise ValueError(f"stop_default: must be between {between}, was {self.stop_default}")
        if not 0 < self.target_default <= 1:
            raise ValueError(f"target_default: must be above 0 and at most 1, was {self.target_default}")
        if not (self.stop_atr > 0 and self.target_atr > 0):
            raise ValueError(f"stop_atr, target_atr: must be above 0, were {self.stop_atr} and {self.target_atr}")
        if not self.slippage_max <= SLIPPAGE_HARD:
            raise ValueError(f"slippage_max: must be at most {SLIPPAGE_HARD}, was {self.slippage_max}")
        if not self.entry_age_max > 0:
            raise ValueError(f"entry_age_max: must be above 0, was {self.entry_age_max}")


SLIPPAGE_HARD: Final = Ratio("0.01")
"""No policy may let a market-like entry fill more than 1 % away from the quote."""
