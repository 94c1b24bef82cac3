"""What we think of a signal: whether it may trade, how large, and where its exits go."""

from petrosa_core.decision.plan import ExitRule, LevelSource, Plan, Sizing
from petrosa_core.decision.verdict import Outcome, Reason
from petrosa_core.decision.view import TradingState, View

__all__ = ["ExitRule", "LevelSource", "Outcome", "Plan", "Reason", "Sizing", "TradingState", "View"]
