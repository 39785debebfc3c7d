"""How old the last record of each school is that a province's system pushed, for Prometheus.

Asked of the database when it is scraped: a gauge kept by a process would tell of its own past.
"""

from prometheus_client import CollectorRegistry, Gauge, generate_latest
from sqlalchemy.exc import SQLAlchemyError

from registry.interface import sync_health
from registry.interface.sync_health import SchoolSync
from wxapp.core.db import reading
from wxapp.core.resources import now


def sync_exposition() -> bytes:
    """Return the gauges by the school's code; nothing while the database is away."""
    try:
        with reading() as session:
            found = sync_health.everywhere(session, now())
    except SQLAlchemyError:  # the other metrics are told all the same
        return b""
    return _written(found)


def _written(found: list[SchoolSync]) -> bytes:
    registry = CollectorRegistry()
    age = Gauge(
        *("quxiang_sync_age_seconds", "Since a record of the school came last"),
        ("school",),
        registry=registry,
    )
    share = Gauge(
        *("quxiang_sync_error_share", "Of the last day's rows, 0 to 1"),
        ("school",),
        registry=registry,
    )
    for each in found:
        if each.age is not None:
            age.labels(each.code).set(each.age.total_seconds())
            share.labels(each.code).set(each.error_share)
    return generate_latest(registry)
