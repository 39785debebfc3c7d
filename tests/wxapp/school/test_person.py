"""School staff add one graduate by page and correct every field of her data, with a reason."""

from collections.abc import Mapping
from typing import Any

import pytest
from sqlalchemy import delete, select

from notifier.binding.forget import forget
from notifier.ledger.tables import Message
from registry.accounts import audit
from registry.accounts.tables import AuditEntry
from registry.base.errors import RuleError
from registry.codes import identity
from registry.record.tables import Graduate
from registry.upkeep.erase import Reason
from tests.audit_rows import DEEDS
from tests.pages import Browser
from tests.wxapp.school.conftest import Console
from tests.wxapp.school.records import Campus

NUMBER, OTHER_NUMBER = "110101200303071230", "110101200301010012"
NEW = {
    "student_number": "2022999",
    "name": "欧阳晓",
    "identity": NUMBER,
    "phone": "13900001234",
    "department": "化工学院",
    "level_code": "31",
    "major": "应用化学",
    "graduation_month": "202606",
    "reason": "补录",
}
WHY = {"occasion": "corrected", "reason": "本人持证件到校"}
FORM = "form.stack"


@pytest.fixture
def graduate(console: Console) -> Graduate:
    found = console.campus.report(console.campus.graduate("欧阳晓"))
    console.campus.save()
    return found


@pytest.fixture
def browser(console: Console) -> Browser:
    return console.browser()


def correct(browser: Browser, graduate: Graduate, **changes: str) -> Browser:
    browser.get(f"/school/graduates/{graduate.key}/person")
    return browser.submit(FORM, **{**WHY, **changes})


def stored(console: Console, student_number: str) -> Graduate:
    with console.resources.readers.begin() as session:
        wanted = select(Graduate).where(Graduate.student_number == student_number)
        return session.scalars(wanted).one()


def logged(console: Console) -> Mapping[str, Any]:
    with console.resources.readers.begin() as session:
        last = (
            select(AuditEntry)
            .where(DEEDS, AuditEntry.action.not_in(("phone_changed", "identity_changed")))
            .order_by(AuditEntry.id.desc())
            .limit(1)
        )
        return audit.said_in(session, session.scalars(last).one())


def test_a_graduate_is_added(console: Console, browser: Browser) -> None:
    browser.get("/school/graduates").follow("新增毕业生").submit(FORM, **NEW)
    assert browser.status == 200
    assert "欧阳晓" in browser.text
    added = stored(console, "2022999")
    assert (added.year, added.major, added.level) == (2026, "应用化学", "31")
    vault = console.resources.vault
    assert vault.open(identity.IDENTITY, added.id, added.identity_sealed) == NUMBER
    assert added.department_id == console.campus.departments[1].id
    assert logged(console) == {"reason": "补录"}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"identity": "110101200303071231"}, "校验位不对"),
        ({"phone": "12345"}, "手机号"),
        ({"graduation_month": "2026"}, "毕业时间"),
        ({"reason": ""}, "请写明原因"),
    ],
)
def test_what_is_wrong_is_said_and_everything_typed_stays(
    console: Console, browser: Browser, changes: dict[str, str], said: str
) -> None:
    browser.get("/school/graduates/new")
    sent = browser.fill(FORM, **NEW)
    for name, value in changes.items():
        sent[name] = value
    browser.post("/school/graduates/new", sent)
    assert browser.status == 400
    assert said in browser.text
    assert browser.find("#f-name")["value"] == "欧阳晓"
    with console.resources.readers.begin() as session:
        assert session.scalars(select(Graduate)).all() == []


def test_who_is_on_record_is_not_added_again(browser: Browser, graduate: Graduate) -> None:
    browser.get("/school/graduates/new")
    browser.submit(FORM, **{**NEW, "student_number": graduate.student_number})
    assert browser.status == 400
    browser.submit(FORM, **NEW)
    assert browser.status == 200
    browser.get("/school/graduates/new").submit(FORM, **{**NEW, "graduation_month": "202706"})
    assert browser.status == 400
    assert "本校 2026 届已有这位毕业生" in browser.text


@pytest.mark.parametrize(
    ("field", "column", "value", "after"),
    [
        ("name", "name", "欧阳小", "欧阳小"),
        ("student_number", "student_number", "2022888", "2022888"),
        ("candidate_number", "candidate_number", "2611010100", "2611010100"),
        ("class_name", "class_name", "", ""),
        ("major", "major", "网络工程", "网络工程"),
        ("level_code", "level", "33", "33"),
        ("sex_code", "sex", "1", "1"),
        ("programme_length", "programme_length", "5", "5"),
        ("graduation_month", "graduation_month", "202606", "202606"),
    ],
)
def test_each_field_is_corrected(
    console: Console, browser: Browser, graduate: Graduate,
    field: str, column: str, value: str, after: str,
) -> None:  # fmt: skip
    changed = {field: value} | ({"class_name": "软件2202"} if value == "202606" else {})
    correct(browser, graduate, **changed)
    assert browser.status == 200, browser.text
    with console.resources.readers.begin() as session:
        assert getattr(session.get_one(Graduate, graduate.id), column) == after


