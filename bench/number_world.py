"""A country's numbers: ten million rows made by SQL, and some among them that can be looked up."""

import json
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import insert, select, text
from sqlalchemy.orm import Session

from bench.world import YEAR, World
from registry.base.clock import utc_now
from registry.base.crypto import Vault
from registry.numbers import issuing, shape
from registry.numbers.sealed_number import link_hash
from registry.numbers.shape import Issue, Kind
from registry.numbers.states import NumberState
from registry.numbers.tables import IssuedNumber
from registry.record.registration import Origin, Proposal, record
from registry.record.scope import Scope
from registry.record.tables import Graduate, Source

SCHOOL_CODE = "10001"
NAME = "李娟"
GRADUATES = 100_000
SHOWN = {
    "name": NAME,
    "sex": "2",
    "school": "某某大学10001",
    "graduation_month": "202606",
    "programme_length": "4",
    "major": "软件工程",
    "level": "31",
    "origin": "山东省青岛市市南区",
    "category": "10",
    "unit_name": "青岛海纳软件有限公司",
    "unit_location": "山东省青岛市市南区",
    "file_type": "签约单位接收",
    "file_unit": "青岛市人才服务中心",
    "file_location": "山东省青岛市市南区",
}
_UNIQUE = """
SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint
WHERE conrelid = 'issued_number'::regclass AND contype = 'u'
"""
_FILL = """
INSERT INTO issued_number (graduate_id, issue, kind, sequence, newest, standing, number_index,
    number_sealed, link_hash, registration_id, snapshot, ends_on, issued_at, issued_by)
SELECT :first + (i % :people), CASE WHEN i % 2 = 0 THEN 'verification' ELSE 'transfer' END,
    'file', 2 + i / :people, FALSE, 'good', md5(i::text), repeat('x', 80),
    md5('a' || i) || md5('b' || i), :registration, CAST(:shown AS json), :ends_on, :at, 'bench'
FROM generate_series(1, :rows) AS i
"""


@dataclass(frozen=True)
class Known:
    """A number that holds, and the token of its link."""

    number: str
    token: str


def add_numbers(world: World, filler: int, known: int) -> list[Known]:
    """Fill the table, then add numbers that hold; return these."""
    scope = world.add_school(SCHOOL_CODE, min(GRADUATES, max(filler, known)))
    with world.resources.sessions.begin() as session:
        people = list(session.scalars(select(Graduate.id).order_by(Graduate.id)))
        registration = _registered(session, scope, people[0])
        if filler:
            _fill(session, filler, people, registration)
        numbers = _issue(session, world.resources.vault, people[:known], registration)
    with world.resources.engine.connect() as connection:
        connection.execute(text("ANALYZE issued_number"))
        connection.commit()
    return numbers


def _registered(session: Session, scope: Scope, graduate_id: int) -> int:
    origin = Origin(scope.school_id, Source.IMPORT, "学校导入", "学校", "bench", utc_now())
    record(session, origin, [Proposal(graduate_id, {"category": "10", "unit_name": "某公司"})])
    found = session.scalars(select(Graduate.registration_id).where(Graduate.id == graduate_id))
    registration = found.one()
    assert registration is not None
    return registration


def _fill(session: Session, rows: int, people: list[int], registration: int) -> None:
    """Insert without the unique indexes, which are faster made in one go afterwards."""
    made = session.execute(text(_UNIQUE)).all()
    for name, _ in made:
        session.execute(text(f"ALTER TABLE issued_number DROP CONSTRAINT {name}"))
    values = {
        "first": people[0],
        "people": len(people),
        "registration": registration,
        "shown": json.dumps(SHOWN, ensure_ascii=False),
        "ends_on": _ends_on(),
        "at": utc_now(),
        "rows": rows,
    }
    session.execute(text(_FILL), values)
    for name, definition in made:
        session.execute(text(f"ALTER TABLE issued_number ADD CONSTRAINT {name} {definition}"))


def _ends_on() -> date:
    return (utc_now() + timedelta(days=100)).date()


def _issue(session: Session, vault: Vault, people: list[int], registration: int) -> list[Known]:
    """Add transfer numbers that hold, by the shape and the indexes of real ones."""
    numbers = [shape.make(Issue.TRANSFER, YEAR, SCHOOL_CODE) for _ in people]
    common = {
        "issue": Issue.TRANSFER,
        "kind": Kind.FILE,
        "sequence": 1,
        "newest": True,
        "standing": NumberState.GOOD,
        "number_sealed": "x" * 80,
        "registration_id": registration,
        "snapshot": SHOWN,
        "ends_on": _ends_on(),
        "issued_at": utc_now(),
        "issued_by": "bench",
    }
    known = [Known(number, issuing.link_token()) for number in numbers]
    session.execute(
        insert(IssuedNumber),
        [
            {
                **common,
                "graduate_id": person,
                "number_index": issuing.number_index(vault, each.number),
                "link_hash": link_hash(each.token),
            }
            for person, each in zip(people, known, strict=True)
        ],
    )
    return known
