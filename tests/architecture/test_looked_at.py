"""Every page is looked at by somebody in a browser, or is named among those that are not."""

from flask import Flask

from tests.architecture.test_pages_of_doors import app
from tests.browser import pages
from tests.browser.arranged_desks import AT_DESKS
from tests.browser.arranged_visits import BETWEEN_SIDES, ON_PHONES
from tests.browser.cast import SEERS
from tests.browser.moments import MOMENTS

__all__ = ["app"]

LOOKED_AT = {
    *(" ".join(pages.WALKED.values()).split()),
    *(name for moment in MOMENTS for name in moment.endpoints.split()),
    *(AT_DESKS | BETWEEN_SIDES | ON_PHONES),
}
OTHERWISE = (pages.FILES, pages.PASSED_THROUGH, pages.OF_PROGRAMS)


def test_each_address_is_looked_at_or_named(app: Flask) -> None:
    answering = {
        each.endpoint for each in app.url_map.iter_rules() if "GET" in (each.methods or ())
    }
    named = LOOKED_AT | {*" ".join(OTHERWISE).split()}
    assert answering - named == set(), "tests/browser/pages.py says nothing of these"
    assert named - answering == set(), "tests/browser/pages.py names what is gone"


def test_what_is_looked_at_is_not_among_what_is_not() -> None:
    others = [name for names in OTHERWISE for name in names.split()]
    assert len(others) == len({*others})
    assert LOOKED_AT & {*others} == set()


def test_everybody_who_sees_pages_is_said_to_meet_some() -> None:
    assert {each.name for each in SEERS} == pages.WALKED.keys()
