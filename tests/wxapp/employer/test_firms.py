"""Who answers for signing looks at employers: a province lists and settles, a school decides."""

from datetime import timedelta
from io import BytesIO

import pytest
from sqlalchemy import select

from registry.accounts.tables import AuditEntry, Role
from registry.signing import takeovers
from registry.signing.patterns import PATTERNS
from tests.documents import photograph
from tests.page_forms import Given
from tests.pages import Browser
from tests.wxapp.employer.conftest import Signing
from tests.wxapp.employer.newcomer import ACCOUNT, Newcomer

LIST = "form[action$='/listings']"
LIFT = "form[action$='/lift']"
CODE, NAME = "91350100M000100Y43", "青岛海纳软件有限公司"


def document() -> tuple[BytesIO, str]:
    return BytesIO(photograph()), "材料.jpg"


def opened(signing: Signing) -> int:
    """Return how often papers were looked at."""
    looked = select(AuditEntry.id).where(AuditEntry.action == "papers_opened")
    return len(signing.site.read(lambda session: session.scalars(looked).all()))


def employer_at(signing: Signing, role: Role, door: str) -> Browser:
    return signing.staff(role).get(f"/{door}/employers").follow(NAME)


@pytest.mark.parametrize(("role", "door"), [(Role.PROVINCE, "province"), (Role.OPERATOR, "ops")])
def test_an_employer_is_listed_with_evidence_and_taken_off_with_a_reason(
    signing: Signing, role: Role, door: str
) -> None:
    page = employer_at(signing, role, door)
    page.submit(LIST, None, reason="虚假招聘", until="2027-05-31")
    assert "请上传证明材料" in page.text
    page.submit(LIST, None, reason="虚假招聘", until="2020-05-31", evidence=document())
    assert "截止日期应在今天以后" in page.text
    page.submit(LIST, None, reason="虚假招聘", until="2027-05-31", evidence=document())
    assert "已列入签约黑名单" in page.text
    evidence = str(page.find("a[href$='/evidence']")["href"])
    assert signing.staff(role).get(evidence).headers["Content-Type"] == "image/jpeg"
    assert opened(signing) == 1
    page.submit(LIFT, reason=" ")
    assert page.status == 400
    assert "请写明移出的原因" in page.text
    page.submit(LIFT, reason="申诉成立")
    assert "已列入签约黑名单" not in page.text


def test_a_province_does_not_lift_what_the_operator_listed(signing: Signing) -> None:
    page = employer_at(signing, Role.OPERATOR, "ops")
    page.submit(LIST, None, reason="虚假招聘", until="2027-05-31", evidence=document())
    lift = str(page.find(LIFT)["action"]).replace("/ops/", "/province/")
    evidence = str(page.find("a[href$='/evidence']")["href"])
    theirs = employer_at(signing, Role.PROVINCE, "province")
    assert not theirs.find_all(LIFT)
    sent = theirs.fill(LIST, reason="误列")
    assert theirs.post(lift, sent).status == 404
    assert theirs.get(evidence.replace("/ops/", "/province/")).status == 404


def test_a_province_settles_who_decides_and_the_lowest_pay(signing: Signing) -> None:
    page = signing.staff(Role.PROVINCE).get("/province/employers")
    page.submit("form[action$='/settings']", qualifies=True, minimum_pay="两千")
    assert "请填写每月最低工资的元数" in page.text
    page.submit("form[action$='/settings']", qualifies=True, minimum_pay="2200")
    assert page.find("#minimum_pay")["value"] == "2200"
    assert page.find("input[name=qualifies]").has_attr("checked")


@pytest.mark.parametrize(
    ("role", "door"),
    [(Role.SCHOOL, "school"), (Role.PROVINCE, "province"), (Role.OPERATOR, "ops")],
)
def test_a_pattern_leads_to_its_employers(signing: Signing, role: Role, door: str) -> None:
    signing.invite(breach="20000")
    page = signing.staff(role).get(f"/{door}/patterns")
    for each in PATTERNS.values():
        assert each.title in page.text
    page.follow(PATTERNS["breach"].title)
    assert "1 份邀请" in page.text
    assert CODE in page.follow(NAME).text


def test_a_department_sees_neither_papers_nor_patterns(signing: Signing) -> None:
    department = signing.staff(Role.DEPARTMENT)
    for path in ("patterns", "patterns/breach", "papers"):
        assert department.get(f"/school/{path}").status == 403


def test_a_school_reads_the_letter_and_agrees_to_a_take_over(signing: Signing) -> None:
    newcomer = Newcomer(signing.site)
    page = newcomer.prove("/employer/register/takeover")
    said: dict[str, Given] = {"unit_code": CODE, "unit_name": NAME, **ACCOUNT, "letter": document()}
    page.submit("form[action$='/takeover']", None, **said)
    assert "已提交" in page.text
    school = signing.staff(Role.SCHOOL).get("/school/employers").follow("申请变更管理员")
    assert school.find("form[action$='/grant'] button").has_attr("disabled")
    link = str(school.find("a[href$='/letter']")["href"])
    assert signing.staff(Role.SCHOOL).get(link).headers["Content-Type"] == "image/jpeg"
    assert opened(signing) == 1
    signing.site.clock.move(takeovers.WAIT + timedelta(minutes=1))
    school = signing.staff(Role.SCHOOL).get("/school/employers").follow("申请变更管理员")
    assert "已同意" in school.submit("form[action$='/grant']").text
    assert "原管理员的账号已停用" in school.text
    assert "单位资质" in newcomer.sign_in().get("/employer/").text
