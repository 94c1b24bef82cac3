"""The decision: what is asked of a signal, in order, and the answer with everything that stands behind it.

1. Pure: the same signal, view, policy and sizer give the same decision, for ever.
2. Every broken check is reported, in the order of the closed list of refusals; the first one is what people are shown.
3. Only an Approved can become an order, and it is made here alone.
"""

from typing import Final, TypeAlias

import attrs

from petrosa_core.decision.account_checks import ACCOUNT_CHECKS
from petrosa_core.decision.draft import draft_plan
from petrosa_core.decision.plan import Plan
from petrosa_core.decision.policy import RiskPolicy
from petrosa_core.decision.refusals import REFUSALS, Refusal
from petrosa_core.decision.request_checks import REQUEST_CHECKS
from petrosa_core.decision.sizer import PositionSizer
from petrosa_core.decision.verdict import Reason
from petrosa_core.decision.view import View
from petrosa_core.signal import Signal


@attrs.frozen
class Approved:
    """Our permission, with the plan that it is for."""

    plan: Plan


@attrs.frozen
class Denied:
    """Our refusal, with every reason, in order of precedence; nothing was sent and nothing will be.

    Raises ValueError without a reason.
    """

    reasons: tuple[Refusal, ...]

    def __attrs_post_init__(self) -> None:
        """A refusal without a reason is none."""
        if not self.reasons:
            raise ValueError("reasons: a denial has at least one")

    @property
    def records(self) -> tuple[Reason, ...]:
        """The reasons as they are journalled and answered."""
        return tuple(reason.record for reason in self.reasons)


Decision: TypeAlias = Approved | Denied

_PRECEDENCE: Final = {refusal: rank for rank, refusal in enumerate(REFUSALS)}


def decide(signal: Signal, view: View, policy: RiskPolicy, sizer: PositionSizer) -> Decision:
    """Judge a signal that asks to buy or sell.

    Raises ValueError for a hold or a close, which are not for this court, and for a view of another symbol.
    """
    _hold_to_one_symbol(signal, view)
    broken: list[Refusal] = [
        refusal for check in REQUEST_CHECKS if (refusal := check(signal, view, policy)) is not None
    ]
    draft = draft_plan(signal, view, policy, sizer)
    broken += draft.refusals
    broken += [refusal for check in ACCOUNT_CHECKS if (refusal := check(draft.plan, view, policy)) is not None]
    if broken:
        return Denied(tuple(sorted(broken, key=lambda refusal: _PRECEDENCE[type(refusal)])))
    assert draft.plan is not None, "what keeps a plan from being made is always reported"
    return Approved(draft.plan)


def _hold_to_one_symbol(signal: Signal, view: View) -> None:
    for subject in (view.instrument, view.quote):
        if subject is not None and subject.symbol != signal.symbol:
            raise ValueError(f"view: {signal.symbol} cannot be judged by {subject.symbol}")
