"""What imports and other long work are given in tests: a real database, keys, a standing clock."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy.orm import Session, sessionmaker

from registry.accounts.school_tables import School
from registry.base.clock import Clock
from registry.base.crypto import Vault

VAULT = Vault({"k1": b"1" * 32}, b"2" * 32)


@dataclass(frozen=True)
class WorkDesk:
    """The open things."""

    sessions: sessionmaker[Session]
    readers: sessionmaker[Session]
    vault: Vault
    clock: Clock
    invitations_a_day: int = 5_000
    forwarding_keys: Mapping[str, bytes] = field(default_factory=dict)


def a_school(session: Session, clock: Clock, code: str = "10001") -> int:
    """Add a school and return its id."""
    school = School(code=code, name="示范大学", created_at=clock())
    session.add(school)
    session.flush()
    return school.id
