"""Prometheus metrics: one prefix, base units, no ids in labels, and a registry of our own.

What the shells measure is counted as it happens; what the engine knows is read from its status when somebody scrapes, so
the two can never disagree about the book.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from petrosa_core.application.api import EngineApi, Plain
from petrosa_core.values import SECOND, Duration

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_STAGE_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

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
        self._requests = Counter(
            "petrosa_http_requests", "Requests answered.", ("route", "method", "status"), registry=self.registry
        )
        self._answered: dict[tuple[str, str, int], Counter] = {}  # as many as routes, methods and statuses: few
        self._stages = Histogram(
            "petrosa_stage_duration_seconds",
            "How long a stage took.",
            ("stage",),
            registry=self.registry,
            buckets=_STAGE_SECONDS,
        )

    def answered(self, route: str, method: str, status: int) -> None:
        """Count one answer; ``route`` is the path's template, never the path."""
        key = (route, method, status)
        counter = self._answered.get(key)
        if counter is None:
            counter = self._answered[key] = self._requests.labels(route, method, str(status))
        counter.inc()

    def took(self, stage: str, duration: Duration) -> None:
        """Observe one stage of a signal's way; ``duration`` is in microseconds."""
        self._stages.labels(stage).observe(duration / SECOND)

    def watch(self, engine: EngineApi) -> None:
        """Tell of this engine, whenever somebody scrapes."""
        self.registry.register(EngineCollector(engine))

    def text(self) -> bytes:
        """Everything, in Prometheus' text format."""
        return generate_latest(self.registry)


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
