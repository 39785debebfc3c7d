"""What the web counts about itself, for Prometheus."""

from functools import cache

from prometheus_client import Counter, Histogram

REQUESTS = Counter("quxiang_requests", "Requests answered", ("endpoint", "method", "status"))
SECONDS = Histogram(
    "quxiang_request_seconds",
    "Time to answer",
    ("endpoint",),
    buckets=(0.01, 0.03, 0.1, 0.3, 1, 3, 10),
)
REFUSED = Counter("quxiang_refused", "Sign-ins and signatures that were refused", ("code",))
WATCHED = frozenset({"sign_in_failed", "too_many_attempts", "factor_code_wrong", "bad_signature"})
"""Refusals that tell of somebody who tries."""
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
"""Others are counted as one: anybody may make them up, and each would be a series for good."""


def count_request(endpoint: str, method: str, status: int, seconds: float) -> None:
    """Count one answered request."""
    answered, took = _series(endpoint, method if method in METHODS else "other", status)
    answered.inc()
    took.observe(seconds)


@cache
def _series(endpoint: str, method: str, status: int) -> tuple[Counter, Histogram]:
    """Return what counts such answers, found once: there are as many as are shown."""
    return REQUESTS.labels(endpoint, method, status), SECONDS.labels(endpoint)


def count_refusal(code: str) -> None:
    """Count a refusal that is watched."""
    if code in WATCHED:
        REFUSED.labels(code).inc()
