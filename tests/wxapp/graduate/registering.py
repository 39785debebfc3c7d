"""What graduates fill in, and the pages they fill it in on."""

from io import BytesIO

from registry.record.tables import Graduate
from registry.review import decide as reviewing
from registry.review.application_moves import current
from registry.review.decisions import Decision, Reviewer, Verdict
from registry.review.states import Level
from registry.review.tables import Application
from tests.page_forms import Given
from tests.pages import Browser
from tests.wxapp.school.records import Campus
from tests.wxapp.site import Site

FORM = "/g/register"
PNG = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89"
    b"\x00\x00\x00\rIDATx\x9cc\xf8\xcf\xc0\xf0\x1f\x00\x05\x00\x01\xff\x89\x99=\x1d\x00\x00\x00\x00IEND\xaeB`\x82"
)
CREDIT_CODE = "91350100M000100Y43"
WORK = {
    "unit_name": "青岛海纳软件有限公司",
    "unit_code": CREDIT_CODE,
    "unit_nature": "31",
    "unit_industry": "34",
    "unit_location_code-province": "370000",
    "unit_contact": "张经理",
    "unit_phone": "0532-86981234",
    "job_class": "13",
    "signed_on": "2026-05-20",
}
TRANSFER = {
    "file_type": "签约单位接收",
    "file_unit": "青岛海纳软件有限公司",
    "file_address": "香港中路 1 号",
    "file_phone": "0532-86981235",
    "household_type": "户口不在学校",
}


def choose(browser: Browser, category: str) -> Browser:
    """Choose a category on the first step."""
    return browser.get(f"{FORM}/category").submit(button=f"category={category}")


def choose_place(browser: Browser, field: str, **typed: str) -> Browser:
    """Go down to a county without scripts: one list more after each answer."""
    browser.submit(button=f"go={field}", **{**typed, f"{field}-province": "370000"})
    browser.submit(button=f"go={field}", **{f"{field}-prefecture": "370200"})
    return browser.submit(button="go=later", **{f"{field}-county": "370202"})


def upload(browser: Browser, kind: str, content: bytes = PNG, name: str = "材料.png") -> Browser:
    """Upload a document of a kind."""
    file: dict[str, Given] = {f"file-{kind}": (BytesIO(content), name)}
    return browser.submit("#evidence", f"go=add-{kind}", **file)


def fill_in(browser: Browser) -> Browser:
    """Fill in an agreement up to the review screen."""
    choose(browser, "10")
    browser.submit(button="go=unit_location_code", **WORK)
    browser.submit(button="go=unit_location_code", **{"unit_location_code-prefecture": "370200"})
    browser.submit(button="go=next", **{"unit_location_code-county": "370202"})
    browser.submit(button="go=next", **TRANSFER)
    upload(browser, "agreement")
    return browser.submit("#evidence", "go=next")


def problems_of(browser: Browser) -> dict[str, str]:
    """Return what is said beside each field, by the field's name."""
    found: dict[str, str] = {}
    for field in browser.find_all(".field"):
        told = [each.get_text(strip=True) for each in field.select(".field-problem")]
        if told:
            control = field.select_one("input, select")
            assert control is not None
            found[str(control["name"])] = " ".join(told)
    return found


def application(site: Site, graduate: Graduate) -> Application:
    found = site.read(lambda session: current(session, graduate.id))
    assert found is not None
    return found


def decide(site: Site, graduate: Graduate, level: Level, reason: str = "") -> None:
    """Let a reviewer pass what waits, or return it where there is a reason."""
    verdict = Verdict(Decision.RETURN if reason else Decision.PASS, reason)

    def work(campus: Campus, her: Graduate) -> None:
        waiting = current(campus.session, her.id)
        assert waiting is not None
        scope = campus.department_scope() if level is Level.DEPARTMENT else campus.scope
        seen = {waiting.key: waiting.revision}
        reviewer = Reviewer(level, "staff:1")
        outcomes = reviewing.decide(campus.session, scope, reviewer, seen, verdict, campus.at)
        assert [each.value for each in outcomes.values()] == ["returned" if reason else "passed"]

    site.change(graduate, work)
