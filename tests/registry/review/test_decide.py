"""A registration goes from the graduate's form through its reviews into the record."""

import json

import pytest
from sqlalchemy import select

from registry.accounts.school_tables import Department
from registry.accounts.tables import AuditEntry, Role
from registry.base.errors import NotFound, RuleError
from registry.record.confirmation.confirm import Reply, answer
from registry.record.confirmation.states import ConfirmationState
from registry.record.registration import Origin, Proposal, record
from registry.record.scope import Scope
from registry.record.tables import Answer, Graduate, Source
from registry.review import decide, decisions, reasons
from registry.review.applications import history
from registry.review.case import case
from registry.review.decisions import Decision, Outcome, Reviewer, Verdict
from registry.review.states import ApplicationEvent, ApplicationState, Level
from tests.registry.review.casework import AGREEMENT, SEEKING, Casework
from tests.registry.statements import statements
from tests.wxapp.school.records import open_campus


def test_what_both_levels_passed_is_reported_as_a_version(
    work: Casework, graduate: Graduate
) -> None:
    sent = work.submit(graduate)
    assert work.decide(Role.DEPARTMENT, sent) == [Outcome.PASSED]
    assert sent.state == ApplicationState.DEPARTMENT_PASSED
    assert work.versions(graduate) == []
    assert work.decide(Role.SCHOOL, sent) == [Outcome.PASSED]
    (version,) = work.versions(graduate)
    assert (version.unit_name, version.unit_location) == (
        "青岛海纳软件有限公司",
        "山东省青岛市市南区",
    )
    assert graduate.registration_id == version.id == sent.registration_id
    assert graduate.confirmation == ConfirmationState.UNCONFIRMED


def said(work: Casework) -> list[dict[str, str]]:
    return [json.loads(each.facts) for each in work.messages()]


def test_each_decision_is_told_once(work: Casework, graduate: Graduate) -> None:
    work.register(graduate)
    assert [each["item"] for each in said(work)] == [
        "毕业去向登记（院系审核）",
        "毕业去向登记（学校审核）",
    ]
    assert [each["reason"] for each in said(work)] == [
        "院系已通过，待学校审核",
        "已上报，请核对并确认登记去向",
    ]
    for kind in ("registration_changed", "confirmation_reminder"):
        assert work.messages(kind) == []


def test_a_return_is_told_with_its_reason(work: Casework, graduate: Graduate) -> None:
    sent = work.submit(graduate)
    assert work.give_back(Role.DEPARTMENT, sent) == Outcome.RETURNED
    assert work.give_back(Role.DEPARTMENT, sent) == Outcome.CHANGED_MEANWHILE
    (told,) = said(work)
    assert (told["result"], told["reason"]) == ("退回", "单位名称不全")


def test_her_own_change_resets_her_answer_and_is_told_by_the_review_alone(
    work: Casework, graduate: Graduate
) -> None:
    work.register(graduate)
    reply = Reply(Answer.CORRECT, graduate.registration_id or 0)
    answer(work.session, graduate.id, reply, channel="wechat", at=work.at)
    work.session.expire_all()
    work.register(graduate, SEEKING)
    assert graduate.confirmation == ConfirmationState.UNCONFIRMED
    assert [each.version for each in work.versions(graduate)] == [1, 2]
    assert len(said(work)) == 4
    assert work.messages("registration_changed") == []


def test_a_change_of_no_important_field_keeps_her_answer_and_asks_nothing_of_her(
    work: Casework, graduate: Graduate
) -> None:
    work.register(graduate)
    reply = Reply(Answer.CORRECT, graduate.registration_id or 0)
    answer(work.session, graduate.id, reply, channel="wechat", at=work.at)
    work.session.expire_all()
    work.register(graduate, {**AGREEMENT, "job_class": "24"})
    assert graduate.confirmation == ConfirmationState.CONFIRMED
    assert len(work.versions(graduate)) == 2
    assert said(work)[-1]["reason"] == "已更新，原确认有效，无需操作"


