"""What the lists of a school find, count and page through, and what they never show."""

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy.orm import Session

from registry.base import paging
from registry.base.errors import NotFound, RuleError
from registry.base.paging import Place
from registry.record import filter_choices, graduate_filter, graduate_page, graduates
from registry.record.confirmation.confirm import Reply, answer
from registry.record.confirmation.states import ConfirmationState
from registry.record.graduate_filter import Days, GraduateFilter
from registry.record.tables import Answer, Graduate, Source
from tests.clock import StandingClock
from tests.wxapp.school.records import IDENTITY, VAULT, Campus, open_campus

ALL = GraduateFilter(year=2026)


@pytest.fixture
def campus(session: Session, clock: StandingClock) -> Campus:
    return open_campus(session, clock())


@pytest.fixture
def stranger(session: Session, clock: StandingClock) -> Graduate:
    """Report a graduate of another school, like ours."""
    other = open_campus(session, clock(), "10001")
    return other.report(other.graduate("张远"))


def names(campus: Campus, wanted: GraduateFilter) -> list[str]:
    found = graduates.page(campus.session, campus.scope, wanted, Place())
    return [row.name for row in found.rows]


def reply(campus: Campus, graduate: Graduate, given: Answer, *items: str) -> None:
    said = Reply(given, graduate.registration_id or 0, items)
    answer(campus.session, graduate.id, said, channel="wechat", at=campus.at)
    campus.session.refresh(graduate)


def test_a_list_holds_only_what_lies_in_the_scope(campus: Campus, stranger: Graduate) -> None:
    campus.graduate("李娟", department=0)
    campus.graduate("赵敏", department=1)
    mine = graduates.page(campus.session, campus.department_scope(0), ALL, Place())
    assert names(campus, ALL) == ["李娟", "赵敏"]
    assert [row.name for row in mine.rows] == ["李娟"]


def test_a_department_cannot_widen_its_list_by_naming_another(campus: Campus) -> None:
    campus.graduate("赵敏", department=1)
    asked = replace(ALL, department=campus.departments[1].key)
    assert not graduates.page(campus.session, campus.department_scope(0), asked, Place()).rows
    assert names(campus, asked) == ["赵敏"]


@pytest.mark.parametrize(
    ("narrowed", "found"),
    [
        ({"state": ConfirmationState.UNCONFIRMED}, ["王一"]),
        ({"state": ConfirmationState.NOT_REPORTED}, ["赵二"]),
        ({"level": "11"}, ["赵二"]),
        ({"major": "软件工程"}, ["王一"]),
        ({"class_name": "化工2201"}, ["赵二"]),
        ({"source": Source.IMPORT}, ["王一"]),
        ({"words": "王"}, ["王一"]),
        ({"words": "2022A"}, ["赵二"]),
        ({"words": "%"}, []),
        ({"reported": Days(date(2026, 6, 10), date(2026, 6, 10))}, ["王一"]),
        ({"reported": Days(last=date(2026, 6, 9))}, []),
        ({"answered": Days(first=date(2026, 6, 1))}, []),
        ({"year": 2025}, []),
        ({"sex": "1"}, ["赵二"]),
        ({"origin": "370000"}, ["赵二"]),
        ({"origin": "370200"}, ["赵二"]),
        ({"origin": "370203"}, []),
        ({"words": "青岛"}, ["王一"]),
        ({"graduated": Days(date(2026, 1, 1), date(2026, 1, 1))}, ["赵二"]),
        ({"graduated": Days(first=date(2026, 2, 1))}, ["王一"]),
    ],
)
def test_each_filter_narrows_the_list(
    campus: Campus, narrowed: dict[str, str], found: list[str]
) -> None:
    campus.report(campus.graduate("王一"))
    campus.graduate(
        *("赵二", 1),
        level="11",
        major="化工",
        class_name="化工2201",
        student_number="2022A1",
        sex="1",
        origin_code="370202",
        graduation_month="202601",
    )
    assert names(campus, replace(ALL, **narrowed)) == found  # type: ignore[arg-type] # by the table


def test_pages_follow_one_another_forwards_and_back(
    campus: Campus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paging, "PAGE", 2)
    for name in "甲乙丙丁戊":
        campus.graduate(name)
    session, scope = campus.session, campus.scope
    first = graduates.page(session, scope, ALL, Place())
    assert first.next is not None
    second = graduates.page(session, scope, ALL, first.next)
    assert second.next is not None
    third = graduates.page(session, scope, ALL, second.next)
    assert third.previous is not None
    back = graduates.page(session, scope, ALL, third.previous)
    pages = [[row.name for row in page.rows] for page in (first, second, third, back)]
    assert pages == [["甲", "乙"], ["丙", "丁"], ["戊"], ["丙", "丁"]]
    assert (first.previous, third.next) == (None, None)


