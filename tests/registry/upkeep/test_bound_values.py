"""A sealed value belongs to its row; older ones are bound to theirs beside a running product."""

from collections.abc import Iterator

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session, sessionmaker

from registry.base.crypto import UnreadableValue, Vault
from registry.codes import identity
from registry.record.tables import Graduate
from registry.upkeep.rekey import SEALED, reseal_batch
from tests.clock import StandingClock
from tests.sealing import sealed_unbound
from tests.wxapp.school.records import IDENTITY, PHONE, Campus, open_campus

KEY, INDEX = b"1" * 32, b"i" * 32
STRICT = Vault({"k1": KEY}, INDEX)
LENIENT = Vault({"k1": KEY}, INDEX, opens_unbound=True)
PEOPLE = 5


@pytest.fixture
def campus(session: Session, clock: StandingClock) -> Campus:
    return open_campus(session, clock(), vault=STRICT)


def test_a_phone_copied_to_another_row_does_not_open(campus: Campus) -> None:
    hers, other = campus.graduate(phone="19900001111"), campus.graduate(phone="19900002222")
    copied = select(Graduate.phone_sealed).where(Graduate.id == other.id).scalar_subquery()
    campus.session.execute(
        update(Graduate).where(Graduate.id == hers.id).values(phone_sealed=copied)
    )
    campus.session.refresh(hers)
    assert hers.phone_sealed == other.phone_sealed
    for vault in (STRICT, LENIENT):
        with pytest.raises(UnreadableValue):
            vault.open(identity.PHONE, hers.id, hers.phone_sealed or "")
    assert STRICT.open(identity.PHONE, other.id, other.phone_sealed or "") == "19900002222"


@pytest.fixture
def before(sessions: sessionmaker[Session], clock: StandingClock) -> list[int]:
    """Keep people as versions did that named no row; return their ids."""
    with sessions.begin() as session:
        campus = open_campus(session, clock(), vault=STRICT)
        ids = [campus.graduate().id for _ in range(PEOPLE)]
        for each in session.scalars(select(Graduate)):
            each.identity_sealed = sealed_unbound(KEY, "k1", identity.IDENTITY, IDENTITY)
            each.phone_sealed = sealed_unbound(KEY, "k1", identity.PHONE, PHONE)
        return ids


def batches(sessions: sessionmaker[Session], limit: int) -> Iterator[None]:
    """Seal a few values a transaction; what comes between two is the caller's."""
    for which in SEALED:
        after: int | None = 0
        while after is not None:
            with sessions.begin() as session:
                after = reseal_batch(session, LENIENT, which, after, limit)
            yield


def test_older_values_are_bound_between_requests_and_then_unbound_ones_refused(
    before: list[int], sessions: sessionmaker[Session]
) -> None:
    changed: dict[int, str] = {}
    for number, _ in enumerate(batches(sessions, limit=2)):
        with sessions.begin() as session:  # a page that reads, and one that corrects
            for each in session.scalars(select(Graduate)):
                known = changed.get(each.id, PHONE)
                assert LENIENT.open(identity.PHONE, each.id, each.phone_sealed or "") == known
            her = before[number % PEOPLE]
            changed[her] = f"1990001{number:04}"
            sealed = LENIENT.seal(identity.PHONE, her, changed[her])
            session.execute(update(Graduate).where(Graduate.id == her).values(phone_sealed=sealed))
    with sessions() as session:
        for each in session.scalars(select(Graduate)):
            assert STRICT.open(identity.IDENTITY, each.id, each.identity_sealed) == IDENTITY
            known = changed.get(each.id, PHONE)
            assert STRICT.open(identity.PHONE, each.id, each.phone_sealed or "") == known
        for column in (Graduate.identity_sealed, Graduate.phone_sealed):
            wanted = select(func.count()).where(column.startswith("v1"))
            assert session.scalars(wanted).one() == 0


def test_a_planted_older_value_does_not_open_when_all_are_bound(
    before: list[int], sessions: sessionmaker[Session]
) -> None:
    planted = sealed_unbound(KEY, "k1", identity.PHONE, "19900009999")
    with pytest.raises(UnreadableValue):
        STRICT.open(identity.PHONE, before[0], planted)
