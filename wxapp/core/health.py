"""For monitoring: whether the process lives, whether it can serve, and its counts."""

import ipaddress

from flask import Blueprint, Response, abort, request
from flask.typing import ResponseReturnValue
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from redis import RedisError
from sqlalchemy.exc import SQLAlchemyError

from notifier.delivery.exposition import registry_of
from registry.base.database_fitness import unfitness
from runtime import schema
from runtime.redis_client import prove_writable
from runtime.schema import Version
from wxapp.core.resources import resources

blueprint = Blueprint("health", __name__)

READY = {Version.CURRENT, Version.AHEAD}
"""A new version's migration must not take the old one's hosts out before they are replaced."""


@blueprint.get("/healthz")
def healthz() -> ResponseReturnValue:
    """Say that the process answers; asks nobody else."""
    return {"status": "ok"}


@blueprint.get("/readyz")
def readyz() -> ResponseReturnValue:
    """Say whether requests can be served: database there and migrated. Redis is only reported."""
    state = database_state()
    ready = state in READY
    body = {"status": "ok" if ready else "unready", "database": state, "redis": redis_state()}
    return body, 200 if ready else 503


@blueprint.get("/metrics")
def metrics() -> ResponseReturnValue:
    """Give the counts to this machine only."""
    if not ipaddress.ip_address(request.remote_addr or "0.0.0.0").is_loopback:  # noqa: S104 - an address, not a bind
        abort(404)
    told = generate_latest(registry_of(resources()))
    return Response(told, content_type=CONTENT_TYPE_LATEST)


def database_state() -> str:
    """Return `ok`, `ahead`, `not migrated`, why it cannot be worked with, or `away`."""
    engine = resources().engine
    try:
        return unfitness(engine) or schema.version(engine)
    except SQLAlchemyError:
        return "away"


def is_of_an_older_version() -> bool:
    """Say whether a newer version has migrated the database: its rows may hold what we cannot."""
    return database_state() == Version.AHEAD


def redis_state() -> str:
    """Return `ok`, `takes no writes` or `away`."""
    redis = resources().redis
    try:
        redis.ping()
    except RedisError:
        return "away"
    try:
        prove_writable(redis)
    except RedisError:
        return "takes no writes"
    return "ok"
