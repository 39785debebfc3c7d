"""The school corrects with a reason, employers are found by their beginning, rates by formula."""

import json
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from registry.accounts import audit
from registry.accounts.tables import AuditEntry, Role
from registry.base.errors import NotFound, RuleError
from registry.province.rates import TOTAL, formula, rates
from registry.record.confirmation.confirm import Reply, answer
from registry.record.confirmation.states import ConfirmationState
from registry.record.employers import find_employers
from registry.record.registration import Origin, Proposal, record
from registry.record.tables import Answer, Graduate, Source
from registry.record.validation import Refused
from registry.review.applications import first_values
from registry.review.case import case
from registry.review.correction import CorrectionForm, correct
from registry.review.decisions import Outcome
from registry.review.ended import RecordDecision, end, take_back
from registry.statistics.province_table import province_table
from tests.registry.review.casework import AGREEMENT, CREDIT_CODE, SEEKING, Casework
from tests.wxapp.school.records import open_campus

SEPTEMBER = datetime(2026, 9, 20, 2, tzinfo=UTC)


def mend(
    work: Casework, graduate: Graduate, values: dict[str, str], reason: str = "凭解约函更正"
) -> None:
    staff, scope = work.staff(Role.SCHOOL), work.campus.scope
    change = CorrectionForm(values, reason)
    correct(work.session, scope, staff, graduate.key, change, work.at)


def test_after_august_the_school_corrects_and_tells_her(work: Casework, graduate: Graduate) -> None:
    work.register(graduate)
    reply = Reply(Answer.CORRECT, graduate.registration_id or 0)
    answer(work.session, graduate.id, reply, channel="wechat", at=work.at)
    work.at = SEPTEMBER
    mend(work, graduate, SEEKING)
    assert graduate.confirmation == ConfirmationState.UNCONFIRMED
    assert [each.category for each in work.versions(graduate)] == ["10", "70"]
    wanted = select(AuditEntry).where(AuditEntry.action == "registration_corrected")
    noted = audit.said_in(work.session, work.session.scalars(wanted).one())
    assert noted["reason"] == "凭解约函更正"
    (told,) = work.messages("registration_changed")
    assert json.loads(told.facts)["by"] == "学校"


def test_a_correction_wants_a_reason_a_whole_form_and_a_change(
    work: Casework, graduate: Graduate
) -> None:
    work.register(graduate)
    for values, reason, code in (
        (SEEKING, " ", "reason_missing"),
        (SEEKING, "字" * 201, "reason_too_long"),
        (AGREEMENT, "核对", "nothing_changed"),
    ):
        with pytest.raises(RuleError, match=code):
            mend(work, graduate, values, reason)
    with pytest.raises(Refused):
        mend(work, graduate, {"category": "10"})


def imported(work: Casework, graduate: Graduate, **said: str) -> dict[str, str]:
    """Register what a roster says, which may be less than the form asks for; return the form."""
    origin = Origin(work.campus.school.id, Source.IMPORT, "学校导入", "学校", "system", work.at)
    record(work.session, origin, [Proposal(graduate.id, said)])
    work.session.refresh(graduate)
    return first_values(work.session, graduate)


def test_one_field_is_corrected_where_others_were_never_filled_in(
    work: Casework, graduate: Graduate
) -> None:
    form = imported(work, graduate, category="10", unit_name="青岛海那软件有限公司")
    mend(work, graduate, {**form, "unit_name": "青岛海纳软件有限公司"})
    assert [each.unit_name for each in work.versions(graduate)][-1] == "青岛海纳软件有限公司"


def test_what_is_emptied_or_newly_wrong_is_refused_beside_what_was_lacking(
    work: Casework, graduate: Graduate
) -> None:
    form = imported(work, graduate, category="10", unit_name="青岛海纳软件有限公司")
    for wrong in ({"unit_name": ""}, {"unit_phone": "abc"}):
        with pytest.raises(Refused) as refused:
            mend(work, graduate, {**form, **wrong})
        assert [each.field for each in refused.value.problems] == list(wrong)
    with pytest.raises(Refused):
        mend(work, graduate, {**form, "category": "11"})


def test_a_place_whose_code_was_abolished_stays_while_another_field_is_corrected(
    work: Casework, graduate: Graduate
) -> None:
    place = {"unit_location_code": "370181", "unit_location": "山东省济南市章丘市"}
    form = imported(work, graduate, category="10", unit_name="济南海那软件有限公司", **place)
    mend(work, graduate, {**form, "unit_name": "济南海纳软件有限公司"})
    newest = work.versions(graduate)[-1]
    assert (newest.unit_location_code, newest.unit_location) == tuple(place.values())
    assert newest.unit_name == "济南海纳软件有限公司"


