"""Many rows written by one statement are the rows that were given."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from registry.base import bulk_rows
from registry.base.bulk_rows import given_rows, insert_rows
from registry.base.database import Base, is_sqlite
from registry.record.confirmation.states import ConfirmationState
from registry.record.tables import Graduate, Registration
from tests.rows import a_row

AT = datetime(2026, 6, 10, 2, 30, 15, 123456, tzinfo=UTC)


def graduates(session: Session, *names: str) -> list[dict[str, object]]:
    department = a_row(session, Base.metadata.tables["department"])
    school = a_row(session, Base.metadata.tables["school"])
    about: dict[str, object] = {"school_id": school, "department_id": department, "year": 2026}
    about |= {"identity_sealed": "", "identity_index": "", "graduation_month": "202606"}
    return [
        {**about, "name": name, "student_number": f"S{place}", "created_at": AT, "updated_at": AT}
        for place, name in enumerate(names)
    ]


def test_what_is_given_stands_there_with_the_defaults_of_the_table(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk_rows, "CHUNK", 2)
    names = ["李娟", '引"号', "斜\\线"]
    insert_rows(session, Graduate, graduates(session, *names))
    found = session.scalars(select(Graduate).order_by(Graduate.student_number)).all()
    assert [each.name for each in found] == names
    assert {each.confirmation for each in found} == {ConfirmationState.NOT_REPORTED}
    assert {each.updated_at for each in found} == {AT}
    assert {each.phone_sealed for each in found} == {None}
    assert len({each.key for each in found}) == 3


def test_days_and_moments_keep_what_they_are(session: Session) -> None:
    graduate = a_row(session, Base.metadata.tables["graduate"])
    about = {"version": 1, "category": "10", "source": "import", "recorded_by": "test"}
    row = {"graduate_id": graduate, "signed_on": date(2026, 6, 9), "reported_at": AT, **about}
    insert_rows(session, Registration, [{**row, "recorded_at": AT}])
    found = session.scalars(select(Registration)).one()
    assert (found.signed_on, found.reported_at) == (date(2026, 6, 9), AT)


def test_a_text_that_is_too_long_is_refused_and_not_cut(session: Session) -> None:
    rows = graduates(session, "李" * 200)
    if is_sqlite(session):
        insert_rows(session, Graduate, rows)  # SQLite knows no length
        assert session.scalars(select(Graduate.name)).one() == "李" * 200
        return
    with pytest.raises(SQLAlchemyError):
        insert_rows(session, Graduate, rows)


def test_rows_that_all_say_the_same_are_as_many_as_were_given(session: Session) -> None:
    given = given_rows(session, Graduate, [{"name": "李娟", "updated_at": AT}] * 3)
    assert session.execute(select(given.c.name, given.c.updated_at)).all() == [("李娟", AT)] * 3


def test_what_is_in_no_row_is_in_none_of_the_table(session: Session) -> None:
    rows = [{**each, "phone_index": None} for each in graduates(session, "李娟", "张三")]
    insert_rows(session, Graduate, rows)
    assert session.scalars(select(Graduate.phone_index)).all() == [None, None]


def test_no_rows_are_no_statement(session: Session) -> None:
    insert_rows(session, Graduate, [])
    assert not session.scalars(select(Graduate)).all()
