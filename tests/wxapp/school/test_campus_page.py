"""An administrator of the school looks at its own sign-in: does it answer, what comes back."""

from tests.pages import Browser
from tests.wxapp.core.campuses import (
    NUMBER,
    PASSWORD,
    add_staff,
    app_with_campus,
    at_the_campus,
    campus_login,
)
from tests.wxapp.site import Site

PAGE = "/school/settings/campus"


def administrator(site: Site, **settings: str) -> Browser:
    add_staff(site)
    browser = Browser(app_with_campus(site, **settings).test_client())
    browser.get("/login").submit(login="teacher", password=PASSWORD)
    return browser.get(PAGE)


def test_the_connection_is_tried_without_signing_anybody_in(site: Site) -> None:
    browser = administrator(site)
    assert "http://localhost/login/campus/qinghe/back" in browser.text
    browser.submit(f"form[action='{PAGE}/qinghe']")
    assert "连接正常" in browser.text


def test_a_campus_that_does_not_answer_is_said(site: Site) -> None:
    browser = administrator(site, server="http://localhost:9")
    browser.submit(f"form[action='{PAGE}/qinghe']")
    assert "无法连接（ConnectionError）" in browser.text


def test_what_comes_back_is_shown_once_with_the_names_of_attributes_alone(site: Site) -> None:
    browser = administrator(site, number="employeeNumber").get(f"{PAGE}/qinghe/try")
    browser.get(at_the_campus(browser.leads_to or ""))
    assert browser.path == PAGE
    assert f"{NUMBER}（与您账号登记的工号一致）" in browser.text
    assert "employeeNumber" in browser.find("[role=status]").text
    assert not browser.get(PAGE).find_all("[role=status]")


def test_another_schools_sign_in_is_not_there(site: Site) -> None:
    add_staff(site)
    app = site.app_with(campus_logins=(campus_login(site, school="99999"),))
    browser = Browser(app.test_client()).get("/login")
    browser.submit(login="teacher", password=PASSWORD).get(PAGE)
    assert "尚未接入统一身份认证" in browser.text
    assert browser.client.get(f"{PAGE}/qinghe/try").status_code == 404
