"""The story of signing in real browsers: an employer and a school at desks, a graduate's phone."""

from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import func, select

from notifier.binding import sms_after_commit
from notifier.delivery.run import deliver
from notifier.ledger.states import MessageState
from notifier.ledger.tables import Message
from notifier.wechat.followers import reconcile
from notifier.wechat.gateway import Gateway, open_gateway
from notifier.wechat.templates import sync_templates
from registry.accounts import sessions
from registry.accounts.staff import NewStaff, create_staff
from registry.accounts.tables import Role
from registry.record.tables import Graduate
from tests.browser.conftest import Open
from tests.browser.devices import DESK, PHONE
from tests.browser.served import served_site
from tests.browser.width import fits
from tests.clock import StandingClock
from tests.pdf_reading import codes_of, words_of
from tests.registry.second_factor.phone import Phone
from tests.waiting import wait_until
from tests.wxapp.school.records import PHONE as NUMBER
from tests.wxapp.site import Site, find_campus

WIDE_PHONE = {**PHONE, "viewport": {"width": 390, "height": 844}}
PASSWORD = "correct horse battery"
UNIT = "青岛海纳软件有限公司"
NOBODY_WAITS = "没有等您审核的就业协议"
HELD_MS = 20_000
"""A decision is sent after ten seconds."""
LEVELS = (Role.DEPARTMENT, Role.SCHOOL)
SETTINGS = {"second_factor": "employer", "quiet_hours": ""}
"""What is sent is sent by the clock of the machine, at night too."""


@pytest.fixture
def served(database_url: str, redis_url: str, clock: StandingClock) -> Iterator[Site]:
    with served_site(database_url, redis_url, clock, **SETTINGS) as site:
        with site.resources.sessions.begin() as session:
            employer = find_campus(session, site).employer()
            new = NewStaff("hr", "孙经理", Role.EMPLOYER, employer_id=employer.id)
            create_staff(session, new, PASSWORD, site.clock())
        yield site


def give_password(desk: Page, site: Site) -> None:
    desk.goto(f"{site.resources.settings.public_url}/login")
    desk.get_by_label("登录名").fill("hr")
    desk.get_by_label("密码").fill(PASSWORD)
    desk.get_by_role("button", name="登录").click()


def sign_in(desk: Page, site: Site) -> Phone:
    """Sign in as the employer, whose second factor is set up on the way."""
    give_password(desk, site)
    expect(desk.get_by_role("heading", name="设置二次验证")).to_be_visible()
    [code] = codes_of(desk.pdf(print_background=True))
    phone = Phone(parse_qs(urlsplit(code).query)["secret"][0])
    desk.get_by_label("动态码").fill(phone.code(site.clock()))
    desk.get_by_role("button", name="开启二次验证").click()
    desk.get_by_role("link", name="已保存，继续").click()
    expect(desk.get_by_role("heading", name="签约邀请")).to_be_visible()
    return phone


def sign_in_again(desk: Page, site: Site, app: Phone) -> None:
    """Sign in as the employer, by password and code."""
    desk.context.clear_cookies()
    give_password(desk, site)
    desk.get_by_label("动态码").fill(app.code(site.clock()))
    desk.get_by_role("button", name="登录", exact=True).click()
    expect(desk.get_by_role("heading", name="签约邀请")).to_be_visible()


def invite(desk: Page, graduate: Graduate) -> None:
    desk.locator("main").get_by_role("link", name="发起邀请").click()
    typed = {
        "name": graduate.name,
        "student_number": graduate.student_number,
        "post": "软件工程师",
        "pay": "9000",
        "probation_months": "3",
        "probation_pay": "7500",
        "breach": "3000",
    }
    for name, value in typed.items():
        desk.locator(f"[name={name}]").fill(value)
    for name, value in (
        ("job_class", "13"),
        *(("work_location_code-province", "370000"), ("work_location_code-prefecture", "370200")),
        *(("work_location_code-county", "370202"), ("takes_file", "no"), ("takes_household", "no")),
    ):
        desk.locator(f"select[name='{name}']").select_option(value)
    assert fits(desk)
    desk.get_by_role("button", name="下一步，核对条款").click()
    desk.get_by_role("button", name="发出签约邀请").click()
    expect(desk.locator("main")).to_contain_text("待应约")
    assert fits(desk)


def send_cards(site: Site) -> None:
    """Deliver what waits, as a worker does."""
    settings, redis = site.resources.settings, site.resources.redis
    gateway = open_gateway(settings, redis, site.clock)
    with site.resources.sessions.begin() as session:
        sync_templates(session, gateway, site.clock())
    reconcile(site.resources, gateway)
    wait_until(lambda: _all_are_sent(site, gateway), "every card is sent")


def _all_are_sent(site: Site, gateway: Gateway) -> bool:
    deliver(site.resources, gateway, seconds=1.0)
    waiting = select(func.count()).where(Message.state == MessageState.WAITING)
    return site.read(lambda session: session.scalar(waiting)) == 0


