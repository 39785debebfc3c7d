"""One-time notices: the page is offered templates, and each yes of hers is one allowance."""

from collections.abc import Iterator

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from notifier.delivery import mini_notices
from notifier.ledger.mini_tables import MiniAllowance
from notifier.wechat.mini_program import open_mini_program
from sandbox.account_templates import template_id_of
from sandbox.mini_codes import mini_openid
from sandbox.testing import RunningSandbox
from tests.clock import StandingClock
from tests.wxapp.site import Site, mini_settings, open_site
from tests.wxapp.wechat.mini.mini_phone import DOOR, NUMBER, MiniPhone, own_number
from tests.wxapp.wechat.mini.test_joining import follow


@pytest.fixture
def reviews(wechat: RunningSandbox) -> str:
    """Return the template of reviews."""
    return template_id_of(wechat.config.mini_app_id, "审核结果通知")


@pytest.fixture
def site(
    database_url: str, redis_url: str, wechat: RunningSandbox, clock: StandingClock, reviews: str
) -> Iterator[Site]:
    settings = mini_settings(wechat) | {"mini_notices": f"review_result:{reviews}"}
    with open_site(database_url, redis_url, wechat, clock, **settings) as opened:
        resources = opened.resources
        mini = open_mini_program(resources.settings, resources.redis, clock)
        mini_notices.read_templates(resources, mini)
        yield opened


def signed_in(site: Site, phone: MiniPhone) -> MiniPhone:
    """Let a graduate come in by the mini program."""
    site.graduate(own_number(NUMBER))
    phone.enter(phone.login("").get_json()["open"])
    return phone


def tell(phone: MiniPhone, **answers: str) -> TestResponse:
    return phone.call("notices", {"secret": phone.secret, "answers": answers})


def allowed(site: Site) -> dict[str, int]:
    wanted = select(MiniAllowance.openid, MiniAllowance.remaining)
    return site.read(lambda session: dict(session.execute(wanted).all()))


def test_what_can_be_sent_is_offered(site: Site, reviews: str) -> None:
    said = site.browser().client.get(f"{DOOR}/notices").get_json()
    assert said == {"templates": [{"id": reviews, "title": "审核结果通知"}]}


def test_each_yes_is_one(site: Site, phone: MiniPhone, reviews: str) -> None:
    signed_in(site, phone)
    for answer in ("accept", "reject", "ban", "filter", "acceptWithAudio"):
        assert tell(phone, **{reviews: answer}).status_code == 204
    assert allowed(site) == {f"mini:{mini_openid(phone.openid)}": 2}


def test_who_follows_allows_as_the_one_she_is_in_the_mini_program(
    site: Site, phone: MiniPhone, reviews: str
) -> None:
    signed_in(site, phone)
    follow(site, phone.openid)
    tell(phone, **{reviews: "accept"})
    assert allowed(site) == {f"mini:{mini_openid(phone.openid)}": 1}


def test_who_is_not_signed_in_allows_nothing(site: Site, phone: MiniPhone, reviews: str) -> None:
    refused = tell(phone, **{reviews: "accept"})
    assert (refused.status_code, refused.get_json()["code"]) == (401, "signed_out")
    signed_in(site, phone)
    phone.call("sign-out", {"secret": phone.secret})
    assert tell(phone, **{reviews: "accept"}).status_code == 401
    assert allowed(site) == {}


def test_a_template_that_is_not_offered_counts_nothing(site: Site, phone: MiniPhone) -> None:
    signed_in(site, phone)
    assert tell(phone, **{"T" * 43: "accept"}).status_code == 204
    assert allowed(site) == {}


@pytest.mark.parametrize(
    "body",
    [
        {"answers": {}},
        {"secret": "s" * 64, "answers": {"a b": "accept"}},
        {"secret": "s" * 64, "answers": {"T": "a" * 41}},
        {"secret": "s" * 64, "answers": {str(each): "accept" for each in range(11)}},
        {"secret": "s" * 64, "answers": [], "more": 1},
    ],
)
def test_what_cannot_be_an_answer_is_refused(site: Site, phone: MiniPhone, body: object) -> None:
    assert phone.call("notices", body).get_json()["code"] == "request_unreadable"