def test_a_department_and_another_school_correct_nothing(
    work: Casework, graduate: Graduate
) -> None:
    staff, change = work.staff(Role.DEPARTMENT), CorrectionForm(SEEKING, "更正")
    scope = work.campus.department_scope()
    with pytest.raises(RuleError, match="school_only"):
        correct(work.session, scope, staff, graduate.key, change, work.at)
    other = open_campus(work.session, work.at, "10001").scope
    with pytest.raises(NotFound):
        correct(work.session, other, staff, graduate.key, change, work.at)


def test_an_ended_record_is_neither_corrected_nor_reviewed(
    work: Casework, graduate: Graduate
) -> None:
    sent = work.submit(graduate, SEEKING)
    decision = RecordDecision(work.staff(Role.SCHOOL), "核对学籍", work.at, "left")
    end(work.session, work.campus.scope, graduate.key, decision)
    work.session.expire_all()
    with pytest.raises(RuleError, match="record_ended"):
        mend(work, graduate, SEEKING)
    with pytest.raises(RuleError, match="record_ended"):
        work.save(graduate, SEEKING)
    assert work.decide(Role.DEPARTMENT, sent) == [Outcome.NOT_IN_SCOPE]
    assert case(work.session, work.campus.scope, sent.key).due is None
    take_back(work.session, work.campus.scope, graduate.key, decision)
    work.session.expire_all()
    assert work.decide(Role.DEPARTMENT, sent) == [Outcome.PASSED]


def test_what_lies_in_the_provinces_system_is_corrected_there(
    work: Casework, graduate: Graduate
) -> None:
    work.campus.school.correction_system = "山东省高校毕业生就业信息网"
    with pytest.raises(RuleError, match="registered_elsewhere"):
        mend(work, graduate, SEEKING)


def test_an_employer_is_found_by_the_beginning_of_name_or_code(work: Casework) -> None:
    for name in ("青岛海纳软件有限公司", "青岛海纳软件有限公司", "青岛远山建设有限公司"):
        work.register(work.campus.graduate(), {**AGREEMENT, "unit_name": name})
    session = work.session
    names = [each.name for each in find_employers(session, "青岛")]
    assert names == ["青岛海纳软件有限公司", "青岛远山建设有限公司"]
    (found,) = find_employers(session, " 青岛海纳 ")
    assert (found.code, found.nature, found.location_code) == (CREDIT_CODE, "31", "370202")
    assert len(find_employers(session, CREDIT_CODE[:6].lower())) == 2
    assert [each.name for each in find_employers(session, "青岛", limit=1)] == names[:1]


@pytest.mark.parametrize("text", ["", "青", "%", "_岛", "海纳", "青岛%", "‘"])
def test_what_is_no_beginning_finds_nothing(work: Casework, text: str) -> None:
    work.register(work.campus.graduate())
    assert find_employers(work.session, text) == []


def test_a_business_of_ones_own_is_shown_to_nobody(work: Casework, graduate: Graduate) -> None:
    work.campus.report(graduate, category="75", unit_name="李娟工作室")
    assert find_employers(work.session, "李娟") == []


CATEGORIES = {"10": 40, "12": 10, "271": 5, "46": 3, "502": 2, "75": 4, "76": 6, "801": 20}


@pytest.mark.parametrize(
    ("year", "name", "numbers"),
    [
        (2020, "2021", [50, 4, 16, 20, 90]),
        (2023, "2021", [50, 4, 16, 20, 90]),
        (2024, "2024", [60, 4, 6, 20, 90]),
        (2026, "2024", [60, 4, 6, 20, 90]),
    ],
)
def test_each_year_is_counted_by_its_formula(year: int, name: str, numbers: list[int]) -> None:
    used = formula(year)
    found = rates({**CATEGORIES, "70": 8, "": 2}, 100, used)
    assert used.name == name
    assert [each.number for each in found] == numbers
    assert (found[-1].title, found[-1].percent) == (TOTAL, "90.00%")


def test_nobody_has_no_rate() -> None:
    assert rates({}, 0, formula(2026))[-1].share is None
    assert rates({}, 0, formula(2026))[-1].percent == "—"


def test_all_graduates_are_counted_registered_or_not(work: Casework) -> None:
    work.register(work.campus.graduate())
    work.register(work.campus.graduate(), SEEKING)
    work.campus.graduate()
    (line,) = province_table(work.session, "370000", 2026).lines
    assert line.numbers.graduates == 3
    assert line.numbers.categories == {"10": 1, "70": 1, "": 1}
    assert province_table(work.session, "110000", 2026).lines == []
