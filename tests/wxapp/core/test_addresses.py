"""Addresses that are kept are those that would have been made."""

from collections.abc import Callable
from typing import Any, cast

import pytest
from flask import Flask, g

from tests.wxapp.site import Site
from wxapp.core.addresses import Addresses

VALUES: tuple[dict[str, Any], ...] = (
    {},
    {"year": 2026},
    {"year": "2025"},
    {"key": "a-row_1"},
    {"key": "another", "list": "q=李娟&year=2026"},
    {"key": "a/b?c"},
    {"key": "a-row_1", "list": None, "tab": "log"},
    {"key": "x", "q": ["one", "two"]},
    {"key": "x", "_anchor": "reason"},
    {"key": "x", "_external": True},
)
RowMaker = Callable[..., Callable[[str], str]]


def rows(site: Site) -> RowMaker:
    """Return what templates make the addresses of rows with."""
    return cast("RowMaker", site.app.jinja_env.globals["row_addresses"])


@pytest.mark.parametrize("values", VALUES, ids=str)
@pytest.mark.parametrize("endpoint", ["school.graduate", "school.graduates", ".graduates"])
def test_an_address_is_the_same_kept_or_not(
    site: Site, endpoint: str, values: dict[str, Any]
) -> None:
    given = {"key": "needed", **values}
    with site.app.test_request_context("/school/"):
        made = Flask.url_for(site.app, endpoint, **given)
        assert [site.app.url_for(endpoint, **given) for _ in range(2)] == [made, made]
        assert site.app.url_for(endpoint, **{**given, "key": "other"}) != made


def test_an_address_is_made_once_for_all_rows(site: Site) -> None:
    made = list[str]()
    kept = Addresses()

    def make(endpoint: str, **values: object) -> str:
        made.append(endpoint)
        return f"/{endpoint}/{values['key']}"

    with site.app.test_request_context("/school/"):
        found = [kept.find(make, "rows", {"key": each, "q": "x"}) for each in ("a", "b", "c")]
    assert found == ["/rows/a", "/rows/b", "/rows/c"]
    assert len(made) == 1


@pytest.mark.parametrize("values", [{}, {"list": "q=李娟&year=2026"}, {"list": None, "tab": "log"}])
def test_the_addresses_of_rows_are_those_of_each(site: Site, values: dict[str, Any]) -> None:
    with site.app.test_request_context("/school/"):
        address = rows(site)("school.graduate", **values)
        for key in ("a-row_1", "another", "a/b?c", "李"):
            assert address(key) == Flask.url_for(site.app, "school.graduate", key=key, **values)


def test_the_addresses_of_rows_are_of_their_request_alone(site: Site) -> None:
    for school in ("one", "another"):
        with site.app.test_request_context("/province/"):
            g.school_key = school
            assert rows(site)("province.review")("a-row_1").split("/")[3] == school


def test_what_a_page_asks_with_is_kept_for_that_page_alone(site: Site) -> None:
    made = list[object]()
    kept = Addresses()

    def make(_endpoint: str, **values: object) -> str:
        made.append(values.get("q"))
        return "/"

    for words in ({"q": "x"}, {}):
        for _ in range(2):
            with site.app.test_request_context("/school/"):
                kept.find(make, "rows", words)
    assert made == ["x", "x", None]


@pytest.mark.parametrize("endpoint", [".review", "province.review"])
def test_what_a_door_adds_to_its_addresses_is_of_each_request(site: Site, endpoint: str) -> None:
    for school in ("one", "another"):
        with site.app.test_request_context("/province/"):
            g.school_key = school
            made = site.app.url_for(endpoint, key="a-row_1")  # as templates do
            assert made.split("/")[3] == school
