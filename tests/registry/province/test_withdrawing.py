"""A school takes back what it reported, as long as the province has not decided."""

import pytest

from registry.accounts.tables import Role
from registry.base.errors import RuleError
from registry.province import batch_entries, monitoring, returns, selection, withdrawing
from registry.province.batch_entries import EntryFilter, EntryPlace
from registry.province.batches import signature
from registry.province.states import BatchState
from registry.record.province_tables import ProvinceBatch
from registry.record.tables import Graduate, Source
from tests.registry.province.test_batches import (
    SHANDONG,
    YEAR,
    file,
    give_back,
    import_employer,
    send,
)
from tests.registry.review.casework import Casework


def take_back(work: Casework, batch: ProvinceBatch) -> None:
    signed = signature(work.staff(Role.SCHOOL))
    withdrawing.withdraw(work.session, work.campus.scope, batch.key, signed, "名单有误", work.at)
    work.session.expire_all()


def places(work: Casework, batch: ProvinceBatch, **wanted: EntryPlace) -> list[EntryPlace]:
    rows = batch_entries.entries(work.session, batch, wanted=EntryFilter(**wanted))
    return [each.place for each in rows]


def test_what_was_taken_back_may_be_changed_and_reported_again(
    work: Casework, graduate: Graduate
) -> None:
    work.register(graduate)
    batch = send(work)
    take_back(work, batch)
    assert batch.state == BatchState.WITHDRAWN
    assert places(work, batch) == [EntryPlace.GONE]
    progress = monitoring.progress(work.session, SHANDONG, YEAR)[work.campus.school.id]
    assert progress.waiting == 0
    assert selection.prepare(work.session, work.campus.scope, YEAR).goes == 1
    assert file(work, send(work)).filed == 1


@pytest.mark.parametrize("decide", [file, give_back])
def test_nothing_is_taken_back_once_the_province_has_decided(
    work: Casework, graduate: Graduate, decide: object
) -> None:
    work.register(graduate)
    batch = send(work)
    assert callable(decide)
    decide(work, batch)
    with pytest.raises(RuleError) as refused:
        take_back(work, batch)
    assert refused.value.code == "changed_meanwhile"


def test_what_was_taken_back_is_neither_filed_nor_returned(
    work: Casework, graduate: Graduate
) -> None:
    work.register(graduate)
    batch = send(work)
    take_back(work, batch)
    for decide in (file, give_back):
        with pytest.raises(RuleError):
            decide(work, batch)


def test_who_was_returned_waits_again_when_the_next_batch_is_taken_back(
    work: Casework, graduate: Graduate
) -> None:
    work.register(graduate)
    give_back(work, send(work))
    again = send(work)
    assert returns.of_school(work.session, work.campus.scope, YEAR) == []
    take_back(work, again)
    (waiting,) = returns.of_school(work.session, work.campus.scope, YEAR)
    assert waiting.number == 1


def test_a_department_takes_nothing_back(work: Casework, graduate: Graduate) -> None:
    work.register(graduate)
    batch, signed = send(work), signature(work.staff(Role.SCHOOL))
    scope = work.campus.department_scope()
    with pytest.raises(RuleError) as refused:
        withdrawing.withdraw(work.session, scope, batch.key, signed, "x", work.at)
    assert refused.value.code == "school_only"


def test_who_was_changed_since_is_told_apart_before_filing(work: Casework) -> None:
    changed, kept = work.campus.graduate("甲"), work.campus.graduate("乙")
    for each in (changed, kept):
        work.register(each)
    batch = send(work)
    import_employer(work, changed, "另一家公司", Source.IMPORT)
    assert places(work, batch) == [EntryPlace.CHANGED, EntryPlace.GOES]
    assert places(work, batch, place=EntryPlace.GOES) == [EntryPlace.GOES]
    assert batch_entries.count_changed(work.session, batch) == 1
    assert file(work, batch).filed == 1
    assert places(work, batch, place=EntryPlace.FILED) == [EntryPlace.FILED]
    assert places(work, batch, place=EntryPlace.GONE) == [EntryPlace.GONE]


def test_the_names_of_who_goes_are_those_the_batch_will_hold(work: Casework) -> None:
    for name in ("甲", "乙"):
        work.register(work.campus.graduate(name))
    work.campus.graduate("未登记")
    rows = selection.going(work.session, work.campus.scope, YEAR)
    assert [each.name for each in rows] == ["甲", "乙"]
    found = selection.going(work.session, work.campus.scope, YEAR, words="乙")
    assert [each.name for each in found] == ["乙"]
    assert selection.going(work.session, work.campus.scope, YEAR, after=rows[1].key) == []
    send(work)
    assert selection.going(work.session, work.campus.scope, YEAR) == []
