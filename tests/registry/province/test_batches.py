"""What a school reports to its province, what the province files, and what is locked then."""

from datetime import date

import pytest
from sqlalchemy import update

from registry.accounts.tables import Role
from registry.base.errors import NotFound, RuleError
from registry.codes.categories import GROUPS
from registry.province import batch_decisions, batches
from registry.province.batches import Signature, send_batch, signature
from registry.province.selection import LeftOutReason, left_out, prepare, reported_fields
from registry.province.states import BatchState
from registry.record.confirmation.confirm import Reply, answer
from registry.record.province_tables import ProvinceBatch
from registry.record.registration import Origin, Proposal, record
from registry.record.scope import Scope
from registry.record.tables import Answer, Graduate, Registration, Source
from registry.review import correction
from registry.review.application_moves import current
from registry.review.correction import CorrectionForm
from registry.review.decisions import Outcome
from tests.registry.review.casework import AGREEMENT, SEEKING, Casework
from tests.wxapp.school.records import open_campus

SHANDONG = "370000"
YEAR = 2026
DAY = date(2026, 6, 1)


def send(work: Casework) -> ProvinceBatch:
    signed = signature(work.staff(Role.SCHOOL))
    return send_batch(work.session, work.campus.scope, YEAR, signed, work.at)


def clerk(work: Casework) -> Signature:
    return signature(work.staff(Role.PROVINCE))


def file(work: Casework, batch: ProvinceBatch) -> batch_decisions.Filed:
    return batch_decisions.file_batch(work.session, SHANDONG, batch.key, clerk(work), work.at)


def give_back(work: Casework, batch: ProvinceBatch) -> None:
    reason = "单位信息与登记机关不符"
    batch_decisions.return_batch(work.session, SHANDONG, batch.key, clerk(work), reason, work.at)


def import_employer(work: Casework, graduate: Graduate, name: str, source: Source) -> None:
    origin = Origin(work.campus.school.id, source, "", "学校", "system", work.at)
    record(work.session, origin, [Proposal(graduate.id, {"unit_name": name})])
    work.session.expire_all()


def test_everybody_goes_or_is_left_out_for_one_reason(work: Casework) -> None:
    going, waiting, disputed, incomplete = (work.campus.graduate(each) for each in "甲乙丙丁")
    work.campus.graduate("未登记")
    for each in (going, disputed):
        work.register(each)
    work.campus.report(incomplete)
    work.submit(waiting, SEEKING)
    work.register(work.campus.graduate("戊"), SEEKING)
    reply = Reply(Answer.WRONG, disputed.registration_id or 0, ["destination"])
    answer(work.session, disputed.id, reply, channel="wechat", at=work.at)
    prepared = prepare(work.session, work.campus.scope, YEAR)
    assert (prepared.goes, prepared.unconfirmed) == (2, 2)
    assert prepared.left_out == {
        LeftOutReason.NOT_REGISTERED: 2,
        LeftOutReason.DISPUTED: 1,
        LeftOutReason.INCOMPLETE: 1,
    }


def test_what_the_category_asks_for_and_is_not_there_is_named_by_the_form_s_titles(
    work: Casework, graduate: Graduate
) -> None:
    work.register(graduate)
    assert left_out(work.session, work.campus.scope, YEAR) == []
    own = update(Registration).where(Registration.id == graduate.registration_id)
    empty = {"unit_location": "", "unit_location_code": "", "signed_on": None, "unit_phone": ""}
    work.session.execute(own.values(empty))
    (row,) = left_out(work.session, work.campus.scope, YEAR, LeftOutReason.INCOMPLETE)
    assert row.lacking == ("单位所在地", "签约日期")


@pytest.mark.parametrize("group", sorted(GROUPS))
def test_whatever_of_it_is_empty_is_both_counted_and_named(
    work: Casework, graduate: Graduate, group: str
) -> None:
    work.register(graduate)
    own = update(Registration).where(Registration.id == graduate.registration_id)
    filled = {name: DAY if name == "signed_on" else "x" for name in reported_fields(group)}
    work.session.execute(own.values({**filled, "category": group}))
    assert prepare(work.session, work.campus.scope, YEAR).left_out == {}
    for name in reported_fields(group):
        work.session.execute(own.values({name: None if name == "signed_on" else ""}))
        counted = prepare(work.session, work.campus.scope, YEAR).left_out
        assert counted == {LeftOutReason.INCOMPLETE: 1}, name
        (row,) = left_out(work.session, work.campus.scope, YEAR)
        assert len(row.lacking) == 1, name
        work.session.execute(own.values({name: filled[name]}))


def test_who_is_reported_but_asks_for_a_change_waits_for_its_review(work: Casework) -> None:
    graduate = work.campus.graduate()
    work.register(graduate)
    work.submit(graduate, SEEKING)
    (row,) = left_out(work.session, work.campus.scope, YEAR)
    assert (row.name, row.reason) == ("李娟", LeftOutReason.IN_REVIEW)


def test_a_batch_is_signed_and_counts_what_is_in_it(work: Casework, graduate: Graduate) -> None:
    work.register(graduate)
    work.campus.graduate("未登记")
    batch = send(work)
    assert (batch.total, batch.counts) == (1, {"10": 1})
    assert batch.left_out == {"not_registered": 1}
    assert (batch.sent_by_name, batch.sent_at) == ("王老师", work.at)


