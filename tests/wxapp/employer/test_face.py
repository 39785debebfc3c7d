"""Her face as the second proof of signing: for the one invitation or amendment, once, here."""

from datetime import timedelta

import pytest

from registry.accounts.tables import Role
from registry.numbers.verification import authentication
from registry.numbers.verification.authentication import IdentityDocument
from tests.pages import Browser
from tests.wxapp.employer.conftest import Signing
from tests.wxapp.employer.test_mending import amended, returned
from tests.wxapp.graduate.verifying import end_face
from tests.wxapp.school.records import IDENTITY

FACE, ACCEPT = "form[action$='/face']", "form[action$='/accept']"
AGREE = "form[action$='/agree']"


def accepting(signing: Signing) -> Browser:
    return signing.phone.get("/g/signing").follow("接受邀请")


def proven(signing: Signing, ending: str = "pass") -> Browser:
    return by_face(accepting(signing), ending)


def by_face(page: Browser, ending: str = "pass") -> Browser:
    """Go through the provider's page, and come back."""
    page.submit(FACE)
    return page.get(end_face(str(page.find("a.weui-btn_primary")["href"]), ending))


def agreeing(signing: Signing) -> Browser:
    """Have an agreement returned and amended, and open what she is to agree to."""
    returned(signing)
    amended(signing)
    return signing.phone.get("/g/signing").follow("核对修改")


def test_her_face_accepts_without_a_code(signing: Signing) -> None:
    signing.invite()
    page = proven(signing)
    assert "已通过人脸核身" in page.text
    check = signing.site.sandbox.control.face_checks()[-1]
    assert (check["name"], check["id_card"]) == ("李娟", IDENTITY)
    page.submit(ACCEPT)
    assert "待学校审核" in page.text


@pytest.mark.parametrize(
    ("ending", "sentence"), [("fail", "人脸核身没有通过"), ("quit", "人脸核身没有完成")]
)
def test_a_face_that_is_not_passed_accepts_nothing(
    signing: Signing, ending: str, sentence: str
) -> None:
    signing.invite()
    page = proven(signing, ending)
    assert page.status == 400
    assert sentence in page.text
    assert "用短信验证码确认" in page.text
    assert page.find_all(ACCEPT) == []


def test_the_proof_for_one_invitation_accepts_no_other_and_authorizes_nothing(
    signing: Signing,
) -> None:
    signing.invite()
    page = proven(signing)
    page.get("/g/signing").follow("拒绝邀请").submit("form", reason="再考虑")
    signing.invite()
    open_one = next(
        each for each in page.get("/g/signing").find_all("a.weui-cell") if "待应约" in each.text
    )
    page.get(f"{open_one['href']}/accept")
    assert "已通过人脸核身" not in page.text
    her, at = signing.graduate.id, signing.site.clock()
    hash_of = "a" * 64
    fresh = signing.site.read(lambda session: authentication.fresh(session, her, hash_of, at))
    assert fresh is None


def test_a_proof_is_used_up_by_the_acceptance(signing: Signing) -> None:
    signing.invite()
    proven(signing).submit(ACCEPT)
    retracted = signing.phone.submit("form[action$='/retract']")
    assert "已撤销应约" in retracted.text
    signing.invite()
    page = signing.phone.get("/g/signing")
    open_one = next(each for each in page.find_all("a.weui-cell") if "待应约" in each.text)
    page.get(f"{open_one['href']}/accept")
    assert page.find_all(ACCEPT) == []


def test_a_proof_is_over_after_ten_minutes(signing: Signing) -> None:
    signing.invite()
    page = proven(signing)
    signing.site.clock.move(timedelta(minutes=10))
    page.submit(ACCEPT)
    assert "请填写短信中的 6 位验证码" in page.text
    assert "待应约" in signing.employer.get("/employer/").text


def test_what_staff_saw_in_person_accepts_nothing(signing: Signing) -> None:
    signing.invite()
    her, at = signing.graduate.id, signing.site.clock()
    with signing.site.resources.sessions.begin() as session:
        card = IdentityDocument.IDENTITY_CARD
        authentication.record_in_person(session, her, card, f"staff:{Role.SCHOOL}", at)
    page = accepting(signing)
    assert "已通过人脸核身" not in page.text
    assert page.find_all(ACCEPT) == []


def test_without_a_provider_the_code_is_the_proof(signing: Signing) -> None:
    signing.invite()
    app = signing.site.app_with(face_secret_id="")
    signing.site.app = app
    signing.phone = signing.site.enter(signing.openid)
    page = accepting(signing)
    assert page.find_all(FACE) == []
    assert "短信验证码将发送至" in page.text


def test_her_face_agrees_to_amended_terms_without_a_code(signing: Signing) -> None:
    page = by_face(agreeing(signing))
    assert "已通过人脸核身" in page.text
    page.submit(AGREE)
    assert "待学校审核" in page.text
    assert "9,800 元（税前）" in page.text


def test_a_face_that_is_not_passed_agrees_to_nothing(signing: Signing) -> None:
    page = by_face(agreeing(signing), "fail")
    assert page.status == 400
    assert "人脸核身没有通过" in page.text
    assert page.find_all(AGREE) == []


def test_the_proof_for_some_terms_agrees_to_no_others(signing: Signing) -> None:
    page = by_face(agreeing(signing))
    page.submit(AGREE, digest="0" * 64)
    assert "请填写短信中的 6 位验证码" in page.text
    assert "待本人确认修改" in signing.employer.get("/employer/").text
