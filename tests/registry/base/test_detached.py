"""What is read as objects of no session is what a session would have read."""

import pytest
from sqlalchemy import bindparam, inspect, select
from sqlalchemy.orm import Session

from registry.accounts.school_tables import Department, School
from registry.base.database import Base
from registry.base.detached import Detached
from registry.numbers.tables import IssuedNumber
from registry.record.tables import Confirmation, Graduate, Registration
from tests.rows import a_row

GRADUATES = Graduate.metadata.tables["graduate"]
READ = Detached(Graduate, School, Registration)
STATEMENT = (
    select(*READ.columns, Graduate.year + 1)
    .join(School, School.id == Graduate.school_id)
    .outerjoin(Registration, Registration.graduate_id == Graduate.id)
    .where(Graduate.id == bindparam("graduate"))
)


def test_an_object_is_what_the_session_reads_and_belongs_to_none(session: Session) -> None:
    ident = a_row(session, GRADUATES)
    [(hers, school, registration, next_year)] = READ.read(session, STATEMENT, {"graduate": ident})
    for each, kind in ((hers, Graduate), (school, School)):
        assert inspect(each).detached
        assert _values(each) == _values(session.get_one(kind, each.id))
    assert registration is None
    assert next_year == hers.year + 1


def test_what_the_session_has_not_written_yet_is_seen(session: Session) -> None:
    hers = session.get_one(Graduate, a_row(session, GRADUATES))
    hers.name = "王芳"
    [(found, *_)] = READ.read(session, STATEMENT, {"graduate": hers.id})
    assert found.name == "王芳"


@pytest.mark.parametrize("kind", [Graduate, School, Department, Registration, Confirmation])
def test_all_columns_are_read(kind: type[Base]) -> None:
    assert [each.key for each in Detached(kind).columns] == [*inspect(kind).column_attrs.keys()]


def test_columns_that_are_deferred_are_left_out() -> None:
    names = {each.key for each in Detached(IssuedNumber).columns}
    assert "number_index" in names
    assert "number_sealed" not in names


def _values(of: object) -> dict[str, object]:
    return {each.key: getattr(of, each.key) for each in inspect(type(of)).column_attrs}
