"""A graduate registers where she goes, step by step, and nothing she typed is lost."""

import pytest

from registry.tables import Graduate
from tests.pages import Browser
from tests.wxapp.graduate.registering import FORM, fill_in
from tests.wxapp.site import Site


@pytest.fixture
def graduate(site: Site) -> Graduate:
    return site.graduate()


@pytest.fixture
def browser(site: Site, graduate: Graduate) -> Browser:
    return site.enter(site.bind(graduate), "register")


def test_from_the_category_to_the_review_of_the_department(browser: Browser) -> None:
    page = fill_in(browser)
    assert "青岛海纳软件有限公司" in page.text
    assert "山东省青岛市市南区" in page.text
    page.submit(button="提交审核")
    assert "等待院系审核" in page.text
    assert page.path == f"{FORM}/progress"
