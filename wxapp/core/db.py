"""The door's transactions: a view opens one, rules take its session, leaving commits it."""

from collections.abc import Iterator
from contextlib import contextmanager

from flask import g, request
from sqlalchemy.orm import Session

from notifier.ledger import mark
from registry.accounts import audit
from registry.accounts.audit import AuditOrigin
from registry.accounts.tables import Staff
from runtime import tracing
from wxapp.core.devices import device_of
from wxapp.core.read_session import let_go, reading
from wxapp.core.resources import resources
from wxapp.core.retry import kept

__all__ = ["deciding", "origin", "reading", "writing"]


@contextmanager
def writing() -> Iterator[Session]:
    """Give a session whose changes are committed at the end, or undone by an error."""
    let_go()
    with tracing.span("transaction"), resources().sessions.begin() as session:
        audit.comes_from(session, origin())
        yield session
    kept()


@contextmanager
def deciding() -> Iterator[Session]:
    """Give a session as `writing` does, to decide about messages that wait; raise as its model."""
    let_go()
    with tracing.span("transaction"), mark.deciding(resources()) as session:
        audit.comes_from(session, origin())
        yield session
    kept()


def origin() -> AuditOrigin:
    """Return where the request comes from, as the audit log keeps it."""
    address = audit.address_index(resources().vault, request.remote_addr or "")
    staff = g.get("staff")  # whoever was looked up by now: the log knows of sign-ins by itself
    province = staff.province if isinstance(staff, Staff) else None
    return AuditOrigin(address, device_of(request.user_agent.string), province)
