"""A destination is voided on request, by a review of its own, and nothing of it is lost."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from registry.accounts.audit_log.words import WORDS
from registry.accounts.tables import AuditEntry, Role
from registry.base.errors import RuleError
from registry.record.confirmation.confirm import Reply, answer
from registry.record.confirmation.snapshots import given
from registry.record.confirmation.states import ConfirmationState
from registry.record.tables import Answer, Graduate
from registry.review.application_moves import current
from registry.review.applications import withdraw
from registry.review.decisions import Outcome
from registry.review.states import ApplicationState
from registry.review.tables import Application
from registry.review.void import request_void
from tests.registry.review.casework import AGREEMENT, SEEKING, Casework


@pytest.fixture
def registered(work: Casework, graduate: Graduate) -> Graduate:
    """Give a graduate who confirmed what is registered."""
    work.register(graduate)
    reply = Reply(Answer.CORRECT, graduate.registration_id or 0)
    answer(work.session, graduate.id, reply, channel="wechat", at=work.at)
    work.session.expire_all()
    return graduate


def ask(work: Casework, graduate: Graduate, note: str = "单位取消录用") -> Application:
    return request_void(work.session, work.writer(graduate), note)


def test_what_both_levels_agree_to_is_in_force_no_more(
    work: Casework, registered: Graduate
) -> None:
    asked = ask(work, registered)
    assert work.decide(Role.DEPARTMENT, asked) == [Outcome.PASSED]
    assert registered.confirmation == ConfirmationState.CONFIRMED
    assert work.decide(Role.SCHOOL, asked) == [Outcome.PASSED]
    assert registered.confirmation == ConfirmationState.NOT_REPORTED
    assert (registered.registration_id, registered.reported_at) == (None, None)
    (version,) = work.versions(registered)
    assert asked.registration_id == version.id
    assert len(given(work.session, registered.id)) == 1


def test_the_next_registration_is_the_next_version(work: Casework, registered: Graduate) -> None:
    asked = ask(work, registered)
    work.decide(Role.DEPARTMENT, asked)
    work.decide(Role.SCHOOL, asked)
    work.register(registered, AGREEMENT)
    assert [each.version for each in work.versions(registered)] == [1, 2]
    assert registered.confirmation == ConfirmationState.UNCONFIRMED


def test_what_is_declined_stays_in_force_and_says_why(work: Casework, registered: Graduate) -> None:
    asked = ask(work, registered)
    work.give_back(Role.DEPARTMENT, asked, reason="协议仍然有效")
    assert asked.state == ApplicationState.DECLINED
    assert current(work.session, registered.id) is None
    assert registered.confirmation == ConfirmationState.CONFIRMED
    said = json.loads(work.messages()[-1].facts)
    assert said["item"] == "毕业去向作废（院系审核）"
    assert (said["result"], said["reason"]) == ("未同意", "协议仍然有效")
    deed = work.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert deed is not None
    assert WORDS[deed.action] == "未同意作废登记"
    assert ask(work, registered).state == ApplicationState.SUBMITTED


def test_a_voided_destination_is_told_as_such(work: Casework, registered: Graduate) -> None:
    asked = ask(work, registered)
    work.decide(Role.DEPARTMENT, asked)
    work.decide(Role.SCHOOL, asked)
    said = json.loads(work.messages()[-1].facts)
    assert (said["result"], said["reason"]) == ("通过", "原去向已作废，请重新登记")
    assert work.messages("registration_changed") == []


def test_a_void_says_that_an_authorization_ended_and_whom_to_ask_after_the_last_day(
    work: Casework, registered: Graduate
) -> None:
    work.authorize(registered)
    asked = ask(work, registered)
    work.decide(Role.DEPARTMENT, asked)
    work.at += timedelta(days=90)
    work.decide(Role.SCHOOL, asked)
    said = json.loads(work.messages()[-1].facts)
    assert said["reason"] == "原去向已作废，核验授权失效，请联系学校"


def test_a_request_can_be_taken_back(work: Casework, registered: Graduate) -> None:
    asked = ask(work, registered)
    withdraw(work.session, work.writer(registered), asked.revision)
    assert current(work.session, registered.id) is None
    assert registered.registration_id is not None


def test_what_changed_meanwhile_is_not_voided_unseen(work: Casework, registered: Graduate) -> None:
    asked = ask(work, registered)
    work.decide(Role.DEPARTMENT, asked)
    work.campus.report(registered, unit_name="乙公司")
    assert work.decide(Role.SCHOOL, asked) == [Outcome.RECORD_CHANGED]
    assert registered.registration_id is not None


def test_one_thing_at_a_time(work: Casework, registered: Graduate) -> None:
    ask(work, registered)
    with pytest.raises(RuleError, match="application_open") as refusal:
        ask(work, registered)
    assert "作废申请正在审核" in refusal.value.sentence
    with pytest.raises(RuleError, match="changed_meanwhile"):
        work.save(registered, SEEKING)


def test_a_draft_stands_in_the_way_of_voiding(work: Casework, registered: Graduate) -> None:
    work.save(registered, SEEKING)
    with pytest.raises(RuleError, match="application_open") as refusal:
        ask(work, registered)
    assert "先撤回或放弃" in refusal.value.sentence


def test_where_nothing_is_reported_there_is_nothing_to_void(
    work: Casework, graduate: Graduate
) -> None:
    with pytest.raises(RuleError, match="nothing_to_void"):
        ask(work, graduate)


@pytest.mark.parametrize(("note", "code"), [(" ", "note_missing"), ("字" * 201, "note_too_long")])
def test_voiding_wants_a_reason(work: Casework, registered: Graduate, note: str, code: str) -> None:
    with pytest.raises(RuleError, match=code):
        ask(work, registered, note)
