"""The QR code's link: shows what holds now, says nothing itself, is worth nothing when altered."""

from datetime import timedelta

import pytest

from registry.numbers.shape import Issue, Kind
from registry.numbers.tables import Result
from tests.registry.numbers.office import Case
from tests.wxapp.verify.test_looking import revoke
from tests.wxapp.verify.window import NAME, Window

NOTHING = "二维码没有对应的有效信息"


@pytest.mark.parametrize("issue", Issue)
@pytest.mark.parametrize("kind", Kind)
def test_any_camera_sees_the_sheet(window: Window, issue: Issue, kind: Kind) -> None:
    page = window.browser().get(window.link(issue, kind))
    assert "二维码对应的登记信息目前有效" in page.text
    assert NAME in page.text
    assert window.number(issue, kind) not in page.body.decode()
    assert (window.log[0].by_link, window.log[0].result) == (True, Result.SHOWN)


def test_the_address_says_neither_name_nor_number(window: Window) -> None:
    link = window.link()
    number = window.number()
    assert len(link) == len("/v/") + 32
    assert number[7:].lower() not in link.lower()


def test_the_link_is_kept_out_of_the_next_pages_referrer(window: Window) -> None:
    page = window.browser().get(window.link())
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert not page.find_all("form")


def test_an_altered_link_shows_nothing(window: Window) -> None:
    token = window.link().removeprefix("/v/")
    altered = [token[:-1], token + "0", token.upper(), token[::-1], "0" * 32, "x", token[1:] + "0"]
    pages = {window.browser().get(f"/v/{each}").body for each in altered}
    assert len(pages) == 1
    said = pages.pop().decode()
    assert NOTHING in said
    assert "姓名或编号可能有误" not in said


@pytest.mark.parametrize("ended", ["lapsed", "revoked", "expired", "replaced"])
def test_a_link_that_was_good_once_is_replayed_in_vain(window: Window, ended: str) -> None:
    link = window.link(Issue.VERIFICATION)
    never = window.browser("192.0.2.9").get("/v/" + "0" * 32).body
    window.do(ENDS[ended])
    replayed = window.browser().get(link)
    assert replayed.body == never
    assert window.log[-1].result == Result.ENDED
    assert window.log[-1].number_id is not None


def authorize_anew(case: Case) -> None:
    revoke(case)
    case.authorize()


ENDS = {
    "lapsed": lambda case: case.report(unit_name="另一家公司"),
    "revoked": revoke,
    "expired": lambda case: case.clock.move(timedelta(days=400)),
    "replaced": authorize_anew,
}


def test_a_link_shows_the_record_and_not_what_was_printed(window: Window) -> None:
    link = window.link()
    window.do(lambda case: case.report(file_unit="另一处"))
    assert NOTHING in window.browser().get(link).text
    window.do(Case.generate)
    assert "另一处" in window.browser().get(window.link()).text
