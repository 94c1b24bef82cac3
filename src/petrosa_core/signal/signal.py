"""One trading signal, normalised: numbers exact, times absolute, ids collected. Nothing is decided here."""

from decimal import Decimal
from functools import cached_property

import attrs

from petrosa_core.signal.identity import Identity, fingerprint
from petrosa_core.values import (
    Moment,
    OrderType,
    Price,
    Quantity,
    Side,
    SignalId,
    StrategyId,
    Symbol,
    TimeInForce,
    Word,
)


class Action(Word):
    """What a strategy may ask for."""

    BUY = "buy"
    SELL = "sell"
    HOLD = "hold"
    CLOSE = "close"


@attrs.frozen(kw_only=True)
class Signal:
    """What a strategy said.

    ``quantity`` is a ceiling in base units, None when absent; ``quantity_is_zero`` keeps an explicit 0 apart from absence.
    ``stop_loss_pct`` and ``take_profit_pct`` are fractions of one as sent: their range is judged, not assumed.
    ``timestamp_given`` is False when the transport's time was taken. ``rest`` is the JSON text of every other field.
    """

    strategy_id: StrategyId
    symbol: Symbol
    action: Action
    confidence: Decimal
    price: Price
    current_price: Price
    quantity: Quantity | None = None
    quantity_is_zero: bool = False
    stop_loss: Price | None = None
    stop_loss_pct: Decimal | None = None
    take_profit: Price | None = None
    take_profit_pct: Decimal | None = None
    trigger_price: Price | None = None
    atr: Price | None = None
    order_type: OrderType = OrderType.LIMIT
    time_in_force: TimeInForce | None = None
    timeframe: str | None = None
    timestamp: Moment
    timestamp_given: bool = True
    expires_at: Moment | None = None
    source: str | None = None
    identities: tuple[Identity, ...]
    traceparent: str | None = None
    rest: str = "{}"

    def __attrs_post_init__(self) -> None:
        """Refuse what can only be a bug of a codec."""
        if not self.identities:
            raise ValueError("identities: a signal has at least one")
        if self.quantity is not None and self.quantity_is_zero:
            raise ValueError("quantity: zero and above zero at once")

    @cached_property
    def signal_id(self) -> SignalId:
        """The name under which the signal and its trade are known."""
        return self.aliases[0]

    @cached_property
    def aliases(self) -> tuple[SignalId, ...]:
        """The registry keys of all its ids, its name first."""
        return tuple(identity.key(self.strategy_id) for identity in self.identities)

    @property
    def side(self) -> Side:
        """The entry's side; only a buy or a sell has one."""
        return Side(self.action.value)

    @cached_property
    def trading_fields(self) -> str:
        """A digest of what would change the trade; trace context, free-form fields and key order do not count."""
        return fingerprint(
            self.symbol,
            self.action,
            *(
                None if number is None else format(number.normalize(), "f")
                for number in (
                    self.confidence,
                    self.price,
                    self.current_price,
                    self.quantity,
                    self.stop_loss,
                    self.stop_loss_pct,
                    self.take_profit,
                    self.take_profit_pct,
                    self.trigger_price,
                )
            ),
            self.quantity_is_zero,
            self.order_type,
            self.time_in_force,
            self.timestamp if self.timestamp_given else None,
        )
