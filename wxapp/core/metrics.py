"""What the web counts about itself, for Prometheus."""

import os

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

REQUESTS = Counter("quxiang_requests", "Requests answered", ("endpoint", "method", "status"))
SECONDS = Histogram(
    "quxiang_request_seconds",
    "Time to answer",
    ("endpoint",),
    buckets=(0.01, 0.03, 0.1, 0.3, 1, 3, 10),
)


METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
"""Others are counted as one: anybody may make them up, and each would be a series for good."""


def count_request(endpoint: str, method: str, status: int, seconds: float) -> None:
    """Count one answered request."""
    REQUESTS.labels(endpoint, method if method in METHODS else "other", status).inc()
    SECONDS.labels(endpoint).observe(seconds)


def exposition() -> bytes:
    """Return the counts of this process, or of all where PROMETHEUS_MULTIPROC_DIR is set."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return generate_latest(REGISTRY)
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # published so
    return generate_latest(registry)