def test_who_said_something_is_wrong_is_asked_to_look_at_that(
    work: Casework, graduate: Graduate
) -> None:
    work.register(graduate)
    reply = Reply(Answer.WRONG, graduate.registration_id or 0, ["file"])
    answer(work.session, graduate.id, reply, channel="wechat", at=work.at)
    work.session.expire_all()
    work.register(graduate, {**AGREEMENT, "job_class": "24"})
    assert said(work)[-1]["reason"] == "已更新，请核对您反映的问题"


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"unit_name": "乙公司"}, "核验授权已失效，请重新确认登记去向"),
        ({"job_class": "24"}, "已更新，原确认有效，无需操作"),
    ],
)
def test_a_pass_that_ends_an_authorization_says_so(
    work: Casework, graduate: Graduate, changed: dict[str, str], told: str
) -> None:
    work.register(graduate)
    reply = Reply(Answer.CORRECT, graduate.registration_id or 0)
    answer(work.session, graduate.id, reply, channel="wechat", at=work.at)
    work.authorize(graduate)
    work.register(graduate, {**AGREEMENT, **changed})
    assert said(work)[-1]["reason"] == told


def test_each_level_decides_in_its_turn(work: Casework, graduate: Graduate) -> None:
    sent = work.submit(graduate)
    assert work.decide(Role.SCHOOL, sent) == [Outcome.WRONG_LEVEL]
    assert work.decide(Role.PROVINCE, sent) == [Outcome.WRONG_LEVEL]
    work.decide(Role.DEPARTMENT, sent)
    assert work.decide(Role.DEPARTMENT, sent) == [Outcome.WRONG_LEVEL]
    assert work.decide(Role.SCHOOL, sent) == [Outcome.PASSED]
    assert work.decide(Role.SCHOOL, sent) == [Outcome.CHANGED_MEANWHILE]


def test_each_of_many_is_answered_for(work: Casework) -> None:
    fine, withdrawn, passed, elsewhere, stale = (
        work.submit(work.campus.graduate(name), SEEKING) for name in "甲乙丙丁戊"
    )
    draft = work.save(work.campus.graduate("己"), SEEKING)
    outsider = work.submit(work.campus.graduate("庚", department=1), SEEKING)
    foreign = Casework(open_campus(work.session, work.at, "10001"), work.at)
    stranger = foreign.submit(foreign.campus.graduate("辛"), SEEKING)
    work.decide(Role.DEPARTMENT, passed)
    work.campus.report(work.session.get_one(Graduate, elsewhere.graduate_id))
    seen = {each.key: each.revision for each in (fine, withdrawn, passed, elsewhere, stale)}
    seen |= {each.key: each.revision for each in (draft, outsider, stranger)}
    seen |= {withdrawn.key: withdrawn.revision + 1, stale.key: stale.revision - 1}
    found = decide.decide(
        work.session,
        work.campus.department_scope(),
        decisions.reviewer(work.staff(Role.DEPARTMENT)),
        {**seen, "no such key": 1},
        Verdict(Decision.PASS),
        work.at,
    )
    assert found == {
        fine.key: Outcome.PASSED,
        withdrawn.key: Outcome.CHANGED_MEANWHILE,
        passed.key: Outcome.WRONG_LEVEL,
        elsewhere.key: Outcome.RECORD_CHANGED,
        stale.key: Outcome.CHANGED_MEANWHILE,
        draft.key: Outcome.NOT_IN_SCOPE,
        outsider.key: Outcome.NOT_IN_SCOPE,
        stranger.key: Outcome.NOT_IN_SCOPE,
        "no such key": Outcome.NOT_IN_SCOPE,
    }
    assert set(decisions.OUTCOME_SENTENCES) == set(Outcome)


def test_who_changes_department_is_reviewed_by_the_new_one(
    work: Casework, graduate: Graduate
) -> None:
    sent = work.submit(graduate, SEEKING)
    other: Department = work.campus.departments[1]
    origin = Origin(work.campus.school.id, Source.IMPORT, "", "学校", "system", work.at)
    record(work.session, origin, [Proposal(graduate.id, {}, {"department_id": other.id})])
    work.session.expire_all()
    assert sent.department_id == other.id
    assert work.decide(Role.DEPARTMENT, sent) == [Outcome.NOT_IN_SCOPE]


@pytest.mark.parametrize(
    ("reason", "code"), [(" \n", "reason_missing"), ("字" * 201, "reason_too_long")]
)
def test_a_return_wants_a_reason(
    work: Casework, graduate: Graduate, reason: str, code: str
) -> None:
    sent = work.submit(graduate)
    with pytest.raises(RuleError, match=code):
        work.give_back(Role.DEPARTMENT, sent, reason=reason)


