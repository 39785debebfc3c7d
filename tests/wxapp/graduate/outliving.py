"""A form of hers that is sent after her session has ended: she signs in, and it is there again."""

from tests.page_forms import Given
from tests.pages import Browser
from tests.wxapp.site import Site

BACK = "已恢复登录超时前填写的内容"


def comes_back(site: Site, openid: str, browser: Browser, form: str, **typed: Given) -> Browser:
    """Fill in a form of this page (a selector), lose the session, send it, sign in again."""
    tag = browser.find(form)
    sent = browser.fill(tag, None, **typed)
    browser.client.delete_cookie("quxiang")
    browser.post(str(tag["action"]), sent)
    assert browser.leads_to is not None, browser.text
    browser.get(site.way_back(browser.leads_to, openid))
    assert BACK in browser.text
    return browser
