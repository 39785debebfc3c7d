"""She makes a code in WeChat, the employer types or scans it, and names her by nothing else."""

import re
from datetime import timedelta

from tests.pages import Browser
from tests.wxapp.employer.conftest import FORM, Signing


def code_of(page: Browser) -> str:
    return page.find(".given-code").get_text().strip()


def made(signing: Signing) -> str:
    page = signing.phone.get("/g/signing").follow("生成一次性代码")
    page.submit("form[action='/g/signing/code']")
    return code_of(page)


def by_code(signing: Signing, code: str) -> Browser:
    return signing.write(name="", student_number="", given_code=code)


def test_she_is_invited_by_her_code_alone(signing: Signing) -> None:
    code = made(signing)
    assert re.fullmatch(r"[2-9A-Z]{4}-[2-9A-Z]{4}", code)
    preview = by_code(signing, code)
    assert "李*" in preview.text
    assert "待应约" in preview.submit(FORM, "go=send").text
    assert "接受邀请" in signing.phone.get("/g/signing").text


def test_a_code_invites_once(signing: Signing) -> None:
    code = made(signing)
    by_code(signing, code).submit(FORM, "go=send")
    again = by_code(signing, code)
    assert again.status == 400
    assert "不存在、已使用或已过期" in again.text


def test_a_code_that_runs_out_before_it_is_sent_sends_nothing(signing: Signing) -> None:
    preview = by_code(signing, made(signing))
    signing.site.clock.move(timedelta(minutes=10))
    preview.submit(FORM, "go=send")
    assert "已过期" in preview.text
    assert "暂无邀请" in signing.employer.get("/employer/").text


def test_the_picture_leads_to_the_form_with_the_code(signing: Signing) -> None:
    code = made(signing).replace("-", "")
    page = signing.employer.get(f"/employer/invitations/new?code={code}")
    assert page.find("#given_code")["value"] == code


def test_the_code_is_kept_by_nobody(signing: Signing) -> None:
    page = signing.phone.get("/g/signing").follow("生成一次性代码")
    page.submit("form[action='/g/signing/code']")
    assert page.headers["Cache-Control"] == "no-store"
    assert page.get("/g/signing/code").find_all(".given-code") == []
