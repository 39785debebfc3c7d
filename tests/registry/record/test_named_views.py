"""Filters under a name: of two of one name the later gets a number, also where schools merge."""

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import Engine, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from registry.accounts.tables import Staff
from registry.base.errors import RuleError
from registry.record import list_views
from registry.record.list_tables import ListView
from registry.record.list_views import LONGEST_NAME, NewView
from registry.upkeep import merge
from runtime import schema
from tests.clock import StandingClock
from tests.wxapp.school.records import Campus, open_campus

LONG = "长" * LONGEST_NAME


@pytest.fixture
def campus(session: Session, clock: StandingClock) -> Campus:
    return open_campus(session, clock())


def row(staff: Staff, name: str, at: datetime, *, shared: bool = True) -> dict[str, Any]:
    about = {"school_id": staff.school_id, "staff_id": staff.id, "page": "graduates"}
    return {**about, "name": name, "shared": shared, "query": {"sex": "2"}, "created_at": at}


def names(session: Session) -> list[str]:
    return list(session.scalars(select(ListView.name).order_by(ListView.id)))


def test_of_views_of_one_name_from_before_the_later_ones_get_a_number(
    campus: Campus, engine: Engine
) -> None:
    one, other = campus.staff(), campus.staff()
    campus.save()
    schema.downgrade(engine, "0132")
    before = [
        *(row(each, "女生", campus.at) for each in (one, other)),
        row(one, "女生", campus.at, shared=False),
        *(row(one, LONG, campus.at, shared=False) for _ in range(2)),
        *(row(other, name, campus.at, shared=False) for name in ("女生（2）", "男生")),
    ]
    for number, each in enumerate(before):
        campus.session.execute(insert(ListView).values(**each, key=f"view-{number}"))
    campus.session.commit()
    schema.upgrade(engine)
    numbered = [*("女生", "女生（2）", "女生（2）"), LONG, f"{LONG[:-3]}（2）"]
    assert names(campus.session) == [*numbered, "女生（2）（2）", "男生"]


def test_the_database_keeps_no_two_of_one_name(campus: Campus) -> None:
    one, other = campus.staff(), campus.staff()
    campus.session.execute(insert(ListView).values(**row(one, "女生", campus.at), key="a"))
    for key, values in (("b", row(other, "女生", campus.at)), ("c", row(one, "女生", campus.at))):
        with pytest.raises(IntegrityError), campus.session.begin_nested():
            campus.session.execute(insert(ListView).values(**values, key=key))
    own = row(other, "女生", campus.at, shared=False)
    campus.session.execute(insert(ListView).values(**own, key="d"))


def test_views_that_two_schools_share_under_one_name_are_both_kept_by_a_merge(
    campus: Campus,
) -> None:
    other = open_campus(campus.session, campus.at, "10001")
    for number, school in enumerate((campus, other)):
        values = row(school.staff(), "女生", campus.at)
        campus.session.execute(insert(ListView).values(**values, key=f"view-{number}"))
    for department in campus.departments:
        department.name = f"原{department.name}"
    campus.save()
    merge.merge_schools(campus.session, campus.school.id, other.school.id)
    assert names(campus.session) == ["女生（2）", "女生"]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        (" \u200b\u202e\n", "view_name_missing"),
        ("长" * (LONGEST_NAME + 1), "view_name_too_long"),
        ("\u202e 女\u200b生\x00 ", "view_name_taken"),
    ],
)
def test_a_name_that_nobody_can_tell_apart_is_refused(campus: Campus, name: str, code: str) -> None:
    staff = campus.staff()

    def save(name: str) -> ListView:
        wanted = NewView(name, {"sex": "2"}, shared=True)
        return list_views.save(campus.session, staff, campus.scope, wanted, campus.at)

    save("女生")
    with pytest.raises(RuleError) as refused:
        save(name)
    assert refused.value.code == code
