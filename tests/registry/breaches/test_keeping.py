"""How reports are kept: sealed, until their term, hers to copy, gone when she is erased."""

from datetime import UTC, datetime

from sqlalchemy import func, select

from notifier.binding import own_copy
from registry.accounts.tables import Role
from registry.base.file_tables import StoredFile
from registry.base.retention import DEFAULT
from registry.breaches import evidence, filing
from registry.breaches.tables import BreachFile, BreachReport, BreachStep
from registry.record.tables import Graduate
from registry.review.evidence_types import CheckedDocument
from registry.upkeep import erase, expiry
from registry.upkeep.erase import Reason
from tests.registry.breaches.conftest import Reporting
from tests.registry.review.casework import PNG

KEPT = (BreachReport, BreachStep, BreachFile, StoredFile)
NONE_LEFT = [0, 0, 0, 0]


def answered(desk: Reporting) -> BreachReport:
    province = desk.viewer(Role.PROVINCE)
    report = desk.file(desk.campus.graduate())
    document = CheckedDocument("image/png", PNG)
    evidence.add(desk.session, desk.campus.vault, report, document, desk.at)
    desk.answer(province, report, "已约谈学院。")
    filing.accept_answer(desk.session, desk.fresh(report), desk.at)
    return report


def rows(desk: Reporting) -> list[int]:
    counts = (select(func.count()).select_from(each) for each in KEPT)
    return [desk.session.scalars(each).one() for each in counts]


def test_a_report_goes_three_years_after_it_was_closed(desk: Reporting) -> None:
    answered(desk)
    open_one = desk.file(desk.campus.graduate())
    assert expiry.breach_reports(desk.session, DEFAULT, datetime(2029, 6, 9, tzinfo=UTC)) == 0
    assert expiry.breach_reports(desk.session, DEFAULT, datetime(2029, 6, 11, tzinfo=UTC)) == 1
    assert desk.session.scalars(select(BreachReport.id)).all() == [open_one.id]
    assert rows(desk)[1:] == NONE_LEFT[1:]


def test_who_is_erased_takes_her_reports_along(desk: Reporting) -> None:
    report = answered(desk)
    assert rows(desk) == [1, 2, 1, 1]
    her = desk.session.get_one(Graduate, report.graduate_id)
    erase.erase(desk.session, her, Reason("command", "本人申请", desk.at))
    assert rows(desk) == NONE_LEFT


def test_her_copy_has_what_she_wrote_and_was_answered(desk: Reporting) -> None:
    report = answered(desk)
    her = desk.session.get_one(Graduate, report.graduate_id)
    found = own_copy.about(desk.session, desk.campus.vault, her)
    assert [each["内容"] for each in found["举报"]] == ["辅导员说不签不发毕业证。"]
    assert [each["内容"] for each in found["举报处理"]] == ["已约谈学院。", ""]
    assert len(found["举报材料"]) == 1
