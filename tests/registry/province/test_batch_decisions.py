"""Where the province reviews too: the whole chain, another province's schools, two at once."""

import json
from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from registry.accounts.tables import Role
from registry.base.errors import NotFound
from registry.base.paging import Place
from registry.province.monitoring import reviews
from registry.record.cohort import last_day
from registry.record.graduate_filter import GraduateFilter
from registry.record.scope import Scope, in_province
from registry.record.tables import Graduate
from registry.review import case, decide, evidence, lists, reasons
from registry.review.decisions import Decision, Outcome, Reviewer, Verdict, reviewer
from registry.review.seasons import SeasonRules, set_season
from registry.review.stages import Stage
from registry.review.states import ApplicationState, Level, Purpose
from registry.review.tables import Application, Evidence, ReviewStep
from registry.review.void import request_void
from tests.registry.review.at_once import together
from tests.registry.review.casework import PROVINCE, SEEKING, Casework

ELSEWHERE = "110000"
LEVELS = tuple(Level)
WAITING = lists.ApplicationFilter(GraduateFilter(2026), Stage.PROVINCE, LEVELS)


@pytest.fixture
def work(work: Casework) -> Casework:
    """Give a school whose province has the last word."""
    season = SeasonRules(2026, LEVELS, None, last_day(2026))
    set_season(work.session, work.campus.school.id, season, "test", work.at)
    return work


def before_the_province(work: Casework, graduate: Graduate) -> Application:
    """Have a graduate submit, and department and school pass it."""
    sent = work.submit(graduate)
    for role in (Role.DEPARTMENT, Role.SCHOOL):
        assert work.decide(role, sent) == [Outcome.PASSED]
    return sent


def foreign(work: Casework) -> Scope:
    """Return what a province elsewhere would ask with, had it got past its door."""
    return Scope(work.campus.school.id, province=ELSEWHERE)


def test_only_the_provinces_pass_puts_it_in_force(work: Casework, graduate: Graduate) -> None:
    sent = before_the_province(work, graduate)
    assert (sent.state, graduate.registration_id) == (ApplicationState.SCHOOL_PASSED, None)
    assert work.decide(Role.PROVINCE, sent) == [Outcome.PASSED]
    assert sent.state == ApplicationState.PASSED
    (version,) = work.versions(graduate)
    assert graduate.registration_id == version.id
    assert version.recorded_by == reviewer(work.staff(Role.PROVINCE)).by


def test_what_the_province_returns_begins_at_the_department_again(
    work: Casework, graduate: Graduate
) -> None:
    sent = before_the_province(work, graduate)
    assert work.give_back(Role.PROVINCE, sent, reason="行业与单位不符") is Outcome.RETURNED
    assert (sent.state, sent.reason) == (ApplicationState.RETURNED, "行业与单位不符")
    again = work.submit(graduate)
    assert work.decide(Role.PROVINCE, again) == [Outcome.WRONG_LEVEL]
    assert work.decide(Role.DEPARTMENT, again) == [Outcome.PASSED]


def test_a_request_to_void_goes_the_same_way(work: Casework, graduate: Graduate) -> None:
    sent = before_the_province(work, graduate)
    work.decide(Role.PROVINCE, sent)
    asked = request_void(work.session, work.writer(graduate), "单位取消录用")
    for role in (Role.DEPARTMENT, Role.SCHOOL):
        work.decide(role, asked)
    assert graduate.registration_id is not None
    work.decide(Role.PROVINCE, asked)
    assert graduate.registration_id is None


def test_the_graduate_hears_of_each_level(work: Casework, graduate: Graduate) -> None:
    sent = before_the_province(work, graduate)
    assert len(work.messages()) == 2
    work.decide(Role.PROVINCE, sent)
    assert "省级" in json.loads(work.messages()[-1].facts)["item"]


def test_another_province_finds_no_such_school(work: Casework) -> None:
    with pytest.raises(NotFound):
        in_province(work.session, ELSEWHERE, work.campus.school.key)


