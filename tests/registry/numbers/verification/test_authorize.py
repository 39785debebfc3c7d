"""She authorizes each kind by itself: confirmed, proven, for a while; extends it; takes it back."""

from datetime import timedelta

import pytest

from registry.base.errors import RuleError
from registry.numbers.service import Validity
from registry.numbers.shape import Issue, Kind
from registry.numbers.states import NumberState
from registry.numbers.tables import Result
from registry.numbers.verification import authentication, authorize
from registry.numbers.verification.states import AuthorizationState
from tests.registry.numbers.office import SESSION, WORK, Case


@pytest.fixture
def ready(case: Case) -> Case:
    case.report()
    case.confirm()
    case.prove()
    return case


def test_an_authorization_opens_one_kind_and_leaves_the_other_closed(ready: Case) -> None:
    ready.authorize(Kind.FILE)
    assert (ready.authorization(Kind.FILE), ready.authorization(Kind.HOUSEHOLD)) == (
        AuthorizationState.IN_FORCE,
        AuthorizationState.NOT_AUTHORIZED,
    )
    number = ready.number(Issue.VERIFICATION)
    assert ready.look_up(number).result is Result.SHOWN
    assert ready.look_up(number, Kind.HOUSEHOLD).result is Result.UNKNOWN


def test_nothing_is_authorized_that_was_not_confirmed(case: Case) -> None:
    case.report()
    case.prove()
    with pytest.raises(RuleError, match="not_confirmed"):
        case.authorize()


def test_nothing_is_authorized_without_a_proof_of_who_she_is(case: Case) -> None:
    case.report()
    case.confirm()
    with pytest.raises(RuleError, match="not_authenticated"):
        case.authorize()


def test_what_is_in_force_is_not_authorized_twice(ready: Case) -> None:
    ready.authorize()
    number = ready.number(Issue.VERIFICATION)
    with pytest.raises(RuleError, match="already_authorized"):
        ready.authorize()
    assert ready.number(Issue.VERIFICATION) == number


def test_after_it_ran_out_she_authorizes_again_under_a_new_number(ready: Case) -> None:
    ready.authorize(validity=Validity.WEEK)
    old = ready.number(Issue.VERIFICATION)
    ready.clock.move(timedelta(days=8))
    assert ready.authorization() is AuthorizationState.EXPIRED
    assert ready.look_up(old).result is Result.ENDED
    ready.prove()
    ready.authorize()
    assert ready.number(Issue.VERIFICATION) != old
    assert ready.look_up(old).result is Result.ENDED
    assert [row.standing for row in ready.rows(Issue.VERIFICATION, Kind.FILE)] == [
        NumberState.REPLACED,
        NumberState.GOOD,
    ]


def test_it_holds_to_the_end_of_its_last_day_in_shanghai(ready: Case) -> None:
    ready.authorize(validity=Validity.WEEK)
    ready.clock.set(ready.clock().replace(day=8, hour=15, minute=59))
    assert ready.authorization() is AuthorizationState.IN_FORCE
    ready.clock.move(timedelta(minutes=1))
    assert ready.authorization() is AuthorizationState.EXPIRED


def test_extending_keeps_the_number_and_moves_its_end(ready: Case) -> None:
    ready.authorize(validity=Validity.WEEK)
    number = ready.number(Issue.VERIFICATION)
    ends_on = authorize.extend(ready.session, ready.asked, Kind.FILE, Validity.QUARTER)
    row = ready.newest(Issue.VERIFICATION)
    assert row is not None
    assert row.ends_on == ends_on
    assert ready.number(Issue.VERIFICATION) == number


def test_an_end_is_never_brought_nearer_by_extending(ready: Case) -> None:
    ready.authorize(validity=Validity.QUARTER)
    with pytest.raises(RuleError, match="not_longer"):
        authorize.extend(ready.session, ready.asked, Kind.FILE, Validity.WEEK)


def test_what_ran_out_cannot_be_extended(ready: Case) -> None:
    ready.authorize(validity=Validity.WEEK)
    ready.clock.move(timedelta(days=8))
    with pytest.raises(RuleError, match="not_in_force"):
        authorize.extend(ready.session, ready.asked, Kind.FILE, Validity.QUARTER)


