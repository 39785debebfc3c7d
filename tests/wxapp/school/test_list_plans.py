"""How PostgreSQL finds a page of each list: by an index, where it begins, no more than it shows.

Among five schools, as pages ask; counts are another matter.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, event

from bench.mix_world import make_country
from registry.base.database import open_engine, open_page_readers, open_sessions
from tests.wxapp.applications import make_app
from tests.wxapp.site import Site
from wxapp.core.resources import services

pytestmark = [
    pytest.mark.slow,
    pytest.mark.in_ci,
    pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True),
]
SCHOOLS, SIZE = 5, 2_000
MOST = 400
"""Rows that a page may look at for each table it reads: some times what it shows."""
ORDERS = ("entered", "name", "number", "department", "reported", "answered")
LISTS = (
    *(f"/school/graduates?sort={turned}{each}" for each in ORDERS for turned in ("", "-")),
    *("/school/reviews", "/school/transfer", "/school/verification"),
    *("/school/campaigns", "/school/audit"),
)


@pytest.fixture
def pages(site: Site) -> Iterator[tuple[FlaskClient, Engine]]:
    """Serve a country's pages as a web process does, to a member of staff of its last school."""
    resources = site.resources
    country = make_country(resources.engine, resources.vault, SCHOOLS * SIZE, site.clock(), SIZE)
    engine = open_engine(resources.settings.database_url, threads=2)
    kept = replace(
        resources,
        engine=engine,
        sessions=open_sessions(engine),
        page_readers=open_page_readers(engine),
        settings=resources.settings.model_copy(update={"second_factor": frozenset()}),
    )
    with site.app.app_context():
        own = services()
    client = make_app(kept, own.gateway, own.sms).test_client()
    client.set_cookie("quxiang", country.staff_token(SCHOOLS))
    yield client, engine
    engine.dispose()


@contextmanager
def heard(engine: Engine) -> Iterator[list[tuple[str, Any]]]:
    """Give a list that fills with the queries that want a page, and their values."""
    said: list[tuple[str, Any]] = []

    def hear(*given: Any) -> None:  # noqa: ANN401 - of SQLAlchemy's event
        if given[2].startswith("SELECT") and " LIMIT " in given[2]:
            said.append((given[2], given[3]))

    event.listen(engine, "before_cursor_execute", hear)
    yield said
    event.remove(engine, "before_cursor_execute", hear)


def nodes(plan: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield plan
    for each in plan.get("Plans", ()):
        yield from nodes(each)


def looked_at(node: Mapping[str, Any]) -> float:
    """Return how many rows a step of a plan took up."""
    passed = node["Actual Rows"] + node.get("Rows Removed by Filter", 0)
    return float(passed * node["Actual Loops"])


def too_many(engine: Engine, said: list[tuple[str, Any]]) -> list[str]:
    """Return the steps that take up more than a page may."""
    found = []
    for statement, values in said:
        with engine.connect() as connection:
            explained = f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}"
            (plan,) = connection.exec_driver_sql(explained, values).scalar_one()
        found += [
            f"{each['Node Type']} {each.get('Relation Name', '')}: {looked_at(each):.0f}"
            for each in nodes(plan["Plan"])
            if looked_at(each) > MOST
        ]
    return found


def test_no_list_walks_or_sorts_more_than_a_page_of_people(
    pages: tuple[FlaskClient, Engine],
) -> None:
    client, engine = pages
    found = {}
    for path in LISTS:
        with heard(engine) as said:
            assert client.get(path).status_code == 200, path
        assert said, path
        found[path] = too_many(engine, said)
    assert not any(found.values()), found
