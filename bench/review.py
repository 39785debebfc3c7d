"""Review at the size of a country: lists, a bulk decision, an import, over a million graduates."""

import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import quote

from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, text
from werkzeug.datastructures import MultiDict

from bench.report import Report
from bench.review_world import SCHOOL_SIZE, make_review_world
from bench.world import World, database_urls, open_world
from notifier.ledger.tables import Message
from notifier.providers.sms import Sms
from registry.accounts import sessions
from registry.accounts.school_tables import Department
from registry.accounts.tables import Staff
from registry.base.clock import utc_now
from registry.record.registration import Origin, Proposal, record
from registry.record.tables import Graduate, Source
from registry.review.tables import Application
from wxapp import create_app

NOWHERE = "http://127.0.0.1:9"
LIST_GOAL, BULK_GOAL, IMPORT_GOAL = 0.1, 3.0, 30.0
HUNDREDTH = 99 * 50
BULK = 1000
CHUNK = 1000


@dataclass
class Office:
    """A school's reviewer at her browser."""

    world: World
    app: Flask
    client: FlaskClient
    school_id: int

    def seconds(self, path: str, rounds: int) -> float:
        """Return the median time of a page."""
        times = []
        for _ in range(rounds + 1):
            begun = time.perf_counter()
            answer = self.client.get(path)
            times.append(time.perf_counter() - begun)
            assert answer.status_code == 200, (path, answer.status_code)
        return statistics.median(times[1:])


@contextmanager
def _office(world: World) -> Iterator[Office]:
    app = create_app(world.resources, world.gateway, Sms(world.resources.settings, utc_now))
    with world.resources.sessions.begin() as session:
        staff = session.scalars(select(Staff).order_by(Staff.id)).all()
        chosen = staff[len(staff) // 2]
        token = sessions.new_token()
        sessions.start(session, token, sessions.proven(chosen), {}, utc_now())
        school = chosen.school_id
    assert school is not None
    client = app.test_client()
    client.set_cookie("quxiang", token)
    yield Office(world, app, client, school)


def review(report: Report, graduates: int, rounds: int) -> None:
    """Measure what the reviewers of a large school wait for."""
    with database_urls("postgresql") as urls, open_world(urls["postgresql"], NOWHERE) as world:
        with world.resources.sessions.begin() as session:
            make_review_world(session, graduates)
        with world.resources.engine.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT").execute(
                text("VACUUM ANALYZE")
            )
        with _office(world) as office:
            _lists(report, office, graduates, rounds)
            _bulk(report, office)
            _import(report, office, graduates)


def _lists(report: Report, office: Office, graduates: int, rounds: int) -> None:
    worst: dict[str, tuple[float, str]] = {}
    for name, query in _filters(office).items():
        for page, place in (("first", ""), ("hundredth", _hundredth(office, query))):
            path = f"/school/reviews?{'&'.join(each for each in (query, place) if each)}"
            took = office.seconds(path, rounds)
            worst[page] = max(worst.get(page, (0.0, "")), (took, name))
    for page, (took, name) in worst.items():
        what = f"review list, {page} page, slowest filter ({name}), {graduates:,} graduates"
        report.add(what, f"{took * 1000:.0f} ms", "< 100 ms", reached=took < LIST_GOAL)


def _filters(office: Office) -> dict[str, str]:
    with office.world.resources.readers() as session:
        mine = select(Department.key).where(Department.school_id == office.school_id)
        department = session.scalars(mine).first()
    return {
        "none": "",
        "department": f"department={department}",
        "level": "level=31",
        "major": f"major={quote('专业7')}",
        "class": f"class={quote('班77')}",
        "category": "category=10",
        "days": "submitted_from=2020-01-01&submitted_to=2099-01-01",
        "a name nobody else has": f"q={quote('𠮷')}",
        "a number nobody has": "q=1999",
        "another stage": "stage=department",
        "returned": "stage=returned",
        "void requests": "purpose=void",
        "two together": f"department={department}&major={quote('专业7')}",
    }


def _hundredth(office: Office, query: str) -> str:
    """Return where the hundredth page of the list begins, or the end of a shorter one."""
    state = {"stage=department": "submitted", "stage=returned": "returned"}
    wanted = (
        select(Application.key)
        .where(
            Application.school_id == office.school_id,
            Application.state == state.get(query, "department_passed"),
            Application.purpose == ("void" if query == "purpose=void" else "register"),
        )
        .order_by(Application.submitted_at, Application.id)
    )
    with office.world.resources.readers() as session:
        keys = session.scalars(wanted.limit(HUNDREDTH)).all()
    return f"after={keys[-1]}" if keys else ""


def _bulk(report: Report, office: Office) -> None:
    page = BeautifulSoup(office.client.get("/school/reviews").get_data(as_text=True), "html5lib")
    form = MultiDict(
        (str(field["name"]), str(field.get("value", "")))
        for field in page.select(".review-form input[type=hidden]")
    )
    form["whom"], form["decision"] = "all", "pass"
    begun = time.perf_counter()
    looked = office.client.post("/school/reviews", data=form)
    assert "尚未审核" in looked.get_data(as_text=True)
    report.add(
        f"overview of {BULK:,} before", f"{time.perf_counter() - begun:.2f} s", "", reached=True
    )
    form["looked"] = "yes"
    begun = time.perf_counter()
    answer = office.client.post("/school/reviews", data=form)
    took = time.perf_counter() - begun
    done = office.client.get(answer.headers["Location"]).get_data(as_text=True)
    assert f"已通过 {BULK:,} 人" in done, done
    what = f"bulk review of {BULK:,}, versions, log and messages included"
    report.add(what, f"{took:.2f} s", f"< {BULK_GOAL:g} s", reached=took < BULK_GOAL)


def _import(report: Report, office: Office, graduates: int) -> None:
    """Change one school's graduates as an import does: chunk by chunk, each committed."""
    with office.world.resources.readers() as session:
        theirs = select(Graduate.id).where(Graduate.school_id == office.school_id)
        ids = session.scalars(theirs.order_by(Graduate.id).limit(SCHOOL_SIZE)).all()
        told = session.scalar(select(func.count()).select_from(Message)) or 0
    begun = time.perf_counter()
    for start in range(0, len(ids), CHUNK):
        with office.world.resources.sessions.begin() as session:
            origin = Origin(office.school_id, Source.IMPORT, "学校导入", "学校", "bench", utc_now())
            change = {"unit_name": "济南远望信息技术有限公司"}
            record(session, origin, [Proposal(each, change) for each in ids[start : start + CHUNK]])
    took = time.perf_counter() - begun
    with office.world.resources.readers() as session:
        written = (session.scalar(select(func.count()).select_from(Message)) or 0) - told
    what = f"import changing {len(ids):,} of {graduates:,}, {written:,} messages in the ledger"
    reached = took < IMPORT_GOAL and written == len(ids)
    report.add(what, f"{took:.1f} s", f"< {IMPORT_GOAL:g} s", reached=reached)
