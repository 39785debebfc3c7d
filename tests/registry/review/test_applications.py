"""A graduate writes her application over days, sends it, takes it back; nothing is overwritten."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select

from registry.accounts.tables import Role
from registry.base.errors import RuleError
from registry.base.file_tables import StoredFile
from registry.record import fields
from registry.record.tables import Graduate
from registry.record.validation import Refused
from registry.review import applications, seasons
from registry.review.application_moves import current
from registry.review.applications import NEW, discard, save, submit, withdraw
from registry.review.decisions import Outcome
from registry.review.sent import last_sent
from registry.review.states import ApplicationEvent, ApplicationState, Level
from registry.review.tables import Application, ReviewStep
from tests.registry.review.casework import AGREEMENT, SEEKING, Casework
from tests.wxapp.school.records import VAULT

OPENING = date(2026, 6, 15)


def test_a_draft_is_kept_however_incomplete(work: Casework, graduate: Graduate) -> None:
    saved = work.save(graduate, {"category": "10", "unit_code": "打错了", "unknown": "x"})
    assert (saved.state, saved.values) == (
        ApplicationState.DRAFT,
        {"category": "10", "unit_code": "打错了"},
    )
    assert work.versions(graduate) == []


def test_two_tabs_never_overwrite_each_other(work: Casework, graduate: Graduate) -> None:
    writer = work.writer(graduate)
    first = save(work.session, writer, SEEKING, NEW)
    with pytest.raises(RuleError, match="changed_meanwhile"):
        save(work.session, writer, AGREEMENT, NEW)
    seen = first.revision
    save(work.session, writer, AGREEMENT, seen)
    with pytest.raises(RuleError, match="changed_meanwhile"):
        save(work.session, writer, SEEKING, seen)
    kept = current(work.session, graduate.id)
    assert kept is not None
    assert kept.category == "10"


def test_all_that_is_missing_is_said_at_once_evidence_included(
    work: Casework, graduate: Graduate
) -> None:
    saved = work.save(graduate, {"category": "46"})
    with pytest.raises(Refused) as refusal:
        submit(work.session, VAULT, work.writer(graduate), saved.revision)
    refused = {each.field for each in refusal.value.problems if each.severity == "refuse"}
    assert refused == {"signed_on", "evidence"}
    assert "入伍日期" in refusal.value.sentence


def test_a_sent_application_waits_and_cannot_be_written_on(
    work: Casework, graduate: Graduate
) -> None:
    sent = work.submit(graduate, SEEKING)
    assert sent.state == ApplicationState.SUBMITTED
    with pytest.raises(RuleError, match="changed_meanwhile"):
        work.save(graduate, AGREEMENT)
    with pytest.raises(RuleError, match="changed_meanwhile"):
        submit(work.session, VAULT, work.writer(graduate), sent.revision)


def test_what_was_typed_for_another_category_is_not_sent(
    work: Casework, graduate: Graduate
) -> None:
    sent = work.submit(graduate, {**AGREEMENT, "category": "70"})
    assert set(sent.values) == {"category", "file_type", "household_type"}


def test_taken_back_it_can_be_written_on_and_sent_again(work: Casework, graduate: Graduate) -> None:
    sent = work.submit(graduate, SEEKING)
    back = withdraw(work.session, work.writer(graduate), sent.revision)
    assert back.state == ApplicationState.WITHDRAWN
    assert work.submit(graduate, {**SEEKING, "category": "71"}).state == ApplicationState.SUBMITTED
    events = [each.event for each in applications.history(work.session, back)]
    assert events == [ApplicationEvent.SUBMIT, ApplicationEvent.WITHDRAW, ApplicationEvent.SUBMIT]


def test_what_the_reviewer_has_decided_cannot_be_taken_back(
    work: Casework, graduate: Graduate
) -> None:
    sent = work.submit(graduate, SEEKING)
    seen = sent.revision
    work.decide(Role.DEPARTMENT, sent)
    with pytest.raises(RuleError, match="changed_meanwhile"):
        withdraw(work.session, work.writer(graduate), seen)


def test_a_returned_one_keeps_what_was_typed_and_the_reason(
    work: Casework, graduate: Graduate
) -> None:
    sent = work.submit(graduate)
    work.give_back(Role.DEPARTMENT, sent, reason="单位名称不全")
    returned = current(work.session, graduate.id)
    assert returned is not None
    assert (returned.state, returned.reason) == (ApplicationState.RETURNED, "单位名称不全")
    assert returned.values["unit_name"] == AGREEMENT["unit_name"]
    again = submit(work.session, VAULT, work.writer(graduate), returned.revision)
    assert (again.state, again.reason) == (ApplicationState.SUBMITTED, "")


def test_a_draft_that_is_given_up_makes_room_and_forgets_its_evidence(
    work: Casework, graduate: Graduate
) -> None:
    saved = work.save(graduate, AGREEMENT)
    work.prove(graduate)
    gone = discard(work.session, work.writer(graduate), saved.revision)
    assert gone.state == ApplicationState.DISCARDED
    assert current(work.session, graduate.id) is None
    kept_until = work.session.scalars(select(StoredFile.expires_at)).one()
    assert (kept_until - work.at).days == 1
    work.save(graduate, SEEKING)
    assert len(work.session.scalars(select(Application)).all()) == 2


def test_the_form_begins_with_what_is_in_force(work: Casework, graduate: Graduate) -> None:
    assert applications.first_values(work.session, graduate) == {}
    work.register(graduate)
    first = applications.first_values(work.session, graduate)
    assert first["unit_name"] == AGREEMENT["unit_name"]
    assert first["signed_on"] == "2026-05-20"
    assert set(first) == set(fields.REGISTRATION) - {"unit_location"}


def test_sending_what_is_in_force_already_is_refused(work: Casework, graduate: Graduate) -> None:
    work.register(graduate)
    with pytest.raises(RuleError, match="nothing_changed"):
        work.submit(graduate, applications.first_values(work.session, graduate))


def test_a_province_with_its_own_system_says_where_to_go(
    work: Casework, graduate: Graduate
) -> None:
    work.campus.school.correction_system = "山东省高校毕业生就业信息网"
    work.campus.school.correction_url = "https://example.org/"
    with pytest.raises(RuleError, match="registered_elsewhere") as refusal:
        work.save(graduate, SEEKING)
    assert "山东省高校毕业生就业信息网" in refusal.value.sentence
    assert "https://example.org/" in refusal.value.sentence


LAST_EVENING = datetime(2026, 8, 31, 15, 59, tzinfo=UTC)  # 23:59 in Shanghai
MIDNIGHT = datetime(2026, 8, 31, 16, 0, tzinfo=UTC)


def test_she_writes_until_the_end_of_31_august_in_shanghai(
    work: Casework, graduate: Graduate
) -> None:
    work.at = LAST_EVENING
    saved = work.save(graduate, SEEKING)
    work.at = MIDNIGHT
    with pytest.raises(RuleError, match="season_closed"):
        work.save(graduate, AGREEMENT)
    with pytest.raises(RuleError, match="season_closed"):
        submit(work.session, VAULT, work.writer(graduate), saved.revision)


def test_what_was_sent_in_time_can_be_passed_later(work: Casework, graduate: Graduate) -> None:
    sent = work.submit(graduate, SEEKING)
    work.at = MIDNIGHT
    work.decide(Role.DEPARTMENT, sent)
    work.decide(Role.SCHOOL, sent)
    assert sent.state == ApplicationState.PASSED


def test_nobody_writes_before_the_school_opens(work: Casework, graduate: Graduate) -> None:
    school = work.campus.school.id
    wanted = replace(seasons.season(work.session, school, 2026), opens_on=OPENING)
    seasons.set_season(work.session, school, wanted, "test", work.at)
    with pytest.raises(RuleError, match="not_open_yet") as refusal:
        work.save(graduate, SEEKING)
    assert "6月15日" in refusal.value.sentence


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"closes_on": date(2026, 9, 1)}, "closes_too_late"),
        ({"opens_on": date(2020, 3, 1)}, "day_implausible"),
        ({"closes_on": date(2020, 8, 31)}, "day_implausible"),
        ({"opens_on": date(2026, 9, 1)}, "closes_before_it_opens"),
        ({"levels": (Level.DEPARTMENT,)}, "levels_unknown"),
        ({"levels": ()}, "levels_unknown"),
    ],
)
def test_a_season_that_cannot_be_is_refused(
    work: Casework, changed: dict[str, object], code: str
) -> None:
    school = work.campus.school.id
    wanted = seasons.season(work.session, school, 2026)
    impossible = replace(wanted, **changed)  # type: ignore[arg-type] # by the table
    with pytest.raises(RuleError, match=code):
        seasons.set_season(work.session, school, impossible, "test", work.at)


def test_a_level_that_somebody_waits_for_stays(work: Casework, graduate: Graduate) -> None:
    school = work.campus.school.id
    own = seasons.season(work.session, school, 2026)
    three = replace(own, levels=(Level.SCHOOL, Level.PROVINCE))
    seasons.set_season(work.session, school, three, "test", work.at)
    sent = work.submit(graduate, SEEKING)
    work.decide(Role.SCHOOL, sent)
    with pytest.raises(RuleError, match="levels_in_use"):
        seasons.set_season(work.session, school, own, "test", work.at)
    work.decide(Role.PROVINCE, sent)
    assert sent.state == ApplicationState.PASSED
    seasons.set_season(work.session, school, own, "test", work.at)
    assert seasons.season(work.session, school, 2026) == own


def steps(work: Casework, application: Application) -> list[ReviewStep]:
    return applications.history(work.session, application)


def test_what_passed_is_kept_once_by_the_version(work: Casework, graduate: Graduate) -> None:
    sent = work.submit(graduate)
    typed = dict(sent.values)
    assert work.decide(Role.DEPARTMENT, sent) == [Outcome.PASSED]
    assert sent.values == typed
    assert work.decide(Role.SCHOOL, sent) == [Outcome.PASSED]
    assert sent.values == {}
    (step,) = [each for each in steps(work, sent) if each.event == ApplicationEvent.SUBMIT]
    assert step.values is None
    assert last_sent(work.session, [sent.id]) == {sent.id: typed}
    (version,) = work.versions(graduate)
    assert (version.unit_name, version.category) == (typed["unit_name"], typed["category"])


def test_what_the_version_spells_otherwise_stays_as_it_was_sent(
    work: Casework, graduate: Graduate
) -> None:
    work.register(graduate, {**AGREEMENT, "unit_name": "青岛（海纳）公司"})
    again = work.register(
        graduate, {**AGREEMENT, "unit_name": "青岛(海纳)公司", "unit_contact": "人事处"}
    )
    (_, version) = work.versions(graduate)
    assert version.unit_name == "青岛（海纳）公司"
    assert last_sent(work.session, [again.id])[again.id]["unit_name"] == "青岛(海纳)公司"
