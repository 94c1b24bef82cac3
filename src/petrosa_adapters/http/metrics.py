"""Prometheus metrics: one prefix, base units, no ids in labels, and a registry of our own.

What the shells measure is counted as it happens; what the engine knows is read from its status when somebody scrapes, so
the two can never disagree about the book.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from decimal import Decimal

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from petrosa_core.application.api import EngineApi, Plain

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

_SEED = {
    "trades_total": "Trades that were entered.",
    "trades_success": "Entries that were filled, in whole or in part.",
    "trades_failed": "Entries that ended without a fill.",
}


class Metrics:
    """The metrics of one process. Values are floats: they are for graphs, and Prometheus knows nothing else."""

    def __init__(self) -> None:
        """Start from zero."""
        self.registry = CollectorRegistry()
        self._requests = RequestCounts()
        self.registry.register(self._requests)

    def answered(self, route: str, method: str, status: int) -> None:
        """Count one answer; ``route`` is the path's template, never the path."""
        self._requests.counted[route, method, str(status)] += 1

    def watch(self, engine: EngineApi) -> None:
        """Tell of this engine, whenever somebody scrapes."""
        self.registry.register(EngineCollector(engine))

    def text(self) -> bytes:
        """Everything, in Prometheus' text format."""
        return generate_latest(self.registry)


class RequestCounts(Collector):
    """How many requests were answered, by route, method and status; as many samples as there are of these, so few."""

    def __init__(self) -> None:
        """Nothing was asked yet."""
        self.counted: Counter[tuple[str, str, str]] = Counter()

    def describe(self) -> list[Metric]:
        """Nothing is read when the collector is registered."""
        return []

    def collect(self) -> Iterator[Metric]:
        """One family; without the creation times that the library's own counter adds to each sample."""
        family = CounterMetricFamily(
            "petrosa_http_requests", "Requests answered.", labels=("route", "method", "status")
        )
        for labels, count in self.counted.items():
            family.add_metric(labels, count)
        yield family


class EngineCollector(Collector):
    """The engine's status as metrics. What the status does not say has no sample: absent is not zero."""

    def __init__(self, engine: EngineApi) -> None:
        """Read this engine."""
        self._engine = engine

    def describe(self) -> list[Metric]:
        """Nothing is read when the collector is registered."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Read the engine once."""
        status = self._engine.status()
        counters = _object(status.get("counters"))
        yield from _totals(counters)
        yield from _counts(counters)
        yield from _gauges(status, counters)
        yield _limits(self._engine)
        yield _labelled(
            GaugeMetricFamily(
                "petrosa_build_info", "What runs, for whom and where.", labels=("version", "account", "market", "mode")
            ),
            (str(status.get("build", "")), self._engine.account, self._engine.market.value, self._engine.mode.value),
        )


def _labelled(family: GaugeMetricFamily, labels: tuple[str, ...]) -> GaugeMetricFamily:
    family.add_metric(labels, 1)
    return family


def _totals(counters: Mapping[str, Plain]) -> Iterator[Metric]:
    for name, meaning in _SEED.items():
        if (value := _number(counters.get(name))) is not None:
            yield CounterMetricFamily(f"petrosa_{name.removesuffix('_total')}", meaning, value=value)
    for name, metric, meaning in (
        ("total_volume_usdt", "petrosa_traded_notional_usdt", "Executed, in quote units."),
        ("fees_usdt", "petrosa_fees_usdt", "Fees paid in the quote asset."),
    ):
        if (value := _number(counters.get(name))) is not None:
            yield CounterMetricFamily(metric, meaning, value=value)


def _counts(counters: Mapping[str, Plain]) -> Iterator[Metric]:
    for name, metric, label, meaning in (
        ("signals", "petrosa_signals", "outcome", "Verdicts by outcome."),
        ("refusals", "petrosa_refusals", "rule", "Refusals by code."),
        ("orders", "petrosa_orders", "status", "Orders by status."),
    ):
        family = CounterMetricFamily(metric, meaning, labels=(label,))
        for key, count in _object(counters.get(name)).items():
            if (value := _number(count)) is not None:
                family.add_metric((key,), value)
        yield family


def _gauges(status: Mapping[str, Plain], counters: Mapping[str, Plain]) -> Iterator[Metric]:
    for value, metric, meaning in (
        (counters.get("open_positions"), "petrosa_open_positions", "Trades that hold a position."),
        (counters.get("unknown_orders"), "petrosa_unknown_orders", "Orders without a believable answer."),
        (status.get("equity"), "petrosa_equity_usdt", "What the account is worth, in quote units."),
        (
            status.get("protected_ratio"),
            "petrosa_protected_ratio",
            "The share of what is held that a live stop covers.",
        ),
    ):
        if (number := _number(value)) is not None:
            yield GaugeMetricFamily(metric, meaning, value=number)
    halted = GaugeMetricFamily("petrosa_trading_state", "1 for the state that is in force.", labels=("state",))
    halted.add_metric((str(status.get("trading_state", "unknown")),), 1)
    yield halted


def _limits(engine: EngineApi) -> Metric:
    family = GaugeMetricFamily("petrosa_limit_used_ratio", "How much of a limit is used.", labels=("limit",))
    for limit in engine.limits():
        if (ratio := _number(limit.get("ratio"))) is not None:
            family.add_metric((str(limit["name"]),), ratio)
    return family


def seed_counters(status: Mapping[str, Plain]) -> dict[str, Plain]:
    """The four numbers of the specification's metrics endpoint, exact; null where the engine does not know."""
    counters = _object(status.get("counters"))
    return {name: counters.get(name) for name in (*_SEED, "total_volume_usdt")}


def _object(plain: Plain) -> Mapping[str, Plain]:
    return plain if isinstance(plain, Mapping) else {}


def _number(plain: Plain) -> float | None:
    return float(plain) if isinstance(plain, int | Decimal) and not isinstance(plain, bool) else None
