"""A receiver is shown a report by name and number or by its link, and nothing by anything else."""

import pytest
from sqlalchemy import event, inspect, select

from registry.base.text import MIDDLE_DOTS
from registry.numbers import shape
from registry.numbers.lookup import looking_up
from registry.numbers.lookup.looking_up import Receiver
from registry.numbers.shape import Issue, Kind
from registry.numbers.tables import IssuedNumber, Result
from tests.registry.numbers.office import Case

SHOWN = {
    "基本信息": {
        "姓名": "欧阳·娜仁",
        "性别": "女",
        "毕业院校": "示范大学",
        "毕业时间": "2026年6月",
        "学制": "4年",
        "专业": "软件工程",
        "学历": "本科",
        "生源所在地": "内蒙古自治区呼和浩特市新城区",
    },
    "毕业去向": {
        "毕业去向": "签就业协议形式就业",
        "单位名称": "青禾科技有限公司",
        "单位所在地": "福建省福州市鼓楼区",
    },
    "档案转递": {"档案转递类型": "签约单位接收", "单位名称": "青禾科技有限公司"},
}


@pytest.fixture
def numbered(case: Case) -> Case:
    case.report()
    case.generate(Kind.FILE)
    case.generate(Kind.HOUSEHOLD)
    return case


def test_exactly_the_fields_of_the_report_are_shown(numbered: Case) -> None:
    found = numbered.look_up(numbered.number(Issue.TRANSFER))
    shown = {each.title: {line.title: line.value for line in each.lines} for each in found.shown}
    assert shown == SHOWN


@pytest.mark.parametrize(
    "name", ["欧阳·娜仁", " 欧阳 娜仁", "欧阳娜仁", "欧　阳・娜仁", "欧阳\u202a娜仁"]
)
def test_a_name_is_compared_without_blanks_and_dots(numbered: Case, name: str) -> None:
    number = numbered.number(Issue.TRANSFER)
    assert numbered.look_up(number, name=name).result is Result.SHOWN


def test_a_name_may_be_written_with_any_dot(numbered: Case) -> None:
    number = numbered.number(Issue.TRANSFER)
    for dot in [*MIDDLE_DOTS, "."]:
        found = numbered.look_up(number, name=f"欧阳{dot}娜仁")
        assert found.result is Result.SHOWN, f"not with {dot!a}"


@pytest.mark.parametrize("name", ["欧阳", "娜仁", "无此人", "·", "欧阳·娜仁·"[::-1]])
def test_another_name_shows_nothing(numbered: Case, name: str) -> None:
    found = numbered.look_up(numbered.number(Issue.TRANSFER), name=name)
    assert (found.result, found.shown, found.number) == (Result.WRONG_NAME, [], None)


def test_the_other_module_does_not_know_the_number(numbered: Case) -> None:
    number = numbered.number(Issue.TRANSFER)
    assert numbered.look_up(number, Kind.HOUSEHOLD).result is Result.UNKNOWN


def test_a_mistyped_number_never_reaches_the_database(numbered: Case) -> None:
    asked: list[str] = []
    engine = numbered.session.get_bind()
    listener = ("before_cursor_execute", lambda _c, _k, said, *_: asked.append(said))
    event.listen(engine, *listener)
    try:
        wrong = numbered.look_up(numbered.number(Issue.TRANSFER)[:-1] + "!")
        before = len(asked)
        assert numbered.look_up("2610001AAAA").result is Result.MALFORMED
    finally:
        event.remove(engine, *listener)
    assert wrong.result is Result.MALFORMED
    assert len(asked) == before


def test_nobodys_number_and_a_wrong_name_ask_the_database_the_same(numbered: Case) -> None:
    asked: list[str] = []
    engine = numbered.session.get_bind()
    listener = ("before_cursor_execute", lambda _c, _k, said, *_: asked.append(said))
    known, unknown = numbered.number(Issue.TRANSFER), shape.make(Issue.TRANSFER, 2026, "99999")
    event.listen(engine, *listener)
    try:
        assert numbered.look_up(known, name="张三").result is Result.WRONG_NAME
        assert numbered.look_up(unknown, name="张三").result is Result.UNKNOWN
    finally:
        event.remove(engine, *listener)
    assert len(asked) == 2
    assert asked[0] == asked[1]


def test_the_link_of_the_code_shows_the_same(numbered: Case) -> None:
    number = numbered.number(Issue.TRANSFER)
    token = numbered.token(Issue.TRANSFER)
    found = looking_up.by_link(numbered.session, token, numbered.clock())
    assert (found.result, found.about) == (Result.SHOWN, numbered.look_up(number).about)
    for altered in (token[:-1], token.upper(), token[::-1], "", number):
        result = looking_up.by_link(numbered.session, altered, numbered.clock()).result
        assert result is Result.UNKNOWN


def test_a_link_says_neither_number_nor_name(numbered: Case) -> None:
    number = numbered.number(Issue.TRANSFER)
    token = numbered.token(Issue.TRANSFER)
    assert len(token) == 32
    assert number[7:].lower() not in token
    row = numbered.newest(Issue.TRANSFER)
    assert row is not None
    assert token not in {row.link_hash, row.number_index}


def test_the_number_itself_is_not_loaded_by_chance(numbered: Case) -> None:
    numbered.session.expunge_all()
    row = numbered.session.scalars(select(IssuedNumber)).first()
    assert row is not None
    assert "number_sealed" in inspect(row).unloaded


def test_lookups_are_counted_for_her_and_failures_are_not(case: Case) -> None:
    case.report()
    case.confirm()
    case.prove()
    case.authorize()
    number = case.number(Issue.VERIFICATION)
    receiver = Receiver("0" * 32)
    for name in ("", "张三", ""):
        found = case.look_up(number, name=name)
        looking_up.note(case.session, Kind.FILE, found, receiver, case.clock())
    case.session.flush()
    counted = looking_up.viewed(case.session, case.graduate.id, Issue.VERIFICATION)
    assert (counted[Kind.FILE].times, counted[Kind.HOUSEHOLD].times) == (2, 0)
    assert counted[Kind.FILE].last == case.clock()
    seen = looking_up.views(case.session, case.graduate.id, Kind.FILE)
    assert len(seen) == 2
    assert [each.id for each in seen] == sorted((each.id for each in seen), reverse=True)
    assert looking_up.views(case.session, case.graduate.id, Kind.FILE, limit=1) == seen[:1]
