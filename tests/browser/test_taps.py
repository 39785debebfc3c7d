"""How many taps each job on the phone takes, from where she begins to where it is done."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from notifier.binding import sms_after_commit
from registry.codes import identity
from registry.record.requirements import EvidenceKind
from registry.record.tables import Graduate
from registry.review import application_moves, applications, evidence
from registry.review import decide as reviewing
from registry.review.decisions import Decision, Reviewer, Verdict
from registry.review.evidence import EvidenceUpload
from registry.review.evidence_types import CheckedDocument
from registry.review.states import Level
from sandbox.config import Config
from tests.browser.conftest import Open
from tests.browser.devices import PHONE
from tests.browser.served import served_site
from tests.browser.taps import Thumb
from tests.browser.test_signing import send_cards
from tests.clock import StandingClock
from tests.registry.review.casework import AGREEMENT, PNG, Casework
from tests.wxapp.graduate.verifying import reported
from tests.wxapp.school.records import PHONE as NUMBER
from tests.wxapp.school.records import Campus
from tests.wxapp.site import Site

IDENTITY = "110101200303071230"

pytestmark = [
    pytest.mark.slow,  # every page is drawn
    pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True),
]


@pytest.fixture
def served(database_url: str, redis_url: str, clock: StandingClock) -> Iterator[Site]:
    with served_site(database_url, redis_url, clock, quiet_hours="") as site:
        yield site


@pytest.fixture
def phone(open_page: Open) -> Page:
    return open_page(**PHONE)


def come_in(phone: Page, site: Site, openid: str, to: str = "home") -> Thumb:
    """Open a page of hers, as the menu of the account does; the count begins there."""
    phone.goto(f"{site.sandbox.url}/phone/{openid}")
    phone.goto(f"{site.resources.settings.public_url}/wechat/login?to={to}")
    return Thumb(phone)


def test_she_confirms_from_a_card_by_two(phone: Page, served: Site) -> None:
    graduate = served.graduate()
    openid = served.bind(graduate)
    served.change(graduate, Campus.report)
    send_cards(served)
    phone.goto(f"{served.sandbox.url}/phone/{openid}")
    thumb = Thumb(phone)
    thumb.link("查看详情", phone.locator("article.card").first)
    expect(phone.get_by_text(graduate.name)).to_have_count(1)
    thumb.button("信息无误，确认登记去向")
    expect(phone.get_by_role("heading", name="确认完成")).to_be_visible()
    assert thumb.taps == 2


def test_she_registers_that_she_seeks_work_by_five(phone: Page, served: Site) -> None:
    thumb = come_in(phone, served, served.bind(served.graduate()))
    thumb.link("去登记")
    thumb.button("正在找工作")
    thumb.choice("暂存学校")
    thumb.choice("户口不在学校")
    thumb.button("提交审核")
    expect(phone.get_by_role("heading", name="等待院系审核")).to_be_visible()
    assert thumb.taps == 5


@pytest.mark.parametrize("registered", [{}, {"household_type": ""}], ids=["both kinds", "one kind"])
def test_she_authorizes_by_three_and_a_check(
    phone: Page, served: Site, registered: dict[str, str]
) -> None:
    graduate = reported(served, **registered)
    openid = served.bind(graduate)
    come_in(phone, served, openid, "confirmation").button("信息无误，确认登记去向")
    expect(phone.get_by_role("heading", name="确认完成")).to_be_visible()
    thumb = come_in(phone, served, openid)
    thumb.link("核验授权", phone.locator(".phone-thumb"))
    thumb.button("同意授权")
    thumb.button("单独同意并开始人脸核身")
    phone.get_by_role("button", name="通过", exact=True).click()
    expect(phone.locator(".mark", has_text="生效中")).to_have_count(1 if registered else 2)
    assert thumb.taps == 3


def hand_in(campus: Campus, graduate: Graduate) -> None:
    """Hand in an agreement whose telephone is wrong, and return it."""
    writer = Casework(campus, campus.at).writer(graduate)
    draft = applications.save(campus.session, writer, AGREEMENT, applications.NEW)
    upload = EvidenceUpload(EvidenceKind.AGREEMENT, "协议.png", CheckedDocument("image/png", PNG))
    evidence.add(campus.session, campus.vault, writer, upload)
    applications.submit(campus.session, campus.vault, writer, draft.revision)
    waiting = application_moves.current(campus.session, graduate.id)
    assert waiting is not None
    verdict = Verdict(Decision.RETURN, "单位电话打不通，请核对")
    seen = {waiting.key: waiting.revision}
    reviewer = Reviewer(Level.DEPARTMENT, "staff:1")
    scope = campus.department_scope()
    reviewing.decide(campus.session, scope, reviewer, seen, verdict, campus.at)


def test_she_mends_one_field_after_a_return_by_four(phone: Page, served: Site) -> None:
    thumb = come_in(phone, served, served.bind(served.graduate(hand_in)))
    thumb.link("去修改")
    thumb.link("修改", phone.get_by_role("region", name="具体信息"))
    phone.get_by_label("联系电话").fill("0532-80001111")
    thumb.button("保存，返回核对")
    expect(phone.locator(".sheet-line_changed")).to_contain_text("0532-80001111")
    thumb.button("提交审核")
    expect(phone.get_by_role("heading", name="等待院系审核")).to_be_visible()
    assert thumb.taps == 4


def with_real_number(campus: Campus, graduate: Graduate) -> None:
    graduate.identity_sealed = campus.vault.seal(identity.IDENTITY, graduate.id, IDENTITY)
    graduate.identity_index = identity.identity_index(campus.vault, IDENTITY)


def test_she_binds_on_one_screen(phone: Page, served: Site) -> None:
    served.graduate(with_real_number)
    openid = served.sandbox.control.add_phone("新来的", number=NUMBER)
    thumb = come_in(phone, served, openid)
    screens = {phone.get_by_role("heading", level=1).inner_text()}
    phone.get_by_label("姓名").fill("李娟")
    phone.get_by_label("证件号码").fill(IDENTITY)
    thumb.button("获取验证码")
    expect(phone.locator("#code-note")).to_be_visible()
    screens.add(phone.get_by_role("heading", level=1).inner_text())
    expect(phone.get_by_label("验证码")).to_be_focused()
    sms_after_commit.settle()
    phone.get_by_label("验证码").fill(served.sandbox.control.sms(NUMBER)[-1]["params"][0])
    thumb.button("同意并绑定")
    expect(phone.get_by_role("status").first).to_contain_text("绑定成功")
    expect(phone.locator(".strip")).to_be_visible()
    assert (thumb.taps, screens) == (2, {"绑定本人"})


def test_a_dispute_leads_to_the_field_that_is_wrong(phone: Page, served: Site) -> None:
    graduate = reported(served, household_type="户口不在学校")
    thumb = come_in(phone, served, served.bind(graduate), "confirmation")
    thumb.choice("信息有误，需更新后确认")
    thumb.button("提交")
    expect(phone.locator("#complaint")).to_be_focused()
    expect(phone.locator("#complaint")).to_be_in_viewport()
    thumb.choice("档案转递", phone.locator("#wrong"))
    thumb.button("提交")
    thumb.link("更改登记")
    expect(phone.get_by_role("heading", name="档案和户口")).to_be_visible()
    thumb.choice("转回生源地")
    thumb.button("保存，返回核对")
    expect(phone.locator(".sheet-line_changed", has_text="转回生源地")).to_be_visible()


@pytest.fixture
def with_mini(database_url: str, redis_url: str, clock: StandingClock) -> Iterator[Site]:
    own = Config()
    mini = {"mini_app_id": own.mini_app_id, "mini_app_secret": own.mini_app_secret}
    with served_site(database_url, redis_url, clock, quiet_hours="", **mini) as site:
        site.sandbox.control.configure(mini_url=site.resources.settings.public_url)
        yield site


def test_who_is_not_bound_confirms_by_three_and_wechats_own_question(
    phone: Page, with_mini: Site
) -> None:
    """The card opens the mini program; between the second and the third WeChat itself asks."""
    graduate = with_mini.graduate()
    with_mini.change(graduate, Campus.report)
    openid = with_mini.sandbox.control.add_phone("新来的", number=NUMBER, following=False)
    phone.goto(f"{with_mini.sandbox.url}/phone/{openid}/mini?to=confirmation")
    thumb = Thumb(phone, taps=1)
    thumb.choice("同意并使用微信手机号登录")
    phone.get_by_role("button", name="允许（").tap()
    expect(phone.get_by_role("status").first).to_contain_text("绑定成功")
    assert "#" not in phone.url, "the token has left the address"
    thumb.button("信息无误，确认登记去向")
    expect(phone.get_by_role("heading", name="确认完成")).to_be_visible()
    assert thumb.taps == 3
