"""What the province returns waits at the school until it is reported again, and she is told."""

import json
from collections.abc import Callable
from datetime import timedelta

import pytest

from registry.accounts.tables import Role
from registry.province import batch_decisions, monitoring, returns
from registry.record.province_tables import ProvinceBatch
from registry.record.registration import Origin, Proposal, record
from registry.record.tables import Graduate, Source
from registry.review.ended import RecordDecision, end
from tests.registry.province.test_batches import (
    SHANDONG,
    YEAR,
    clerk,
    file,
    give_back,
    import_employer,
    send,
)
from tests.registry.review.casework import SEEKING, Casework

REASON = "单位信息与登记机关不符"
Returning = Callable[[Casework, Graduate], ProvinceBatch]


def whole_batch(work: Casework, graduate: Graduate) -> ProvinceBatch:
    batch = send(work)
    give_back(work, batch)
    return batch


def one_of_it(work: Casework, graduate: Graduate) -> ProvinceBatch:
    batch = send(work)
    file(work, batch)
    by = clerk(work)
    batch_decisions.release(work.session, SHANDONG, graduate.key, by, REASON, work.at)
    return batch


@pytest.fixture(params=[whole_batch, one_of_it])
def returned(request: pytest.FixtureRequest, work: Casework, graduate: Graduate) -> ProvinceBatch:
    """Give a batch that was returned, or of which its one graduate was given back."""
    work.register(graduate)
    returning: Returning = request.param
    batch = returning(work, graduate)
    work.session.expire_all()
    return batch


def waiting(work: Casework) -> list[tuple[str, int]]:
    found = returns.of_school(work.session, work.campus.scope, YEAR)
    return [(each.key, each.number) for each in found]


def hints(work: Casework) -> list[str]:
    return [json.loads(each.facts)["hint"] for each in work.messages("province_returned")]


def test_it_waits_at_the_school_with_its_reason_until_it_is_reported_again(
    work: Casework, graduate: Graduate, returned: ProvinceBatch
) -> None:
    assert waiting(work) == [(returned.key, 1)]
    (row,) = returns.of_batch(work.session, work.campus.scope, returned)
    assert (row.key, row.reason, row.at) == (graduate.key, REASON, work.at)
    assert returns.of_batch(work.session, work.campus.scope, returned, after=row.key) == []
    send(work)
    assert waiting(work) == []


def test_what_is_returned_twice_waits_once(
    work: Casework, graduate: Graduate, returned: ProvinceBatch
) -> None:
    again = whole_batch(work, graduate)
    assert waiting(work) == [(again.key, 1)]
    assert len(hints(work)) == 2


def test_she_is_told_once_and_reads_the_reason(
    work: Casework, graduate: Graduate, returned: ProvinceBatch
) -> None:
    assert hints(work) == ["退回原因见详情，需修改请更改登记"]
    found = returns.of_graduate(work.session, graduate)
    assert found is not None
    assert (found.reason, found.at) == (REASON, work.at)


def test_who_has_changed_it_has_nothing_to_do(
    work: Casework, graduate: Graduate, returned: ProvinceBatch
) -> None:
    work.register(graduate, SEEKING)
    assert returns.of_graduate(work.session, graduate) is None
    assert waiting(work) == [(returned.key, 1)]


def test_who_was_changed_before_the_return_is_not_told(work: Casework, graduate: Graduate) -> None:
    work.register(graduate)
    batch = send(work)
    import_employer(work, graduate, "乙公司", Source.IMPORT)
    give_back(work, batch)
    assert hints(work) == []
    assert waiting(work) == [(batch.key, 1)]


def test_an_ended_record_waits_for_nothing(
    work: Casework, graduate: Graduate, returned: ProvinceBatch
) -> None:
    staff = work.campus.staff()
    decision = RecordDecision(staff, "已退学", work.at, "left")
    end(work.session, work.campus.scope, graduate.key, decision)
    assert waiting(work) == []
    assert returns.of_batch(work.session, work.campus.scope, returned) == []


def test_after_the_last_day_she_is_sent_to_the_school(work: Casework, graduate: Graduate) -> None:
    work.register(graduate)
    work.at += timedelta(days=90)
    whole_batch(work, graduate)
    assert hints(work) == ["退回原因见详情，需修改请联系学校"]


def test_where_the_province_has_its_own_system_she_is_sent_there(
    work: Casework, graduate: Graduate
) -> None:
    work.register(graduate)
    work.campus.school.correction_system = "山东省高校毕业生就业信息网"
    whole_batch(work, graduate)
    assert hints(work) == ["退回原因见详情，需修改请到原系统更新"]


def test_what_is_filed_or_only_overtaken_was_not_returned(
    work: Casework, graduate: Graduate
) -> None:
    work.register(graduate)
    other = work.campus.graduate("王建国")
    work.register(other)
    batch = send(work)
    import_employer(work, other, "乙公司", Source.IMPORT)
    file(work, batch)
    assert waiting(work) == []
    assert hints(work) == []


def put_off(work: Casework, graduate: Graduate) -> None:
    origin = Origin(work.campus.school.id, Source.IMPORT, "", "学校", "system", work.at)
    later = {"year": 2027, "graduation_month": "202706"}
    record(work.session, origin, [Proposal(graduate.id, basics=later)])


def leave(work: Casework, graduate: Graduate) -> None:
    decision = RecordDecision(work.staff(Role.SCHOOL), "已退学", work.at, "left")
    end(work.session, work.campus.scope, graduate.key, decision)


@pytest.mark.parametrize("gone", [put_off, leave])
def test_who_is_of_the_cohort_no_more_is_not_with_the_province_either(
    work: Casework, graduate: Graduate, gone: Callable[[Casework, Graduate], None]
) -> None:
    work.register(graduate)
    batch = send(work)
    gone(work, graduate)
    (progress,) = monitoring.progress(work.session, SHANDONG, YEAR).values()
    assert progress.waiting == 0
    assert file(work, batch).filed == 0
    assert hints(work) == []