def test_number_phone_department_and_cohort_are_corrected(
    console: Console, browser: Browser, graduate: Graduate
) -> None:
    changes = {"identity": OTHER_NUMBER, "phone": "13900007777", "department": "化工学院"}
    correct(browser, graduate, **changes, graduation_month="202706")
    with console.resources.readers.begin() as session:
        now = session.get_one(Graduate, graduate.id)
        vault = console.resources.vault
        assert vault.open(identity.IDENTITY, now.id, now.identity_sealed) == OTHER_NUMBER
        assert vault.open(identity.PHONE, now.id, now.phone_sealed or "") == "13900007777"
        assert (now.year, now.graduation_month) == (2027, "202706")
        assert now.department_id == console.campus.departments[1].id
    assert {each["title"] for each in logged(console)["changes"]} >= {"身份证号", "毕业时间"}


def test_before_and_after_stand_in_her_log_until_she_is_erased(
    console: Console, browser: Browser, graduate: Graduate
) -> None:
    correct(browser, graduate, name="欧阳小", occasion="renamed")
    said = logged(console)
    assert (said["occasion"], said["reason"]) == ("改名", WHY["reason"])
    assert said["changes"] == [{"title": "姓名", "before": "欧阳晓", "after": "欧阳小"}]
    assert "姓名：欧阳晓 → 欧阳小" in browser.text
    with console.resources.sessions.begin() as session:
        session.execute(delete(Message))
        her = session.get_one(Graduate, graduate.id)
        forget(session, her, Reason("command", "本人申请", console.campus.at))
    with console.resources.readers.begin() as session:
        details = [audit.said_in(session, each) for each in session.scalars(select(AuditEntry))]
    assert "欧阳" not in str(details)


def test_what_she_had_seen_otherwise_is_told_and_reset(
    console: Console, browser: Browser, graduate: Graduate
) -> None:
    correct(browser, graduate, major="网络工程")
    with console.resources.readers.begin() as session:
        kinds = set(session.scalars(select(Message.kind)))
    assert "registration_changed" in kinds


def test_anothers_number_is_refused_at_its_field(
    console: Console, browser: Browser, graduate: Graduate
) -> None:
    other = console.campus.graduate("李娟", identity_index="another")
    console.campus.save()
    correct(browser, graduate, student_number=other.student_number)
    assert browser.status == 400
    assert "毕业生已使用" in browser.text
    assert browser.find("#f-student_number")["value"] == other.student_number


def test_she_is_not_moved_to_a_cohort_where_she_has_another_record(
    console: Console, browser: Browser, graduate: Graduate
) -> None:
    console.campus.graduate(
        graduate.name,
        year=2027,
        identity_index=graduate.identity_index,
        student_number="M2027",
    )
    console.campus.save()
    correct(browser, graduate, graduation_month="202706", occasion="postponed")
    assert browser.status == 400
    assert "2027 届已有这位毕业生的另一条记录（学号 M2027）" in browser.text


def test_nothing_changed_is_said(browser: Browser, graduate: Graduate) -> None:
    assert correct(browser, graduate).status == 400
    assert "没有更改" in browser.text


def test_another_schools_graduate_is_not_found(browser: Browser, other: Campus) -> None:
    hers = other.graduate()
    other.save()
    assert browser.get(f"/school/graduates/{hers.key}/person").status == 404
    assert browser.post(f"/school/graduates/{hers.key}/person", {}).status in {400, 404}


def test_a_department_neither_adds_nor_corrects(console: Console, graduate: Graduate) -> None:
    browser = console.browser("department")
    assert browser.get("/school/graduates/new").status == 403
    assert browser.get(f"/school/graduates/{graduate.key}/person").status == 403


def test_the_place_of_origin_is_chosen_step_by_step_without_scripts(
    console: Console, browser: Browser
) -> None:
    browser.get("/school/graduates/new")
    browser.submit(FORM, "go=origin_code", **NEW, **{"origin_code-province": "370000"})
    assert browser.find("#f-name")["value"] == NEW["name"]
    browser.submit(FORM, "go=origin_code", **{"origin_code-prefecture": "370200"})
    browser.submit(FORM, "新增毕业生", **{"origin_code-county": "370202"})
    assert stored(console, NEW["student_number"]).origin == "山东省青岛市市南区"


def looks_like(number: str) -> str:
    """Return another valid number that is the same where it is not masked."""
    for day in range(1, 29):
        for month in range(1, 13):
            other = f"{number[:6]}2003{month:02}{day:02}{number[14:]}"
            try:
                identity.check(other)
            except RuleError:
                continue
            if other != number:
                return other
    raise AssertionError("there is none")


def test_a_number_that_looks_the_same_masked_is_a_change_in_the_log(
    console: Console, browser: Browser, graduate: Graduate
) -> None:
    correct(browser, graduate, identity=NUMBER)
    assert correct(browser, graduate, identity=looks_like(NUMBER)).status == 200
    (change,) = logged(console)["changes"]
    assert change["before"] == change["after"] == identity.masked(NUMBER)
