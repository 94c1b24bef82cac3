"""How much: one of four ways to want a quantity, then the ceilings, then down to the venue's step.

1. A size is never rounded up, and never raised to a minimum: what is too small is refused.
2. Budgets are spent at the costliest price that the entry may fill at.
3. Market lot rules count for every entry, because its stop is a market order of the same quantity.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import TypeAlias

import attrs

from petrosa_core.decision.plan import Sizing
from petrosa_core.decision.refusals import BalanceInsufficient, QuantityBelowMinimum, QuantityMissing
from petrosa_core.values import (
    EXACT,
    ZERO,
    Amount,
    Balance,
    Instrument,
    Price,
    Quantity,
    Ratio,
    Word,
    divide_down,
    plain,
)

_ONE = Decimal(1)


class SizingMode(Word):
    """What sets the quantity before the ceilings."""

    CONFIDENCE = "confidence"
    """A share of the free balance, times the signal's confidence."""
    RISK = "risk"
    """What loses a share of the equity at the stop, fees and slippage included."""
    NOTIONAL = "notional"
    """A fixed worth in quote units."""
    SIGNAL = "signal"
    """The signal's own quantity."""


@attrs.frozen
class Sized:
    """A legal quantity, and how it came about."""

    quantity: Quantity
    sizing: Sizing


Size: TypeAlias = Sized | QuantityMissing | QuantityBelowMinimum | BalanceInsufficient


@attrs.frozen(kw_only=True)
class PositionSizer:
    """Sizes positions.

    ``free_share`` is the fraction of the free balance that a wholly confident signal may spend (mode confidence);
    ``risk_share`` the fraction of the equity that a trade may lose at its stop (mode risk), where the stop is taken to fill
    ``stop_slippage`` worse than its level; ``notional`` the quote units of every trade (mode notional).
    ``notional_max`` is a ceiling in quote units for every mode.

    Raises ValueError for shares that are not above 0 and at most 1, and amounts that are not above 0.
    """

    mode: SizingMode = SizingMode.CONFIDENCE
    free_share: Ratio = Ratio("0.02")
    risk_share: Ratio = Ratio("0.01")
    stop_slippage: Ratio = Ratio("0.003")
    notional: Amount = Amount(100)
    notional_max: Amount = Amount(1000)

    def __attrs_post_init__(self) -> None:
        """Refuse budgets that mean nothing."""
        for name in ("free_share", "risk_share"):
            if not ZERO < getattr(self, name) <= _ONE:
                raise ValueError(f"{name}: must be above 0 and at most 1, was {getattr(self, name)}")
        for name in ("notional", "notional_max"):
            if not getattr(self, name) > ZERO:
                raise ValueError(f"{name}: must be above 0, was {getattr(self, name)}")

    def size(
        self,
        *,
        instrument: Instrument,
        balance: Balance,
        price: Price,
        stop_price: Price,
        gap: Decimal | None = None,
        reserved: Decimal = ZERO,
        confidence: Decimal = _ONE,
        quantity: Quantity | None = None,
    ) -> Size:
        """The quantity to enter with.

        ``price`` is the costliest that the entry may fill at, ``gap`` the widest that entry and stop may be apart (when
        None, from ``price`` to ``stop_price``); ``reserved`` is what of the free balance is spoken for; ``confidence`` is
        taken as 1 at most; ``quantity`` is the signal's own, a ceiling in every mode.
        """
        budget: Decimal
        if self.mode is SizingMode.CONFIDENCE:
            available = EXACT.subtract(balance.free, reserved)
            if available <= ZERO:
                return BalanceInsufficient(available, instrument.notional_min)
            budget = EXACT.multiply(EXACT.multiply(available, self.free_share), min(confidence, _ONE))
            wanted = divide_down(budget, price)
        elif self.mode is SizingMode.RISK:
            budget = EXACT.multiply(balance.equity, self.risk_share)
            apart = EXACT.abs(EXACT.subtract(price, stop_price)) if gap is None else gap
            wanted = divide_down(budget, self._loss_per_unit(apart, price, stop_price, instrument.taker_fee))
        elif self.mode is SizingMode.NOTIONAL:
            budget, wanted = self.notional, divide_down(self.notional, price)
        elif quantity is None:
            return QuantityMissing(self.mode.value)
        else:
            budget, wanted = EXACT.multiply(price, quantity), quantity
        return self._fitted(instrument, price, budget, wanted, quantity)

    def _loss_per_unit(self, gap: Decimal, price: Price, stop_price: Price, fee: Ratio) -> Decimal:
        # Quote units lost per base unit when the stop fills worse than its level and both orders pay the taker's fee.
        slipped = EXACT.multiply(stop_price, self.stop_slippage)
        turnover = EXACT.add(price, EXACT.add(stop_price, slipped))
        return EXACT.add(EXACT.add(gap, slipped), EXACT.multiply(turnover, fee))

    def _fitted(
        self, instrument: Instrument, price: Price, budget: Decimal, wanted: Decimal, ceiling: Quantity | None
    ) -> Size:
        allowed, bound = wanted, []
        for name, limit in self._ceilings(instrument, price, ceiling):
            if limit < allowed:
                allowed = limit
                bound.append(f"{name}:{plain(limit)}")
        legal = instrument.floor_quantity(allowed, market=True)
        smallest = instrument.smallest_quantity(market=True)
        if legal < smallest or legal <= ZERO:
            return QuantityBelowMinimum(allowed, smallest)
        sizing = Sizing(mode=self.mode.value, budget=budget, wanted=wanted, ceilings=tuple(bound))
        return Sized(Quantity(legal), sizing)

    def _ceilings(
        self, instrument: Instrument, price: Price, ceiling: Quantity | None
    ) -> Iterator[tuple[str, Decimal]]:
        if ceiling is not None:
            yield "signal", ceiling
        yield "notional", divide_down(self.notional_max, price)
        yield "venue quantity", instrument.largest_quantity(market=True)
        if instrument.notional_max is not None:
            yield "venue notional", divide_down(instrument.notional_max, price)
