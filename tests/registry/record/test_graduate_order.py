"""A list in each order: every graduate stands on one page, each page is found by an index."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from registry.base import paging
from registry.base.paging import Place
from registry.record import graduates
from registry.record.confirmation.confirm import Reply, answer
from registry.record.graduate_filter import GraduateFilter
from registry.record.graduate_order import Order, Sort
from registry.record.tables import Answer
from tests.clock import StandingClock
from tests.registry.plans import plans
from tests.wxapp.school.records import Campus, open_campus

ALL = GraduateFilter(year=2026)


@pytest.fixture
def campus(session: Session, clock: StandingClock) -> Campus:
    """Open a school of six: four have reported at three moments, two of them answered."""
    campus = open_campus(session, clock())
    numbers = {"赵一": "9", "钱二": "2", "孙三": "5", "李四": "1", "周五": "7", "吴六": "3"}
    people = {
        name: campus.graduate(name, department=at % 2, student_number=number)
        for at, (name, number) in enumerate(numbers.items())
    }
    for hours, name in ((5, "钱二"), (1, "赵一"), (1, "周五"), (3, "吴六")):
        later = replace(campus, at=clock() + timedelta(hours=hours))
        later.report(people[name])
    for hours, name in ((9, "周五"), (8, "钱二")):
        said = Reply(Answer.CORRECT, people[name].registration_id or 0)
        at = clock() + timedelta(hours=hours)
        answer(session, people[name].id, said, channel="wechat", at=at)
    return campus


ORDERS = {
    Order(): "赵钱孙李周吴",
    Order(descending=True): "吴周李孙钱赵",
    Order(Sort.NAME): "吴周孙李赵钱",
    Order(Sort.NUMBER): "李钱吴孙周赵",
    Order(Sort.NUMBER, descending=True): "赵周孙吴钱李",
    Order(Sort.DEPARTMENT): "赵孙周钱李吴",
    Order(Sort.REPORTED): "赵周吴钱孙李",
    Order(Sort.REPORTED, descending=True): "钱吴周赵李孙",
    Order(Sort.ANSWERED): "钱周赵孙李吴",
    Order(Sort.ANSWERED, descending=True): "周钱吴李孙赵",
}


def forwards(campus: Campus, order: Order) -> Iterator[paging.Page[graduates.ListedGraduate]]:
    place: Place | None = Place()
    while place is not None:
        page = graduates.page(campus.session, campus.scope, ALL, place, order)
        yield page
        place = page.next


def surnames(page: paging.Page[graduates.ListedGraduate]) -> str:
    return "".join(row.name[0] for row in page.rows)


@pytest.mark.parametrize(("order", "expected"), ORDERS.items(), ids=str)
@pytest.mark.parametrize("size", [1, 2, 4])
def test_pages_hold_everybody_once_in_order_forwards_and_back(
    campus: Campus, order: Order, expected: str, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paging, "PAGE", size)
    pages = list(forwards(campus, order))
    assert "".join(map(surnames, pages)) == expected
    back, place = [pages[-1]], pages[-1].previous
    while place is not None:
        back.insert(0, graduates.page(campus.session, campus.scope, ALL, place, order))
        place = back[0].previous
    assert "".join(map(surnames, back)) == expected


@pytest.mark.parametrize(("order", "expected"), ORDERS.items(), ids=str)
def test_the_next_of_a_person_is_the_next_of_the_list(
    campus: Campus, order: Order, expected: str
) -> None:
    rows = graduates.page(campus.session, campus.scope, ALL, Place(), order).rows
    keys = [None, *(row.key for row in rows), None]
    for before, key, after in zip(keys, keys[1:-1], keys[2:], strict=False):
        found = graduates.neighbours(campus.session, campus.scope, ALL, order, key or "")
        assert (found.previous, found.next) == (before, after)
    assert len(keys) == len(expected) + 2


INDEXES = {
    Order(): "ix_graduate_entered",
    Order(Sort.NAME): "ix_graduate_name",
    Order(Sort.NUMBER): "student_number>?",
    Order(Sort.DEPARTMENT): "ix_graduate_department",
    Order(Sort.REPORTED, descending=True): "ix_graduate_reported",
    Order(Sort.ANSWERED, descending=True): "ix_graduate_replied",
}


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("order", "index"), INDEXES.items(), ids=str)
def test_each_order_is_read_off_its_index_from_where_a_page_begins(
    campus: Campus, order: Order, index: str
) -> None:
    rows = graduates.page(campus.session, campus.scope, ALL, Place(), order).rows
    with plans(campus.session) as found:
        graduates.page(campus.session, campus.scope, ALL, Place(after=rows[0].key), order)
    listed = found[1]
    assert index in listed
    assert "TEMP B-TREE" not in listed
