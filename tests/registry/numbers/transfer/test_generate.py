"""The school makes the missing transfer numbers and renews the lapsed ones in one action."""

from datetime import UTC, datetime

from registry.numbers.shape import Issue, Kind
from registry.numbers.tables import Result
from registry.numbers.transfer import generate
from registry.numbers.transfer.generate import Generated, IssuingSchool
from registry.numbers.transfer.states import TransferState
from registry.record.scope import Scope, within
from tests.registry.numbers.office import WORK, Case, a_case
from tests.registry.staff_context import VAULT


def test_nobody_needs_to_have_confirmed_anything(case: Case) -> None:
    case.report()
    assert case.generate() == Generated(created=1)
    assert (case.transfer(Kind.FILE), case.transfer(Kind.HOUSEHOLD)) == (
        TransferState.VALID,
        TransferState.NONE,
    )
    assert case.look_up(case.number(Issue.TRANSFER)).result is Result.SHOWN


def test_who_has_nothing_reported_gets_no_number(case: Case) -> None:
    assert case.generate() == Generated()
    office = IssuingSchool(case.school, case.by, case.clock())
    asked_for = generate.generate(case.session, VAULT, office, [case.graduate.id], Kind.FILE)
    assert asked_for == Generated()


def test_a_good_number_is_left_alone(case: Case) -> None:
    case.report()
    case.generate()
    number = case.number(Issue.TRANSFER)
    assert case.generate() == Generated()
    assert case.number(Issue.TRANSFER) == number


def test_a_change_lapses_it_and_the_same_action_renews_it(case: Case) -> None:
    case.report()
    case.generate()
    old = case.number(Issue.TRANSFER)
    case.report(**{**WORK, "file_unit": "市人才中心"})
    assert case.transfer() is TransferState.LAPSED
    assert case.look_up(old).result is Result.ENDED
    assert case.generate() == Generated(renewed=1)
    assert case.number(Issue.TRANSFER) != old
    assert case.look_up(old).result is Result.ENDED


def test_a_voided_destination_has_no_good_number(case: Case) -> None:
    case.report()
    case.generate()
    number = case.number(Issue.TRANSFER)
    case.void()
    assert case.look_up(number).result is Result.ENDED
    assert case.generate() == Generated()


def test_after_31_march_numbers_are_over_and_none_are_made(case: Case) -> None:
    case.report()
    case.generate()
    number = case.number(Issue.TRANSFER)
    case.clock.set(datetime(2027, 3, 31, 15, 59, tzinfo=UTC))
    assert case.transfer() is TransferState.VALID
    case.clock.set(datetime(2027, 3, 31, 16, tzinfo=UTC))
    assert case.transfer() is TransferState.EXPIRED
    assert case.look_up(number).result is Result.ENDED
    assert case.generate() == Generated()


def test_another_schools_graduate_gets_nothing_from_this_one(case: Case) -> None:
    other = a_case(case.session, case.clock)
    other.report()
    mine = within(Scope(case.school.id))
    assert generate.needing_count(case.session, mine, Kind.FILE, case.clock()) == 0
    office = IssuingSchool(case.school, case.by, case.clock())
    outcome = generate.generate(case.session, VAULT, office, [other.graduate.id], Kind.FILE)
    assert outcome == Generated()
    assert other.transfer() is TransferState.NONE


def test_the_report_leaves_out_a_block_that_is_not_registered(case: Case) -> None:
    case.report(category="70")
    case.generate()
    found = case.look_up(case.number(Issue.TRANSFER))
    assert [each.title for each in found.shown] == ["基本信息", "毕业去向"]
