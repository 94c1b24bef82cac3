"""What we think of a signal: whether it may trade, how large, and where its exits go."""

from petrosa_core.decision import refusals
from petrosa_core.decision.controls import CONTROLS, Control, reference
from petrosa_core.decision.decide import Approved, Decision, Denied, decide
from petrosa_core.decision.filters import BrokenFilter, Filter, broken_filters
from petrosa_core.decision.limits import HARD, Bound, Limits, Tighter, bounds
from petrosa_core.decision.plan import STOP_LIMIT_ROOM, ExitRule, LevelSource, Plan, Sizing
from petrosa_core.decision.policy import ALERT_ONLY, RiskPolicy
from petrosa_core.decision.refusals import Refusal
from petrosa_core.decision.sizer import PositionSizer, Sized, SizingMode
from petrosa_core.decision.verdict import Outcome, Reason
from petrosa_core.decision.view import TradingState, View

__all__ = [
    "ALERT_ONLY",
    "CONTROLS",
    "HARD",
    "STOP_LIMIT_ROOM",
    "Approved",
    "Bound",
    "BrokenFilter",
    "Control",
    "Decision",
    "Denied",
    "ExitRule",
    "Filter",
    "LevelSource",
    "Limits",
    "Outcome",
    "Plan",
    "PositionSizer",
    "Reason",
    "Refusal",
    "RiskPolicy",
    "Sized",
    "Sizing",
    "SizingMode",
    "Tighter",
    "TradingState",
    "View",
    "bounds",
    "broken_filters",
    "decide",
    "reference",
    "refusals",
]