def test_nobody_is_sent_twice(work: Casework, graduate: Graduate) -> None:
    work.register(graduate)
    send(work)
    with pytest.raises(RuleError, match="nothing_to_send"):
        send(work)


def test_a_department_reports_nothing(work: Casework, graduate: Graduate) -> None:
    work.register(graduate)
    signed = signature(work.staff(Role.DEPARTMENT))
    with pytest.raises(RuleError, match="school_only"):
        send_batch(work.session, work.campus.department_scope(), YEAR, signed, work.at)


def test_what_is_filed_is_changed_by_no_other_door(work: Casework, graduate: Graduate) -> None:
    work.register(graduate)
    assert file(work, send(work)) == batch_decisions.Filed(filed=1, overtaken=0)
    with pytest.raises(RuleError, match="locked_by_province"):
        import_employer(work, graduate, "乙公司", Source.IMPORT)
    with pytest.raises(RuleError, match="locked_by_province"):
        work.save(graduate, SEEKING)
    staff, scope = work.staff(Role.SCHOOL), work.campus.scope
    change = CorrectionForm(SEEKING, "毕业生已解约")
    with pytest.raises(RuleError, match="locked_by_province"):
        correction.correct(work.session, scope, staff, graduate.key, change, work.at)
    assert len(work.versions(graduate)) == 1


def test_the_province_itself_changes_what_it_filed(work: Casework, graduate: Graduate) -> None:
    work.register(graduate)
    file(work, send(work))
    import_employer(work, graduate, "乙公司", Source.PROVINCE_INTERFACE)
    assert [each.unit_name for each in work.versions(graduate)][1:] == ["乙公司"]


def test_the_same_again_and_a_new_phone_are_no_change_of_what_is_filed(
    work: Casework, graduate: Graduate
) -> None:
    work.register(graduate)
    file(work, send(work))
    origin = Origin(work.campus.school.id, Source.IMPORT, "", "学校", "system", work.at)
    proposal = Proposal(graduate.id, {"unit_name": AGREEMENT["unit_name"]}, {"class_name": "二班"})
    assert record(work.session, origin, [proposal]).changed == 1


def test_an_application_that_was_under_way_cannot_pass_what_is_filed(
    work: Casework, graduate: Graduate
) -> None:
    work.register(graduate)
    batch = send(work)
    sent = work.submit(graduate, SEEKING)
    work.decide(Role.DEPARTMENT, sent)
    file(work, batch)
    assert work.decide(Role.SCHOOL, sent) == [Outcome.LOCKED_BY_PROVINCE]
    assert work.give_back(Role.SCHOOL, sent) == Outcome.RETURNED


def test_who_changed_since_the_batch_was_sent_is_not_filed(
    work: Casework, graduate: Graduate
) -> None:
    work.register(graduate)
    batch = send(work)
    import_employer(work, graduate, "乙公司", Source.IMPORT)
    assert file(work, batch) == batch_decisions.Filed(filed=0, overtaken=1)
    assert send(work).total == 1


def test_a_newer_version_goes_into_the_next_batch_and_is_filed_there(
    work: Casework, graduate: Graduate
) -> None:
    work.register(graduate)
    first = send(work)
    import_employer(work, graduate, "乙公司", Source.IMPORT)
    second = send(work)
    assert file(work, first).filed == 0
    assert file(work, second).filed == 1


def test_what_is_returned_is_the_schools_again(work: Casework, graduate: Graduate) -> None:
    work.register(graduate)
    batch = send(work)
    file(work, batch)
    give_back(work, batch)
    assert (batch.state, batch.reason) == (BatchState.RETURNED, "单位信息与登记机关不符")
    import_employer(work, graduate, "乙公司", Source.IMPORT)
    assert send(work).total == 1


def test_one_filed_graduate_can_be_given_back(work: Casework, graduate: Graduate) -> None:
    work.register(graduate)
    file(work, send(work))
    batch_decisions.release(work.session, SHANDONG, graduate.key, clerk(work), "已解约", work.at)
    work.save(graduate, SEEKING)
    assert current(work.session, graduate.id) is not None
    with pytest.raises(NotFound):
        batch_decisions.release(
            work.session, SHANDONG, graduate.key, clerk(work), "已解约", work.at
        )


def test_a_batch_is_decided_once(work: Casework, graduate: Graduate) -> None:
    work.register(graduate)
    batch = send(work)
    give_back(work, batch)
    with pytest.raises(RuleError, match="changed_meanwhile"):
        file(work, batch)


def test_a_return_wants_a_reason(work: Casework, graduate: Graduate) -> None:
    work.register(graduate)
    batch = send(work)
    with pytest.raises(RuleError, match="reason_missing"):
        batch_decisions.return_batch(work.session, SHANDONG, batch.key, clerk(work), " ", work.at)


def test_another_province_and_another_school_find_no_batch(
    work: Casework, graduate: Graduate
) -> None:
    work.register(graduate)
    batch = send(work)
    other = open_campus(work.session, work.at, "10001")
    assert batch_decisions.of_province(work.session, "110000") == []
    assert batches.batches(work.session, Scope(other.school.id)) == []
    with pytest.raises(NotFound):
        batch_decisions.file_batch(work.session, "110000", batch.key, clerk(work), work.at)
    with pytest.raises(NotFound):
        batches.find_batch(work.session, Scope(other.school.id), batch.key)
    assert [each.key for each, _ in batch_decisions.of_province(work.session, SHANDONG)] == [
        batch.key
    ]
