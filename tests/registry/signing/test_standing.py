"""What happens to the record around an agreement: nothing is registered over it, nothing is left.

A correction and a roster do not change what an agreement says; a record that leaves its cohort or
school takes along what is being signed.
"""

from collections.abc import Mapping

import pytest
from sqlalchemy import select

from notifier.campaigns import merge
from registry.accounts.school_tables import Department, School
from registry.accounts.tables import Role
from registry.base.errors import RuleError
from registry.record.own_record import graduate_afresh
from registry.record.registration import Origin, Proposal, record
from registry.record.tables import Graduate, Source
from registry.review import applications, correction
from registry.review.correction import CorrectionForm
from registry.review.ended import RecordDecision, end
from registry.review.states import ApplicationState
from registry.signing.states import AgreementState, InvitationState
from registry.signing.tables import Agreement, Invitation
from tests.registry.review.casework import SEEKING
from tests.registry.signing.signwork import OTHER_CODE, Signwork


def correct(work: Signwork, graduate: Graduate, values: Mapping[str, object]) -> None:
    change = CorrectionForm(values, "核对后更正")
    staff, scope = work.staff(Role.SCHOOL), work.campus.scope
    correction.correct(work.session, scope, staff, graduate.key, change, work.at)


def end_record(work: Signwork, graduate: Graduate) -> None:
    decision = RecordDecision(work.staff(Role.SCHOOL), "已退学", work.at, "left")
    end(work.session, work.campus.scope, graduate.key, decision)


def move_on(work: Signwork, graduate: Graduate) -> None:
    origin = Origin(work.campus.school.id, Source.NATIONAL, "", "学校", "system", work.at)
    record(work.session, origin, [Proposal(graduate.id, basics={"year": graduate.year + 1})])


def states(work: Signwork) -> tuple[list[str], list[str]]:
    """Return how all invitations and all agreements stand, in order."""
    work.session.expire_all()
    invitations = work.session.scalars(select(Invitation.state).order_by(Invitation.id))
    agreements = work.session.scalars(select(Agreement.state).order_by(Agreement.id))
    return list(invitations), list(agreements)


def test_the_school_corrects_nothing_that_is_being_signed(
    work: Signwork, graduate: Graduate
) -> None:
    for begin in (lambda: work.accept(graduate, work.invite(graduate)), lambda: None):
        begin()
        with pytest.raises(RuleError) as refused:
            correct(work, graduate, SEEKING)
        assert refused.value.code == "agreement_in_force"
        agreement = work.agreements()[0]
        if agreement.state == AgreementState.IN_REVIEW:
            work.give_back(Role.DEPARTMENT, work.review_of(agreement))
    assert work.versions(graduate) == []


def test_a_signed_destination_is_corrected_in_what_is_not_the_agreements(
    work: Signwork, graduate: Graduate
) -> None:
    work.sign(graduate)
    her = graduate_afresh(work.session, graduate.id)
    values = applications.first_values(work.session, her)
    with pytest.raises(RuleError) as refused:
        correct(work, graduate, {**values, "unit_code": OTHER_CODE, "unit_name": "别的公司"})
    assert refused.value.code == "agreement_in_force"
    correct(work, graduate, {**values, "file_type": "转回生源地"})
    assert work.versions(graduate)[-1].file_type == "转回生源地"


def test_a_roster_changes_only_what_is_not_the_destination(
    work: Signwork, graduate: Graduate
) -> None:
    work.accept(graduate, work.invite(graduate))
    origin = Origin(work.campus.school.id, Source.NATIONAL, "", "学校", "system", work.at)
    record(work.session, origin, [Proposal(graduate.id, basics={"major": "软件工程"})])
    with pytest.raises(RuleError) as refused:
        record(work.session, origin, [Proposal(graduate.id, {"category": "70"})])
    assert refused.value.code == "agreement_in_force"


def imported(work: Signwork, graduate: Graduate, **said: str) -> None:
    """Register what a roster says, which may be less than the form asks for."""
    origin = Origin(work.campus.school.id, Source.IMPORT, "", "学校", "system", work.at)
    record(work.session, origin, [Proposal(graduate.id, {"category": "70", **said})])


def test_what_an_import_left_out_of_her_file_keeps_nobody_from_signing(
    work: Signwork, graduate: Graduate
) -> None:
    said = {"file_type": "托管单位接收", "file_unit": "青岛市人才服务中心"}
    imported(work, graduate, **said)
    work.sign(graduate)
    version = work.versions(graduate)[-1]
    assert version.category == "10"
    assert {name: getattr(version, name) for name in said} == said
    assert version.file_phone == ""


def test_what_cannot_be_read_of_her_household_is_the_schools_to_mend(
    work: Signwork, graduate: Graduate
) -> None:
    abolished = {"household_location_code": "370181", "household_location": "山东省济南市章丘市"}
    imported(work, graduate, household_type="迁回生源地", **abolished)
    with pytest.raises(RuleError) as refused:
        work.accept(graduate, work.invite(graduate))
    assert refused.value.code == "registered_wrong"
    assert refused.value.sentence.endswith("请联系学校更正后再签约。")


def test_a_provinces_own_system_has_the_last_word(work: Signwork, graduate: Graduate) -> None:
    work.sign(graduate)
    source = Source.PROVINCE_INTERFACE
    origin = Origin(work.campus.school.id, source, "", "省级系统", "province", work.at)
    record(work.session, origin, [Proposal(graduate.id, {"category": "70", "unit_code": ""})])
    assert work.versions(graduate)[-1].category == "70"


@pytest.mark.parametrize("leave", [end_record, move_on])
def test_a_record_that_leaves_takes_along_what_is_being_signed(
    work: Signwork, graduate: Graduate, leave: object
) -> None:
    agreement = work.accept(graduate, work.invite(graduate))
    work.invite(graduate, work.recruiter(OTHER_CODE))
    assert callable(leave)
    leave(work, graduate)
    assert states(work) == (
        [InvitationState.ACCEPTED, InvitationState.CANCELLED],
        [AgreementState.FAILED],
    )
    assert work.review_of(agreement).state == ApplicationState.DISCARDED
    told = [(each["result"], each["hint"]) for each in work.facts("signing_result")]
    assert told == [("已停止", "学校已停用或调整该毕业记录")] * 2


def test_what_is_signed_holds_when_its_record_moves_on(work: Signwork, graduate: Graduate) -> None:
    agreement = work.sign(graduate)
    move_on(work, graduate)
    work.session.expire_all()
    assert agreement.state == AgreementState.SIGNED
    assert graduate_afresh(work.session, graduate.id).registration_id == agreement.registration_id


def test_a_school_merged_into_another_stops_what_is_being_signed(
    work: Signwork, graduate: Graduate
) -> None:
    work.accept(graduate, work.invite(graduate))
    province = work.campus.school.province
    other = School(code="10999", name="并入大学", province=province, created_at=work.at)
    work.session.add(other)
    work.session.flush()
    work.session.add(Department(school_id=other.id, name="别的院系"))
    decided = merge.Decision("staff:x", "合并办学", work.at)
    merge.merge_schools(work.session, work.campus.school, other, decided)
    assert states(work)[1] == [AgreementState.FAILED]
    (told,) = work.messages("signing_result")
    assert told.school_id == other.id