def test_another_provinces_queries_find_nobody(work: Casework, graduate: Graduate) -> None:
    sent = before_the_province(work, graduate)
    scope, session = foreign(work), work.session
    assert lists.page(session, scope, WAITING, Place()).rows == []
    assert lists.first_of(session, scope, WAITING, 10) == {}
    assert lists.of_keys(session, scope, [sent.key]) == []
    assert lists.counts(session, scope, WAITING)[Purpose.REGISTER][Stage.PROVINCE] == 0
    with pytest.raises(NotFound):
        case.case(session, scope, sent.key)
    document = session.scalars(select(Evidence.key)).one()
    with pytest.raises(NotFound):
        evidence.of_scope(session, work.campus.vault, scope, document, "staff:x", work.at)


def test_another_province_decides_nothing(work: Casework, graduate: Graduate) -> None:
    sent = before_the_province(work, graduate)
    seen, who = {sent.key: sent.revision}, Reviewer(Level.PROVINCE, "staff:x")
    verdict = Verdict(Decision.PASS)
    came = decide.decide(work.session, foreign(work), who, seen, verdict, work.at)
    assert came == {sent.key: Outcome.NOT_IN_SCOPE}


@pytest.mark.parametrize(("level", "province"), [(Level.PROVINCE, ""), (Level.SCHOOL, PROVINCE)])
def test_a_level_decides_within_its_own_scope(work: Casework, level: Level, province: str) -> None:
    scope = Scope(work.campus.school.id, province=province)
    with pytest.raises(ValueError, match="within its own scope"):
        decide.decide(
            work.session, scope, Reviewer(level, "staff:x"), {}, Verdict(Decision.PASS), work.at
        )


def test_the_province_sees_how_many_wait_in_each_school(work: Casework, graduate: Graduate) -> None:
    before_the_province(work, graduate)
    work.submit(work.campus.graduate("王建国"), SEEKING)
    (school,) = reviews(work.session, PROVINCE, 2026)
    assert school.waiting == {Purpose.REGISTER: 1, Purpose.VOID: 0, Purpose.AGREEMENT: 0}
    assert reviews(work.session, PROVINCE, 2025) == []
    assert reviews(work.session, ELSEWHERE, 2026) == []


def test_reasons_are_the_provinces_or_the_schools_own(work: Casework) -> None:
    province = work.scope(Role.PROVINCE)
    for scope in (work.campus.scope, province, province):
        reasons.add(work.session, scope, "材料不清", "test", work.at)
    (kept,) = reasons.reasons(work.session, province)
    with pytest.raises(NotFound):
        reasons.remove(work.session, work.campus.scope, kept.key)
    reasons.remove(work.session, province, kept.key)
    assert reasons.reasons(work.session, province) == []
    assert len(reasons.reasons(work.session, work.campus.scope)) == 1


def test_of_two_reviewers_of_the_province_exactly_one_is_heard(
    work: Casework, sessions: sessionmaker[Session]
) -> None:
    given = [before_the_province(work, work.campus.graduate()) for _ in range(20)]
    seen = {each.key: each.revision for each in given}
    scope, who = work.scope(Role.PROVINCE), reviewer(work.staff(Role.PROVINCE))
    work.campus.save()

    def deciding(decision: Decision) -> Callable[[Session], object]:
        verdict = Verdict(decision, "缺少协议")
        return lambda session: decide.decide(session, scope, who, seen, verdict, work.at)

    first, second = together(sessions, deciding(Decision.PASS), deciding(Decision.RETURN))
    assert isinstance(first, dict)
    assert isinstance(second, dict)
    for each in given:
        heard = {first[each.key], second[each.key]} - {Outcome.CHANGED_MEANWHILE}
        assert len(heard) == 1
        assert heard <= {Outcome.PASSED, Outcome.RETURNED}
    with sessions.begin() as session:
        wanted = select(ReviewStep).where(ReviewStep.level == Level.PROVINCE)
        assert len(session.scalars(wanted).all()) == len(given)