def test_a_place_of_another_school_finds_nothing(campus: Campus, stranger: Graduate) -> None:
    campus.graduate()
    place = Place(after=stranger.key)
    assert not graduates.page(campus.session, campus.scope, ALL, place).rows


def test_counts_are_of_every_state_whatever_the_filter_asks(
    campus: Campus, stranger: Graduate
) -> None:
    campus.graduate()
    reply(campus, campus.report(campus.graduate()), Answer.CORRECT)
    campus.report(campus.graduate(department=1), Source.PROVINCE_INTERFACE)
    wanted = replace(ALL, state=ConfirmationState.CONFIRMED)
    assert list(graduates.counts(campus.session, campus.scope, wanted).values()) == [1, 1, 1, 0]
    sources = graduates.by_source(campus.session, campus.scope, wanted)
    assert sources[Source.IMPORT][ConfirmationState.CONFIRMED] == 1
    assert sources[Source.PROVINCE_INTERFACE][ConfirmationState.UNCONFIRMED] == 1
    assert sources[""][ConfirmationState.NOT_REPORTED] == 1
    departments = graduates.by_department(campus.session, campus.scope, wanted)
    assert [sum(each["counts"].values()) for each in departments] == [1, 2]


def test_an_identity_number_is_never_searched_by_address(campus: Campus) -> None:
    with pytest.raises(RuleError, match="identity_in_address"):
        names(campus, replace(ALL, words=IDENTITY))


def test_an_identity_number_is_found_by_its_index_in_the_scope_only(
    campus: Campus, stranger: Graduate
) -> None:
    mine = campus.graduate()
    indexes = VAULT.indexes("identity", IDENTITY)
    found = graduates.find_by_identity(campus.session, campus.scope, indexes)
    assert [each.key for each in found] == [mine.key]


def test_an_export_holds_the_filtered_rows(campus: Campus, stranger: Graduate) -> None:
    campus.graduate("李娟")
    campus.graduate("赵敏")
    those = graduate_filter.matching(campus.scope, replace(ALL, words="赵"))
    rows = list(graduates.every(campus.session, those))
    assert [(row.name, VAULT.open("identity", ident, sealed)) for row, ident, sealed in rows] == [
        ("赵敏", IDENTITY)
    ]


def test_filters_offer_what_there_is(campus: Campus, stranger: Graduate) -> None:
    campus.graduate(year=2025)
    campus.graduate(level="11")
    offered = filter_choices.choices(campus.session, campus.department_scope(0), 2026)
    assert [name for _, name in offered.departments] == ["计算机学院"]
    assert (offered.levels, offered.majors) == (["11"], ["软件工程"])
    assert filter_choices.years(campus.session, campus.scope) == [2026, 2025]


def test_a_detail_outside_the_scope_does_not_exist(campus: Campus, stranger: Graduate) -> None:
    theirs = campus.graduate(department=1)
    for scope, key in [
        (campus.scope, stranger.key),
        (campus.department_scope(0), theirs.key),
        (campus.scope, "nobody"),
    ]:
        with pytest.raises(NotFound):
            graduate_page.detail(campus.session, scope, key)


def test_a_detail_tells_what_was_disputed_and_what_changed_since(campus: Campus) -> None:
    graduate = campus.report(campus.graduate())
    reply(campus, graduate, Answer.WRONG, "destination")
    disputed = graduate_page.detail(campus.session, campus.scope, graduate.key)
    assert disputed.dispute is not None
    assert disputed.dispute.items == ["destination"]
    campus.report(graduate, unit_name="青岛新海科技有限公司")
    corrected = graduate_page.detail(campus.session, campus.scope, graduate.key)
    assert corrected.dispute is None
    assert [each.field for each in corrected.answers[0].changed_since] == ["unit_name"]
    assert [each.field for each in corrected.versions[0].changed] == ["unit_name"]
    assert corrected.versions[1].changed == []


def test_only_personal_fields_that_are_kept_can_be_shown(campus: Campus) -> None:
    graduate = campus.graduate(phone_sealed=None)
    purpose, value = graduate_page.sealed(graduate, "identity")
    assert VAULT.open(purpose, graduate.id, value) == IDENTITY
    for what in ("phone", "particulars", "key"):
        with pytest.raises(RuleError, match="nothing_to_show"):
            graduate_page.sealed(graduate, what)
