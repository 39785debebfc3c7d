"""A report has its number, a QR code any camera reads, and exactly the fields of the samples."""

import re
from datetime import date, timedelta

import pytest
from sqlalchemy.orm import Session

from registry.base.errors import NotFound, RuleError
from registry.numbers import issuing, report, reports, service, shape
from registry.numbers.issuing import Issuer, NumberToIssue
from registry.numbers.reports import VerificationSite
from registry.numbers.sealed_number import link_hash, sealed_number
from registry.numbers.shape import Issue, Kind
from registry.numbers.transfer import generate
from registry.numbers.transfer.generate import IssuingSchool
from registry.numbers.verification import authorize
from registry.record.tables import Graduate, Registration
from tests import pdf_reading
from tests.clock import StandingClock
from tests.wxapp.school.records import IDENTITY, PHONE, Campus, open_campus

BASE = "https://quxiang.example.edu.cn"
RARE = "李㛃\U0002cb4a #[]$\\_*<b>"
LINK = re.compile(rf"{re.escape(BASE)}/v/[0-9a-f]{{32}}")


@pytest.fixture
def campus(session: Session, clock: StandingClock) -> Campus:
    return open_campus(session, clock())


@pytest.fixture
def place(campus: Campus) -> VerificationSite:
    return VerificationSite(campus.vault, BASE)


def authorized(campus: Campus, graduate: Graduate, kind: Kind, ends_on: date) -> None:
    assert graduate.registration_id is not None
    registration = campus.session.get_one(Registration, graduate.registration_id)
    snapshot = report.snapshot(campus.school.name, graduate, registration, kind)
    issuer = Issuer(Issue.VERIFICATION, campus.school.code, "graduate:x", campus.at)
    wanted = NumberToIssue(graduate.id, 2026, kind, registration.id, snapshot, ends_on)
    issuing.issue(campus.session, campus.vault, issuer, [wanted])


def number_in(words: str, length: int) -> str:
    found = re.search(rf"[核转][验递]编号({'[0-9A-Z]' * length})", words)
    assert found, words
    return found[1]


def test_a_graduates_own_report_carries_number_link_and_the_notes(
    campus: Campus, place: VerificationSite
) -> None:
    graduate = campus.report(campus.graduate(RARE), unit_name="*海纳* #panic() $软件$ _有限_公司")
    authorized(campus, graduate, Kind.FILE, date(2026, 9, 30))
    pdf = reports.verification_pdf(campus.session, place, graduate.id, Kind.FILE, campus.at)
    words = pdf_reading.words_of(pdf)
    number = number_in(words, 15)
    assert shape.read(number) is not None
    (link,) = pdf_reading.codes_of(pdf)
    assert LINK.fullmatch(link)
    own = authorize.own_in_force(campus.session, graduate.id, Kind.FILE, campus.at)
    assert link.endswith(sealed_number(own).token(campus.vault))
    for part in (
        "全国普通高等学校毕业生去向登记信息",
        "档案信息核验报告",
        "".join(RARE.split()),
        "*海纳*#panic()$软件$_有限_公司",
        "档案转递类型签约单位接收",
        f"登记信息由{campus.school.name}通过",
        f"{BASE}/verify/file",
        "如有问题请联系毕业生核实",
        "即2026年12月31日；本次核验授权的有效期到2026年9月30日",
        "只以在线查询的结果为准",
    ):
        assert part in words
    for kept_back in (IDENTITY, PHONE, graduate.student_number, "户口迁移"):
        assert kept_back not in words


def test_the_schools_report_is_of_the_transfer_number_and_its_kind(
    campus: Campus, place: VerificationSite
) -> None:
    graduate = campus.report(campus.graduate("李娟"))
    office = IssuingSchool(campus.school, "staff:x", campus.at)
    for kind in Kind:
        generate.generate(campus.session, campus.vault, office, [graduate.id], kind)
    who = (campus.session, place, campus.scope, graduate.key)
    file, household = (
        pdf_reading.words_of(reports.transfer_pdf(*who, kind, campus.at)) for kind in Kind
    )
    assert "户口信息转递报告" in household
    assert "户口迁移类型迁回生源地" in household
    assert "档案转递类型" not in household
    assert "毕业时间的第二年3月31日，即2027年3月31日。" in file
    assert number_in(file, 18) != number_in(household, 18)


def test_the_file_is_archival_tagged_and_its_text_can_be_selected(
    campus: Campus, place: VerificationSite
) -> None:
    graduate = campus.report(campus.graduate("李娟"))
    authorized(campus, graduate, Kind.FILE, date(2026, 9, 30))
    pdf = reports.verification_pdf(campus.session, place, graduate.id, Kind.FILE, campus.at)
    assert b"<pdfaid:part>2</pdfaid:part>" in pdf
    assert b"<pdfaid:conformance>A</pdfaid:conformance>" in pdf
    assert pdf_reading.is_tagged(pdf)


def test_a_report_is_only_made_of_a_number_that_holds(
    campus: Campus, place: VerificationSite, clock: StandingClock
) -> None:
    graduate = campus.report(campus.graduate("李娟"))
    who = (campus.session, place, graduate.id, Kind.FILE)
    with pytest.raises(RuleError, match="not_in_force"):
        reports.verification_pdf(*who, campus.at)
    authorized(campus, graduate, Kind.FILE, service.today(campus.at))
    assert reports.verification_pdf(*who, campus.at)
    with pytest.raises(RuleError, match="not_in_force"):
        reports.verification_pdf(campus.session, place, graduate.id, Kind.HOUSEHOLD, campus.at)
    clock.move(timedelta(days=1))
    with pytest.raises(RuleError, match="not_in_force"):
        reports.verification_pdf(*who, clock())


def test_a_lapsed_number_gives_no_transfer_report_and_a_stranger_none_at_all(
    campus: Campus, place: VerificationSite
) -> None:
    graduate = campus.report(campus.graduate("李娟"))
    office = IssuingSchool(campus.school, "staff:x", campus.at)
    generate.generate(campus.session, campus.vault, office, [graduate.id], Kind.FILE)
    with pytest.raises(NotFound):
        reports.transfer_pdf(
            campus.session, place, campus.department_scope(1), graduate.key, Kind.FILE, campus.at
        )
    campus.report(graduate, file_unit="济南市人才服务中心")
    with pytest.raises(RuleError, match="no_good_number"):
        reports.transfer_pdf(
            campus.session, place, campus.scope, graduate.key, Kind.FILE, campus.at
        )


def test_the_code_of_any_link_is_read_off_the_page(campus: Campus, place: VerificationSite) -> None:
    graduate = campus.report(campus.graduate("李娟"))
    office = IssuingSchool(campus.school, "staff:x", campus.at)
    read = set()
    for _ in range(20):
        generate.generate(campus.session, campus.vault, office, [graduate.id], Kind.FILE)
        good = generate.good(campus.session, graduate.id, Kind.FILE, campus.at)
        assert good is not None
        pdf = reports.transfer_pdf(
            campus.session, place, campus.scope, graduate.key, Kind.FILE, campus.at
        )
        (link,) = pdf_reading.codes_of(pdf)
        assert link_hash(link.rpartition("/")[2]) == good.link_hash
        read.add(link)
        good.standing = "lapsed"
        campus.session.flush()
    assert len(read) == 20
