"""The story of signing on paper in real browsers: a graduate's phone and her school's desk."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from registry.accounts.tables import Role
from registry.record.tables import Graduate
from tests.browser.conftest import Open
from tests.browser.devices import DESK
from tests.browser.test_signing import (
    LEVELS,
    WIDE_PHONE,
    come_as,
    pass_it,
    send_cards,
    served,
    take_the_paper,
)
from tests.browser.width import fits
from tests.registry.review.casework import PNG
from tests.wxapp.site import Site

__all__ = ["served"]
UNIT = "青岛望海酒店有限公司"
TYPED = {
    "unit_name": UNIT,
    "unit_code": "91370200MA3C0TUX7C",
    "unit_contact": "赵主管",
    "unit_phone": "053288886666",
    "post": "软件工程师",
    "pay": "9000",
    "probation_months": "3",
    "probation_pay": "7500",
    "breach": "3000",
}
PLACE = (("province", "370000"), ("prefecture", "370200"), ("county", "370202"))
CHOSEN = (
    *(("unit_nature", "31"), ("unit_industry", "34"), ("job_class", "13")),
    *((f"unit_location_code-{level}", code) for level, code in PLACE),
    *((f"work_location_code-{level}", code) for level, code in PLACE),
    *(("takes_file", "no"), ("takes_household", "no")),
)


def ask(phone: Page, site: Site) -> None:
    """Fill in on the phone what both have agreed to, and send it to the school."""
    phone.goto(f"{site.resources.settings.public_url}/g/signing")
    phone.get_by_role("link", name="申请线下签约").click()
    for name, value in TYPED.items():
        phone.locator(f"[name={name}]").fill(value)
    for name, value in CHOSEN:
        phone.locator(f"select[name='{name}']").select_option(value)
    assert fits(phone)
    phone.get_by_role("button", name="下一步，核对条款").click()
    expect(phone.locator("main")).to_contain_text("9,000 元（税前）")
    assert fits(phone)
    phone.get_by_role("button", name="提交学校核发").click()
    expect(phone.locator("main")).to_contain_text("待学校核发")
    assert fits(phone)


def issue(desk: Page, site: Site, graduate: Graduate) -> None:
    desk.goto(f"{come_as(desk, site, Role.SCHOOL)}/offline")
    desk.get_by_role("link", name=graduate.name).click()
    assert fits(desk)
    desk.get_by_role("button", name="核发协议书").click()
    expect(desk.locator("main")).to_contain_text("已核发")


def open_card(phone: Page, site: Site, openid: str, result: str) -> None:
    """Look at her chat, and open the page that the newest card leads to."""
    phone.goto(f"{site.sandbox.url}/phone/{openid}")
    card = phone.locator("article.card", has_text=result)
    expect(card).to_contain_text(UNIT)
    card.get_by_role("link", name="查看详情").click()
    expect(phone.get_by_role("heading", name=UNIT)).to_be_visible()
    assert fits(phone)


def hand_in(phone: Page, folder: Path, day: str) -> None:
    picture = folder / "协议书.png"
    picture.write_bytes(PNG)
    phone.locator("input[type=file]").set_input_files(picture)
    phone.locator("input[name=signed_on]").fill(day)
    phone.get_by_role("button", name="交回，提交审核").click()
    expect(phone.locator("main")).to_contain_text("您已交回签字盖章的协议书")
    assert fits(phone)


@pytest.mark.usefixtures("served")
def test_a_paper_is_asked_for_issued_handed_in_and_registers(
    open_page: Open, served: Site, tmp_path: Path
) -> None:
    graduate = served.graduate()
    openid = served.bind(graduate)
    phone, school = open_page(**WIDE_PHONE), open_page(**DESK)
    phone.goto(f"{served.sandbox.url}/phone/{openid}")
    ask(phone, served)
    issue(school, served, graduate)
    send_cards(served)
    open_card(phone, served, openid, "已核发")
    paper = take_the_paper(phone)
    for words in (graduate.name, UNIT, "软件工程师", "9,000元", "经办人签字"):
        assert words in paper
    hand_in(phone, tmp_path, "2026-06-10")
    for role in LEVELS:
        pass_it(school, served, role, graduate)
    send_cards(served)
    open_card(phone, served, openid, "已签约")
    expect(phone.locator("main")).to_contain_text("审核通过，协议生效")
    assert served.state_of(graduate) == "unconfirmed"
