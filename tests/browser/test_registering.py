"""The registration form on a phone in a real browser: lists that follow each other, suggestions."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from registry.accounts import sessions
from registry.accounts.sessions import Identity
from registry.review.states import ApplicationState
from registry.review.tables import Application
from tests.browser.conftest import Open
from tests.browser.devices import PHONE
from tests.browser.served import served_application
from tests.browser.width import fits
from tests.registry.review.casework import CREDIT_CODE, PNG
from tests.wxapp.conftest import site, wechat
from tests.wxapp.site import Site

__all__ = ["site", "wechat"]

WIDE_PHONE = {**PHONE, "viewport": {"width": 390, "height": 844}}
PLACE = "单位所在地"
FORM = "/g/register"

pytestmark = [
    pytest.mark.slow,  # every page is drawn
    pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True),
]


@dataclass
class Served:
    """The site on a port, and the session of a graduate who came in through WeChat."""

    site: Site
    address: str
    token: str

    def open(self, open_page: Open, **options: object) -> Page:
        """Open the registration form on her phone."""
        page = open_page(**WIDE_PHONE, **options)
        cookie = {"name": "quxiang", "value": self.token, "url": self.address}
        page.context.add_cookies([cookie])  # type: ignore[list-item]  # its dicts are typed closed
        page.goto(f"{self.address}{FORM}")
        return page


@pytest.fixture
def served(site: Site) -> Iterator[Served]:
    """Serve the site to a browser."""
    token = sessions.new_token()
    openid = site.bind(site.graduate())
    with site.resources.sessions.begin() as session:
        sessions.start(session, token, Identity(openid=openid), {}, site.clock())
    with served_application(site.app) as address:
        yield Served(site, address.replace("127.0.0.1", "localhost"), token)


@pytest.fixture
def phone(served: Served, open_page: Open) -> Page:
    """Open the form, and choose a signed agreement."""
    page = served.open(open_page)
    with page.expect_navigation():
        page.get_by_role("button", name="签了就业协议").click()
    return page


def _go_on(page: Page) -> None:
    with page.expect_navigation():
        page.get_by_role("button", name="下一步").last.click()
    assert fits(page), page.url


def _choose(page: Page, level: str, name: str, field: str = PLACE) -> None:
    page.get_by_label(f"{field}：{level}").select_option(label=name)


def test_each_list_fills_the_next(phone: Page) -> None:
    for hidden in ("市", "区县"):
        expect(phone.get_by_label(f"{PLACE}：{hidden}")).to_be_hidden()
    _choose(phone, "省", "山东省")
    _choose(phone, "市", "青岛市")
    _choose(phone, "区县", "市南区")
    _choose(phone, "省", "福建省")
    expect(phone.get_by_label(f"{PLACE}：区县")).to_be_hidden()
    expect(phone.get_by_label(f"{PLACE}：市").locator("option")).to_contain_text(
        ["选择市", "福州市"]
    )


def test_a_municipality_leads_straight_to_its_districts(phone: Page) -> None:
    _choose(phone, "省", "北京市")
    _choose(phone, "区县", "海淀区")
    expect(phone.get_by_label(f"{PLACE}：区县")).to_have_value("110108")


def test_a_known_employer_is_suggested_and_fills_in_the_form(served: Served, phone: Page) -> None:
    served.site.graduate(
        lambda campus, her: campus.report(
            her, unit_code=CREDIT_CODE, unit_location_code="370202", unit_location="山东省青岛市"
        )
    )
    phone.get_by_label("单位联系人").fill("孙经理")
    phone.get_by_label("单位名称").press_sequentially("青岛海")
    phone.get_by_role("button", name=f"青岛海纳软件有限公司 {CREDIT_CODE}").click()
    expect(phone.get_by_label("统一社会信用代码")).to_have_value(CREDIT_CODE)
    expect(phone.get_by_label(f"{PLACE}：区县")).to_have_value("370202")
    expect(phone.get_by_label("单位联系人")).to_have_value("孙经理")


def test_the_whole_form_is_sent(served: Served, phone: Page) -> None:
    for label, text in (
        ("单位名称", "青岛海纳软件有限公司"),
        ("统一社会信用代码", CREDIT_CODE),
        ("单位联系人", "孙经理"),
        ("联系电话", "0532-86981234"),
        ("签约日期", "2026-05-20"),
    ):
        phone.get_by_label(label).fill(text)
    for label, name in (
        ("单位性质", "国有企业"),
        ("单位行业", "信息传输、软件和信息技术服务业"),
        ("工作职位类别", "工程技术人员"),
    ):
        phone.get_by_label(label).select_option(label=name)
    for level, name in (("省", "山东省"), ("市", "青岛市"), ("区县", "市南区")):
        _choose(phone, level, name)
    _go_on(phone)
    phone.get_by_text("托管单位接收").click()
    for label, text in (
        ("档案转递单位名称", "青岛市人才服务中心"),
        ("档案转递单位地址", "香港中路 1 号"),
        ("档案转递联系电话", "0532-86985678"),
    ):
        phone.get_by_label(label, exact=True).fill(text)
    for level, name in (("省", "山东省"), ("市", "青岛市"), ("区县", "市南区")):
        _choose(phone, level, name, "档案转递单位所在地")
    phone.get_by_text("户口不在学校").click()
    _go_on(phone)
    phone.get_by_label("选择就业协议书").set_input_files(
        {"name": "协议.png", "mimeType": "image/png", "buffer": PNG}
    )
    expect(phone.get_by_role("link", name="协议.png")).to_be_visible()
    phone.get_by_role("button", name="下一步").click()
    expect(phone.get_by_text("山东省青岛市市南区")).to_have_count(2)
    phone.get_by_role("button", name="提交审核").click()
    expect(phone.get_by_role("heading", name="等待院系审核")).to_be_visible()
    assert _sent(served) == "370202"


def _sent(served: Served) -> object:
    """Return where the file goes, as it was sent."""
    wanted = select(Application.values).where(Application.state == ApplicationState.SUBMITTED)
    values = served.site.read(lambda session: session.scalars(wanted).one())
    return values["file_location_code"]


def test_without_scripts_the_next_list_is_asked_for(served: Served, open_page: Open) -> None:
    page = served.open(open_page, java_script_enabled=False)
    page.get_by_role("button", name="签了就业协议").click()
    for level, name in (("省", "山东省"), ("市", "青岛市")):
        _choose(page, level, name)
        page.get_by_role("button", name="显示下一级").click()
    _choose(page, "区县", "市南区")