def open_card(phone: Page, site: Site, openid: str, title: str) -> None:
    """Look at her chat, and open the page that the card leads to."""
    phone.goto(f"{site.sandbox.url}/phone/{openid}")
    card = phone.locator("article.card", has_text=title)
    expect(card).to_be_visible()
    expect(card).to_contain_text(UNIT)
    assert fits(phone)
    card.get_by_role("link", name="查看详情").click()
    expect(phone.get_by_role("heading", name=UNIT)).to_be_visible()
    assert fits(phone)


def accept(phone: Page, site: Site) -> None:
    phone.get_by_role("link", name="接受邀请").click()
    phone.get_by_role("button", name="发送验证码").click()
    expect(phone.get_by_label("验证码")).to_be_visible()
    sms_after_commit.settle()
    phone.get_by_label("验证码").fill(site.sandbox.control.sms(NUMBER)[-1]["params"][0])
    assert fits(phone)
    phone.get_by_role("button", name="接受邀请，签订协议").click()
    expect(phone.locator("main")).to_contain_text("待学校审核")


def come_as(desk: Page, site: Site, role: Role) -> str:
    """Sign in as a level of the school, by a session of its own; return where its pages are."""
    base, token = site.resources.settings.public_url, sessions.new_token()
    with site.resources.sessions.begin() as session:
        staff = find_campus(session, site).staff(role, 0 if role is Role.DEPARTMENT else None)
        sessions.start(session, token, sessions.proven(staff), {}, site.clock())
    desk.context.add_cookies([{"name": "quxiang", "value": token, "url": base}])
    return f"{base}/school"


def pass_it(desk: Page, site: Site, role: Role, graduate: Graduate) -> None:
    """Pass the agreement as a level of the school."""
    desk.goto(f"{come_as(desk, site, role)}/reviews?purpose=agreement")
    desk.get_by_role("link", name=graduate.name).click()
    expect(desk.locator("main")).to_contain_text("软件工程师")
    assert fits(desk)
    desk.get_by_role("button", name="通过", exact=True).click()
    expect(desk.locator("main")).to_contain_text(f"已通过：{graduate.name}")
    expect(desk.locator("main")).to_contain_text(NOBODY_WAITS, timeout=HELD_MS)


def take_the_paper(phone: Page) -> str:
    """Download the agreement as she does; return its words without blanks."""
    with phone.expect_download() as downloading:
        phone.get_by_role("link", name="下载协议书").click()
    name = downloading.value.suggested_filename
    assert name.endswith(".pdf")
    return words_of(downloading.value.path().read_bytes())


def ask_to_end(phone: Page) -> None:
    phone.get_by_role("link", name="申请解约").click()
    phone.locator("select[name=reason]").select_option("family")
    phone.locator("textarea[name=text]").fill("需照顾家人")
    assert fits(phone)
    phone.get_by_role("button", name="提交解约申请").click()
    expect(phone.locator("main")).to_contain_text("待单位答复")
    assert fits(phone)


def agree_to_end(desk: Page, graduate: Graduate) -> None:
    desk.get_by_role("link", name=f"{graduate.name}申请解约").click()
    expect(desk.locator("main")).to_contain_text("需照顾家人")
    assert fits(desk)
    desk.get_by_role("button", name="同意解约", exact=True).click()
    expect(desk.locator("main")).to_contain_text("待学校审核")


def end_it(desk: Page, site: Site, graduate: Graduate) -> None:
    """Pass the termination as the school."""
    desk.goto(f"{come_as(desk, site, Role.SCHOOL)}/terminations")
    desk.get_by_role("link", name=graduate.name).click()
    assert fits(desk)
    desk.locator("button[name=decision][value=pass]").click()
    expect(desk.locator("main")).to_contain_text("已解约")


def test_an_agreement_is_invited_to_accepted_signed_and_ended(
    open_page: Open, served: Site
) -> None:
    graduate = served.graduate()
    openid = served.bind(graduate)
    employer, phone, school = open_page(**DESK), open_page(**WIDE_PHONE), open_page(**DESK)
    app = sign_in(employer, served)
    invite(employer, graduate)
    send_cards(served)
    open_card(phone, served, openid, "签约邀请通知")
    accept(phone, served)
    served.clock.move(timedelta(hours=2))
    for role in LEVELS:
        pass_it(school, served, role, graduate)
    send_cards(served)
    open_card(phone, served, openid, "签约结果通知")
    expect(phone.locator("main")).to_contain_text("已签约")
    paper = take_the_paper(phone)
    assert "未鉴证" not in paper
    for words in (graduate.name, UNIT, "软件工程师", "9,000元"):
        assert words in paper
    assert served.state_of(graduate) == "unconfirmed"
    ask_to_end(phone)
    sign_in_again(employer, served, app)
    agree_to_end(employer, graduate)
    end_it(school, served, graduate)
    assert served.state_of(graduate) == "not_reported"
