"""What the machine's watchers see: Prometheus counters and gauges, without a person in them."""

import os

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest, multiprocess

REQUESTS = Counter("linghuo_requests_total", "HTTP requests by route and status", ["route", "status"])
SECONDS = Histogram(
    "linghuo_request_seconds",
    "Time to answer by route",
    ["route"],
    buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
)


def observe(route: str, status: int, seconds: float) -> None:
    """Count one answer and the time it took."""
    REQUESTS.labels(route, str(status)).inc()
    SECONDS.labels(route).observe(seconds)


def render(gauges: dict[str, tuple[str, float]]) -> bytes:
    """The text format: this server's counters (of all its processes), and gauges as `name: (help, value)`."""
    registry = CollectorRegistry()
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call] # the package's own gap
    else:
        registry.register(REQUESTS)
        registry.register(SECONDS)
    for name, (meaning, value) in gauges.items():
        Gauge(name, meaning, registry=registry).set(value)
    return generate_latest(registry)
