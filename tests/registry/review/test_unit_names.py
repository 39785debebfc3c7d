"""An employer is found by any part of its name, along an index on both databases."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from registry.base.database import is_sqlite
from registry.record import unit_names
from registry.record.employers import find_employers
from registry.record.tables import UnitNamePart
from tests.registry.review.casework import AGREEMENT, Casework

HAINA, YUANSHAN = "青岛海纳软件有限公司", "青岛远山海纳建设有限公司"


def register(work: Casework, *names: str) -> None:
    for name in names:
        work.register(work.campus.graduate(), {**AGREEMENT, "unit_name": name})
    read_all(work)


def read_all(work: Casework) -> None:
    while unit_names.read_on(work.session, work.at + timedelta(minutes=10)):
        pass


def names(work: Casework, typed: str, limit: int = 10) -> list[str]:
    return [each.name for each in find_employers(work.session, typed, limit)]


def test_what_stands_within_finds_it(work: Casework) -> None:
    register(work, HAINA, YUANSHAN, HAINA)
    assert names(work, "海纳") == [HAINA, YUANSHAN]
    assert names(work, "软件") == [HAINA]
    assert names(work, " 海纳建设有限公司 ") == [YUANSHAN]
    assert len(names(work, "海纳", limit=1)) == 1


def test_names_that_begin_so_come_first(work: Casework) -> None:
    register(work, HAINA, "海纳云科技有限公司")
    assert names(work, "海纳") == ["海纳云科技有限公司", HAINA]


@pytest.mark.parametrize("typed", ["纳", "有限公司", "限公", "%", "_岛", "海%", "青岛软件"])
def test_what_every_name_has_or_none_finds_nothing(work: Casework, typed: str) -> None:
    register(work, HAINA)
    assert names(work, typed) == []


def test_a_business_of_ones_own_is_found_by_no_part(work: Casework) -> None:
    graduate = work.campus.graduate()
    work.campus.report(graduate, category="75", unit_name="青岛李娟工作室")
    read_all(work)
    assert names(work, "李娟") == []


def test_what_may_still_be_uncommitted_waits(work: Casework) -> None:
    work.register(work.campus.graduate(), {**AGREEMENT, "unit_name": HAINA})
    assert unit_names.read_on(work.session, work.at + timedelta(minutes=4)) == 0
    assert names(work, "海纳") == []
    assert unit_names.read_on(work.session, work.at + timedelta(minutes=6)) == 1
    assert names(work, "海纳") == [HAINA]


def test_reading_again_changes_nothing(work: Casework) -> None:
    register(work, HAINA)
    count = select(func.count()).select_from(UnitNamePart)
    before = work.session.scalar(count)
    register(work, HAINA)
    assert work.session.scalar(count) == before


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("青岛海纳软件有限公司", ["岛海纳", "海纳软", "纳软件", "软件有", "件有限"]),
        ("海纳集团股份有限公司", ["纳集团"]),
        ("市第一中学", ["第一中", "一中学", "中学"]),
        ("有限公司", ["限公司", "公司"]),
    ],
)
def test_a_name_is_kept_by_the_ends_that_say_something(name: str, parts: list[str]) -> None:
    assert [each[:3] for each in unit_names.parts_of(name)] == parts


def test_a_part_is_found_along_the_index(session: Session) -> None:
    wanted = select(UnitNamePart.unit_name).where(
        UnitNamePart.part >= "海纳", UnitNamePart.part < "海纳\U0010ffff"
    )
    written = str(
        wanted.order_by(UnitNamePart.part).compile(
            session.connection(), compile_kwargs={"literal_binds": True}
        )
    )
    if is_sqlite(session):
        plan = session.execute(text(f"EXPLAIN QUERY PLAN {written}")).all()
        assert "USING" in str(plan)
        assert "TEMP B-TREE" not in str(plan)
    else:
        session.execute(text("SET LOCAL enable_seqscan = off"))
        session.execute(text("SET LOCAL enable_sort = off"))
        plan = session.execute(text(f"EXPLAIN {written}")).all()
        assert "Index Cond" in str(plan)
        assert "Sort" not in str(plan)
