"""Evidence on a phone in a real browser: sent at once, made smaller, put back, tried again."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import FilePayload, Page, expect
from sqlalchemy import select

from registry.review.tables import Evidence
from tests.browser.conftest import Open
from tests.browser.devices import PHONE
from tests.browser.served import served_site
from tests.browser.width import fits
from tests.clock import StandingClock
from tests.documents import pdf
from tests.registry.review.casework import PNG
from tests.wxapp.site import Site

PICKER = "选择就业协议书"

pytestmark = [
    pytest.mark.slow,  # every page is drawn
    pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True),
]


@pytest.fixture
def served(database_url: str, redis_url: str, clock: StandingClock) -> Iterator[Site]:
    with served_site(database_url, redis_url, clock) as site:
        yield site


def at_evidence(page: Page, site: Site) -> Page:
    """Open the page of evidence of somebody who has signed an agreement."""
    openid = site.bind(site.graduate())
    page.goto(f"{site.sandbox.url}/phone/{openid}")
    page.goto(f"{site.resources.settings.public_url}/wechat/login?to=register")
    page.get_by_role("button", name="签了就业协议").click()
    expect(page.get_by_label("单位名称")).to_be_visible()
    page.goto(f"{site.resources.settings.public_url}/g/evidence")
    return page


def named(name: str, content: bytes) -> FilePayload:
    return {"name": name, "mimeType": "image/png", "buffer": content}


def noise(path: Path, edge: int) -> Path:
    """Write a picture that nothing makes small but fewer pixels."""
    Image.frombytes("RGB", (edge, edge), os.urandom(edge * edge * 3)).save(path, "PNG")
    return path


def kept(site: Site) -> list[tuple[str, int]]:
    """Return name and size of what lies there, in the order it came."""
    wanted = select(Evidence).where(Evidence.removed_at.is_(None)).order_by(Evidence.id)
    rows = site.read(lambda session: session.scalars(wanted).all())
    return [(each.name, each.size) for each in rows]


def test_what_is_chosen_is_sent_at_once_and_a_large_picture_made_smaller(
    open_page: Open, served: Site, tmp_path: Path
) -> None:
    page = at_evidence(open_page(**PHONE), served)
    photograph, letter = noise(tmp_path / "协议.png", 2600), tmp_path / "说明.pdf"
    letter.write_bytes(pdf())
    assert photograph.stat().st_size > 10 * 1024 * 1024
    page.get_by_label(PICKER).set_input_files([photograph, letter])
    for name in ("协议.jpg", "说明.pdf"):
        expect(page.get_by_role("link", name=name)).to_be_visible(timeout=30_000)
    (first, size), (second, _) = kept(served)
    assert (first, second) == ("协议.jpg", "说明.pdf")
    assert size < 10 * 1024 * 1024
    assert fits(page)


def test_a_slip_is_undone(open_page: Open, served: Site) -> None:
    page = at_evidence(open_page(**PHONE), served)
    page.get_by_label(PICKER).set_input_files(named("协议.png", PNG))
    page.get_by_role("button", name="删除 协议.png").click()
    expect(page.get_by_role("status")).to_contain_text("已删除“协议.png”")
    page.get_by_role("button", name="撤销").click()
    expect(page.get_by_role("link", name="协议.png")).to_be_visible()


def test_one_page_of_several_is_replaced_and_put_back(open_page: Open, served: Site) -> None:
    page = at_evidence(open_page(**PHONE), served)
    second, third = pdf(), pdf(b"<<>>")
    for name, content in (("第1页.png", PNG), ("第2页.pdf", second)):
        page.get_by_label(PICKER).set_input_files(named(name, content))
        expect(page.get_by_role("link", name=name)).to_be_visible()
    with page.expect_file_chooser() as asked:
        page.get_by_role("button", name="更换 第2页.pdf").click()
    assert not asked.value.is_multiple()
    asked.value.set_files(named("重拍.pdf", third))
    expect(page.get_by_role("link", name="重拍.pdf")).to_be_visible()
    assert [name for name, _ in kept(served)] == ["第1页.png", "重拍.pdf"]
    expect(page.get_by_role("status")).to_contain_text("已删除“第2页.pdf”")
    page.get_by_role("button", name="撤销").click()
    expect(page.get_by_role("link", name="第2页.pdf")).to_be_visible()


def test_what_did_not_arrive_is_tried_again_and_holds_up_the_next_step(
    open_page: Open, served: Site
) -> None:
    page = at_evidence(open_page(**PHONE), served)
    page.route("**/g/evidence", lambda route: route.fulfill(status=400, content_type="text/html"))
    page.get_by_label(PICKER).set_input_files(named("协议.png", PNG))
    line = page.locator(".document", has_text="上传未完成")
    expect(line).to_be_visible()
    page.get_by_role("button", name="下一步").last.click()
    expect(line).to_be_in_viewport()
    page.unroute("**/g/evidence")
    line.get_by_role("button", name="重试").click()
    expect(page.get_by_role("link", name="协议.png")).to_be_visible()
    page.get_by_role("button", name="下一步").last.click()
    expect(page.get_by_role("heading", name="核对并提交")).to_be_visible()


def test_what_did_not_arrive_can_be_left_out(open_page: Open, served: Site) -> None:
    page = at_evidence(open_page(**PHONE), served)
    page.route("**/g/evidence", lambda route: route.fulfill(status=400, content_type="text/html"))
    page.get_by_label(PICKER).set_input_files(named("协议.png", PNG))
    line = page.locator(".document", has_text="上传未完成")
    expect(line).to_be_visible()
    page.unroute("**/g/evidence")
    line.get_by_role("button", name="取消").click()
    expect(line).to_have_count(0)
    page.get_by_role("button", name="下一步").last.click()
    expect(page.get_by_role("heading", name="核对并提交")).to_be_visible()
    assert kept(served) == []


def test_without_scripts_a_chosen_file_goes_along_with_next(open_page: Open, served: Site) -> None:
    page = at_evidence(open_page(**PHONE, java_script_enabled=False), served)
    page.get_by_label(PICKER).set_input_files(named("协议.png", PNG))
    page.get_by_role("button", name="下一步").last.click()
    expect(page.get_by_role("heading", name="核对并提交")).to_be_visible()
    assert [name for name, _ in kept(served)] == ["协议.png"]