def test_a_department_decides_only_within_itself(work: Casework, graduate: Graduate) -> None:
    with pytest.raises(ValueError, match="its own scope"):
        decide.decide(
            work.session,
            work.campus.scope,
            Reviewer(Level.DEPARTMENT, "staff:x"),
            {},
            Verdict(Decision.PASS),
            work.at,
        )


def test_an_operator_reviews_nothing(work: Casework) -> None:
    with pytest.raises(RuleError, match="no_reviewer"):
        decisions.reviewer(work.campus.staff(Role.OPERATOR))


def test_the_history_and_the_audit_log_say_who_did_what(work: Casework, graduate: Graduate) -> None:
    sent = work.submit(graduate, SEEKING)
    work.give_back(Role.DEPARTMENT, sent)
    steps = history(work.session, sent)
    assert [(each.event, each.level) for each in steps] == [
        (ApplicationEvent.RETURN, "department"),
        (ApplicationEvent.SUBMIT, ""),
    ]
    deed = work.session.scalars(select(AuditEntry)).one()
    assert (deed.action, deed.subject) == ("review_return", f"graduate:{graduate.key}")
    assert deed.actor == f"staff:{work.staff(Role.DEPARTMENT).key}"


def test_a_reviewer_sees_what_changed_and_what_is_odd(work: Casework, graduate: Graduate) -> None:
    work.register(graduate)
    sent = work.submit(
        graduate,
        {**SEEKING, "file_type": "签约单位接收", "file_unit": "人社局"}
        | {"file_address": "示例路 1 号", "file_phone": "0532-86981234"},
    )
    work.give_back(Role.DEPARTMENT, sent)
    work.submit(graduate, SEEKING)
    found = case(work.session, work.campus.department_scope(), sent.key)
    record_side = {each.field: (each.before, each.after) for each in found.against_record}
    assert record_side["category"] == ("签就业协议形式就业", "待就业")
    assert record_side["unit_name"] == ("青岛海纳软件有限公司", "")
    since = {each.field: (each.before, each.after) for each in found.since_last if each.changed}
    assert since["file_type"] == ("签约单位接收", "转回生源地")
    assert found.due is Level.DEPARTMENT
    assert not found.record_changed
    assert [each.by for each in found.steps] == ["", "王老师", ""]


def test_a_case_outside_the_scope_and_a_draft_are_not_found(
    work: Casework, graduate: Graduate
) -> None:
    draft = work.save(graduate, SEEKING)
    with pytest.raises(NotFound):
        case(work.session, work.campus.scope, draft.key)
    sent = work.submit(graduate, SEEKING)
    for scope in (work.campus.department_scope(1), Scope(work.campus.school.id + 1)):
        with pytest.raises(NotFound):
            case(work.session, scope, sent.key)


def test_a_school_keeps_reasons_to_use_again(work: Casework) -> None:
    session, scope = work.session, work.campus.scope
    for text in ("缺少协议", "单位名称不全", " 缺少协议 "):
        reasons.add(session, scope, text, "staff:x", work.at)
    kept = reasons.reasons(session, scope)
    assert [each.text for each in kept] == ["缺少协议", "单位名称不全"]
    other = open_campus(session, work.at, "10001").scope
    assert reasons.reasons(session, other) == []
    with pytest.raises(NotFound):
        reasons.remove(session, other, kept[0].key)
    reasons.remove(session, scope, kept[0].key)
    assert [each.text for each in reasons.reasons(session, scope)] == ["单位名称不全"]


def test_many_are_decided_in_as_few_statements_as_one(work: Casework) -> None:
    who = decisions.reviewer(work.staff(Role.DEPARTMENT))
    one, *many = (work.submit(work.campus.graduate(), SEEKING) for _ in range(12))
    counts = []
    for given in ([one], many):
        seen = {each.key: each.revision for each in given}
        with statements(work.session) as said:
            scope, verdict = work.campus.department_scope(), Verdict(Decision.PASS)
            found = decide.decide(work.session, scope, who, seen, verdict, work.at)
        assert set(found.values()) == {Outcome.PASSED}
        counts.append(len(said))
    assert counts[0] == counts[1]
