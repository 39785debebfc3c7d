"""A record that is ended stands in no list, statistic or reminder, and can be taken back."""

import pytest
from sqlalchemy import select

from registry.accounts import audit
from registry.accounts.tables import AuditEntry
from registry.numbers.shape import Kind
from registry.numbers.states import NumberState
from registry.numbers.tables import IssuedNumber
from registry.numbers.transfer import generate
from registry.numbers.transfer.generate import IssuingSchool
from registry.record.tables import Graduate
from registry.review.ended import PAGE
from tests.pages import Browser
from tests.wxapp.school.conftest import Console

WORDS = {"reason": "校发〔2026〕12 号"}


@pytest.fixture
def graduate(console: Console) -> Graduate:
    found = console.campus.report(console.campus.graduate("欧阳晓"))
    console.campus.report(console.campus.graduate("李娟"))
    console.campus.save()
    return found


@pytest.fixture
def browser(console: Console) -> Browser:
    return console.browser()


def page(graduate: Graduate) -> str:
    return f"/school/graduates/{graduate.key}"


def end(browser: Browser, graduate: Graduate) -> Browser:
    form = browser.get(page(graduate)).find("form[action*='/end']")
    return browser.submit(form, occasion="left", **WORDS)


def take_back(browser: Browser, graduate: Graduate) -> Browser:
    form = browser.get(page(graduate)).find("form[action*='/take-back']")
    return browser.submit(form, **WORDS)


PLACES = [
    "/school/graduates",
    "/school/confirmations",
    "/school/verification",
    "/school/transfer",
    "/school/reporting",
    "/school/campaigns/new",
    "/school/",
]


@pytest.mark.parametrize("place", PLACES)
def test_it_stands_nowhere_and_then_again_as_before(
    browser: Browser, graduate: Graduate, place: str
) -> None:
    before = browser.get(place).text
    end(browser, graduate)
    assert browser.get(place).text != before
    assert "欧阳晓" not in browser.text
    take_back(browser, graduate)
    assert browser.get(place).text == before


def test_no_cohort_of_its_own_is_offered(browser: Browser, graduate: Graduate) -> None:
    end(browser, graduate)
    assert "-2026" not in browser.get("/school/").text
    assert "-2026" not in browser.get(page(graduate)).text


def test_it_is_found_in_its_own_list_and_says_so(browser: Browser, graduate: Graduate) -> None:
    end(browser, graduate)
    assert "这条记录已停用" in browser.text
    browser.get("/school/graduates").follow("已停用的记录")
    assert browser.follow("欧阳晓").path.startswith(page(graduate))


def test_its_numbers_end_and_stay_ended(
    console: Console, browser: Browser, graduate: Graduate
) -> None:
    campus = console.campus
    office = IssuingSchool(campus.school, "某老师", campus.at)
    generate.generate(campus.session, campus.vault, office, [graduate.id], Kind.FILE)
    campus.save()
    end(browser, graduate)
    take_back(browser, graduate)
    with console.resources.readers.begin() as session:
        assert session.scalars(select(IssuedNumber.standing)).one() == NumberState.LAPSED


def test_what_was_done_and_why_stands_in_the_log(
    console: Console, browser: Browser, graduate: Graduate
) -> None:
    end(browser, graduate)
    take_back(browser, graduate)
    with console.resources.readers.begin() as session:
        noted = [
            (each.action, audit.said_in(session, each))
            for each in session.scalars(select(AuditEntry).order_by(AuditEntry.id))
        ]
    assert [each for each in noted if each[0].startswith("record")] == [
        ("record_ended", {"occasion": "退学", **WORDS}),
        ("record_taken_back", WORDS),
    ]
    assert "停用了这条记录" in browser.get(f"{page(graduate)}?tab=log").text


@pytest.mark.parametrize(
    ("sent", "said"),
    [({"occasion": "left", "reason": ""}, "请写明原因"), ({"reason": "退学"}, "请选择停用的原因")],
)
def test_it_wants_an_occasion_and_a_reason(
    browser: Browser, graduate: Graduate, sent: dict[str, str], said: str
) -> None:
    form = browser.get(page(graduate)).find("form[action*='/end']")
    browser.post(f"{page(graduate)}/end", browser.fill(form, **{"occasion": "", **WORDS, **sent}))
    assert browser.status == 400
    assert said in browser.text


def test_whose_number_was_given_to_another_is_not_taken_back(
    console: Console, browser: Browser, graduate: Graduate
) -> None:
    end(browser, graduate)
    console.campus.graduate("王建国", student_number=graduate.student_number)
    console.campus.save()
    assert take_back(browser, graduate).status == 400
    assert "相同的学号" in browser.text


def test_who_has_another_record_in_the_cohort_by_now_is_not_taken_back(
    console: Console, browser: Browser, graduate: Graduate
) -> None:
    end(browser, graduate)
    console.campus.graduate(graduate.name)
    console.campus.save()
    assert take_back(browser, graduate).status == 400
    assert "证件号码" in browser.text


def test_a_department_ends_nothing(console: Console, graduate: Graduate) -> None:
    browser = console.browser("department").get(page(graduate))
    assert not browser.find_all("form[action*='/end']")
    assert browser.post(f"{page(graduate)}/end", {}).status in {400, 403}


def test_the_list_of_ended_records_turns_its_pages(browser: Browser, console: Console) -> None:
    for number in range(PAGE + 5):
        console.campus.graduate(f"停用{number:02}", year=-2026)
    console.campus.save()
    first = browser.get("/school/graduates/ended").text
    second = browser.get("/school/graduates/ended").follow("下一页").text
    names = [f"停用{number:02}" for number in range(PAGE + 5)]
    assert sum(each in first for each in names) == PAGE
    assert sum(each in second for each in names) == 5
    assert not [each for each in names if each in first and each in second]
