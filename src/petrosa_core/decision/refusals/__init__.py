"""Everything that we may answer instead of an order: a closed list, so that whoever forgets one is told by the type checker."""

from typing import Final, TypeAlias, get_args

from petrosa_core.decision.refusals.account import (
    BalanceInsufficient,
    DailyLoss,
    Drawdown,
    EngineNotReady,
    ExposureLimit,
    ForeignPosition,
    NoBalance,
    OrderRate,
    OrderUnknownPending,
    RepeatedEntry,
    SymbolExposureLimit,
    TooManyOpenTrades,
    TradeOpenOnSymbol,
    TradingHalted,
)
from petrosa_core.decision.refusals.finding import (
    Finding,
    Unit,
    seconds,
)
from petrosa_core.decision.refusals.market import (
    LevelOutOfBand,
    NoQuote,
    NotionalAboveMaximum,
    NotionalBelowMinimum,
    PriceCollar,
    QuantityBelowMinimum,
    QuantityMissing,
    RatioOutOfRange,
    SignalDrift,
    StaleQuote,
    StopOnWrongSide,
    StopTooClose,
    StopTooFar,
    TargetOnWrongSide,
    TriggerOnWrongSide,
)
from petrosa_core.decision.refusals.request import (
    ConfidenceOutOfRange,
    ConfidenceTooLow,
    EntryExpired,
    IdentityReused,
    OrderTypeNotSupported,
    ShortOnSpot,
    SignalFromFuture,
    StaleSignal,
    StrategyNotAllowed,
    SymbolNotAllowed,
    SymbolNotTrading,
    TimestampRequired,
    UnknownSymbol,
    ZeroQuantity,
)

Refusal: TypeAlias = (
    IdentityReused
    | ZeroQuantity
    | ConfidenceOutOfRange
    | ConfidenceTooLow
    | UnknownSymbol
    | SymbolNotTrading
    | SymbolNotAllowed
    | StrategyNotAllowed
    | OrderTypeNotSupported
    | ShortOnSpot
    | TimestampRequired
    | SignalFromFuture
    | StaleSignal
    | EntryExpired
    | NoQuote
    | StaleQuote
    | PriceCollar
    | SignalDrift
    | TriggerOnWrongSide
    | RatioOutOfRange
    | StopOnWrongSide
    | TargetOnWrongSide
    | StopTooClose
    | StopTooFar
    | LevelOutOfBand
    | QuantityMissing
    | QuantityBelowMinimum
    | NotionalBelowMinimum
    | NotionalAboveMaximum
    | NoBalance
    | BalanceInsufficient
    | TradeOpenOnSymbol
    | TooManyOpenTrades
    | ExposureLimit
    | SymbolExposureLimit
    | DailyLoss
    | Drawdown
    | OrderRate
    | RepeatedEntry
    | OrderUnknownPending
    | ForeignPosition
    | TradingHalted
    | EngineNotReady
)

REFUSALS: Final[tuple[type[Finding], ...]] = get_args(Refusal)
"""The classes of the union, in its order, which is the order of precedence."""

__all__ = [
    "REFUSALS",
    "BalanceInsufficient",
    "ConfidenceOutOfRange",
    "ConfidenceTooLow",
    "DailyLoss",
    "Drawdown",
    "EngineNotReady",
    "EntryExpired",
    "ExposureLimit",
    "Finding",
    "ForeignPosition",
    "IdentityReused",
    "LevelOutOfBand",
    "NoBalance",
    "NoQuote",
    "NotionalAboveMaximum",
    "NotionalBelowMinimum",
    "OrderRate",
    "OrderTypeNotSupported",
    "OrderUnknownPending",
    "PriceCollar",
    "QuantityBelowMinimum",
    "QuantityMissing",
    "RatioOutOfRange",
    "Refusal",
    "RepeatedEntry",
    "ShortOnSpot",
    "SignalDrift",
    "SignalFromFuture",
    "StaleQuote",
    "StaleSignal",
    "StopOnWrongSide",
    "StopTooClose",
    "StopTooFar",
    "StrategyNotAllowed",
    "SymbolExposureLimit",
    "SymbolNotAllowed",
    "SymbolNotTrading",
    "TargetOnWrongSide",
    "TimestampRequired",
    "TooManyOpenTrades",
    "TradeOpenOnSymbol",
    "TradingHalted",
    "TriggerOnWrongSide",
    "Unit",
    "UnknownSymbol",
    "ZeroQuantity",
    "seconds",
]