def test_what_was_revoked_is_not_found_any_more(ready: Case) -> None:
    ready.authorize()
    number = ready.number(Issue.VERIFICATION)
    authorize.revoke(ready.session, ready.asked, Kind.FILE)
    assert ready.authorization() is AuthorizationState.NOT_AUTHORIZED
    assert ready.look_up(number).result is Result.ENDED
    with pytest.raises(RuleError, match="not_in_force"):
        authorize.revoke(ready.session, ready.asked, Kind.FILE)
    with pytest.raises(RuleError, match="not_in_force"):
        authorize.own_in_force(ready.session, ready.graduate.id, Kind.FILE, ready.clock())


@pytest.mark.parametrize(
    ("field", "value", "file", "household"),
    [
        (
            "unit_name",
            "另一家公司",
            AuthorizationState.NOT_AUTHORIZED,
            AuthorizationState.NOT_AUTHORIZED,
        ),
        ("file_unit", "市人才中心", AuthorizationState.NOT_AUTHORIZED, AuthorizationState.IN_FORCE),
        (
            "file_phone",
            "0591-1234567",
            AuthorizationState.NOT_AUTHORIZED,
            AuthorizationState.IN_FORCE,
        ),
        (
            "household_location",
            "北京市",
            AuthorizationState.IN_FORCE,
            AuthorizationState.NOT_AUTHORIZED,
        ),
        ("unit_industry", "65", AuthorizationState.IN_FORCE, AuthorizationState.IN_FORCE),
        (
            "unit_name",
            " 青禾科技 有限公司",
            AuthorizationState.IN_FORCE,
            AuthorizationState.IN_FORCE,
        ),
    ],
)
def test_a_change_ends_the_kinds_that_show_it(
    ready: Case, field: str, value: str, file: AuthorizationState, household: AuthorizationState
) -> None:
    ready.authorize(Kind.FILE)
    ready.authorize(Kind.HOUSEHOLD)
    ready.report(**{**WORK, field: value})
    assert (ready.authorization(Kind.FILE), ready.authorization(Kind.HOUSEHOLD)) == (
        file,
        household,
    )


@pytest.mark.parametrize("field", ["name", "sex", "origin", "programme_length", "major"])
def test_a_correction_of_what_is_printed_of_her_ends_both_kinds(ready: Case, field: str) -> None:
    ready.authorize(Kind.FILE)
    ready.authorize(Kind.HOUSEHOLD)
    ready.correct(**{field: "1"})
    assert {ready.authorization(kind) for kind in Kind} == {AuthorizationState.NOT_AUTHORIZED}


def test_a_proof_in_person_holds_until_the_day_ends(case: Case) -> None:
    case.prove()
    late = case.clock().replace(hour=15, minute=59)
    assert authentication.fresh(case.session, case.graduate.id, "any session", late)
    midnight = late + timedelta(minutes=1)
    assert not authentication.fresh(case.session, case.graduate.id, "any session", midnight)


def test_a_face_check_proves_for_ten_minutes_in_its_own_session(case: Case) -> None:
    session, her, at = case.session, case.graduate.id, case.clock()
    begun = authentication.begin_face(session, her, SESSION, at)
    authentication.refer(session, begun, "biz-token")
    assert authentication.fresh(session, her, SESSION, at) is None
    found = authentication.begun_face(session, her, SESSION, "biz-token", at)
    assert found.id == begun.id
    assert authentication.end_face(session, found, at, passed=True)
    assert authentication.fresh(session, her, SESSION, at)
    assert authentication.fresh(session, her, "b" * 64, at) is None
    assert authentication.fresh(session, her, SESSION, at + authentication.FRESH) is None


def test_a_face_check_ends_once_and_only_for_who_began_it(case: Case) -> None:
    session, her, at = case.session, case.graduate.id, case.clock()
    begun = authentication.begin_face(session, her, SESSION, at)
    authentication.refer(session, begun, "biz-token")
    for whose, browser, token, when in (
        (her + 1, SESSION, "biz-token", at),
        (her, "b" * 64, "biz-token", at),
        (her, SESSION, "another", at),
        (her, SESSION, "biz-token", at + authentication.FACE_CHECK_LASTS),
    ):
        with pytest.raises(RuleError, match="face_check_unknown"):
            authentication.begun_face(session, whose, browser, token, when)
    assert authentication.end_face(session, begun, at, passed=False)
    assert not authentication.end_face(session, begun, at, passed=True)
    assert authentication.fresh(session, her, SESSION, at) is None
