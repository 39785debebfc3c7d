"""What a province's system reads of what happened here: in order, with how she stood, once."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.accounts.school_tables import School
from registry.base import retention
from registry.interface import feed
from registry.interface.tables import FeedHead
from registry.numbers.shape import Kind
from registry.numbers.transfer.generate import IssuingSchool, generate
from registry.record.confirmation.confirm import Reply, answer
from registry.record.tables import Answer, Graduate
from tests.clock import StandingClock
from tests.wxapp.api.provincial_system import ProvincialSystem, open_system, record_of
from tests.wxapp.site import Site


def reply(site: Site, graduate: Graduate, said: Answer, *items: str) -> None:
    with site.resources.sessions.begin() as session:
        found = session.get_one(Graduate, graduate.id)
        about = Reply(said, found.registration_id or 0, items)
        answer(session, graduate.id, about, channel="wechat", at=site.clock())


def page(system: ProvincialSystem, query: str = "") -> dict[str, Any]:
    told = system.call("GET", f"/changes{query}")
    assert told.status_code == 200, told.text
    found: dict[str, Any] = told.get_json()
    return found


def kinds(system: ProvincialSystem, after: str = "") -> list[str]:
    return [each["kind"] for each in page(system, f"?after={after}" if after else "")["items"]]


def test_an_answer_is_told_with_how_she_stood_then(
    site: Site, system: ProvincialSystem, graduate: Graduate
) -> None:
    system.push(record_of(graduate, 7))
    reply(site, graduate, Answer.WRONG, "file")
    told = page(system)
    assert told["more"] is False
    assert told["items"] == [
        {
            "seq": 1,
            "kind": "disputed",
            "at": "2026-06-10T10:00:00+08:00",
            "source_id": f"37-2026-{graduate.id:04}",
            "version": 7,
            "yxdm": "10425",
            "byjc": "2026",
            "ksh": graduate.candidate_number,
            "xh": graduate.student_number,
            "confirmation": "disputed",
            "items": ["file"],
            "numbers": [],
            "purpose": None,
            "level": None,
            "passed": None,
            "closed": None,
        }
    ]


def test_a_cursor_reads_on_and_says_whether_there_is_more(
    site: Site, system: ProvincialSystem, graduate: Graduate
) -> None:
    system.push(record_of(graduate))
    start = page(system)["next"]
    for each in (Answer.WRONG, Answer.WITHDRAWN, Answer.CORRECT):
        reply(site, graduate, each, *(["file"] if each is Answer.WRONG else []))
    first = page(system, f"?after={start}&limit=2")
    assert [each["kind"] for each in first["items"]] == ["disputed", "dispute_withdrawn"]
    assert first["more"] is True
    second = page(system, f"?after={first['next']}&limit=2")
    assert [each["kind"] for each in second["items"]] == ["confirmed"]
    assert second["more"] is False
    assert page(system, f"?after={second['next']}") == {
        "items": [],
        "next": second["next"],
        "more": False,
    }


def test_what_the_system_itself_changed_is_told_only_by_what_it_lapsed(
    site: Site, system: ProvincialSystem, graduate: Graduate
) -> None:
    system.push(record_of(graduate))
    with site.resources.sessions.begin() as session:
        give_number(session, graduate, site)
    system.push(record_of(graduate, 2, dwmc="青岛云岭软件有限公司"))
    told = page(system)["items"]
    assert [(each["kind"], each["numbers"], each["version"]) for each in told] == [
        ("numbers_lapsed", ["file"], 2)
    ]


def give_number(session: Session, graduate: Graduate, site: Site) -> None:
    school = session.get_one(School, graduate.school_id)
    office = IssuingSchool(school, "staff:x", site.clock())
    made = generate(session, site.resources.vault, office, [graduate.id], Kind.FILE)
    assert made.created == 1


def test_nothing_is_told_for_a_province_without_a_key(
    site: Site, clock: StandingClock, graduate: Graduate
) -> None:
    elsewhere = open_system(site, "110000")
    with site.resources.sessions.begin() as session:
        assert session.scalars(select(FeedHead.province)).all() == ["110000"]
    assert kinds(elsewhere) == []


@pytest.mark.parametrize(
    ("cursor", "status", "code"),
    [
        ("c1.00000000.0", 409, "cursor_unknown"),
        ("c1.{epoch}.99", 409, "cursor_unknown"),
        ("anything", 409, "cursor_unknown"),
        ("c1.{epoch}.0", 410, "cursor_expired"),
    ],
)
def test_a_cursor_that_would_skip_is_refused(
    site: Site,
    system: ProvincialSystem,
    graduate: Graduate,
    clock: StandingClock,
    cursor: str,
    status: int,
    code: str,
) -> None:
    system.push(record_of(graduate))
    reply(site, graduate, Answer.CORRECT)
    epoch = page(system)["next"].split(".")[1]
    clock.move(retention.FEED + timedelta(seconds=1))
    with site.resources.sessions.begin() as session:
        feed.forget_old(session, clock())
    told = system.call("GET", f"/changes?after={cursor.format(epoch=epoch)}")
    assert (told.status_code, told.get_json()["code"]) == (status, code)


def test_the_health_of_a_school_counts_rows_and_what_is_unread(
    site: Site, system: ProvincialSystem, graduate: Graduate
) -> None:
    system.push(record_of(graduate), record_of(graduate, 2, byqxdm="98"))
    reply(site, graduate, Answer.CORRECT)
    told = system.call("GET", "/schools/10425/sync").get_json()
    assert told["synced_at"] == "2026-06-10T10:00:00+08:00"
    assert (told["rows"], told["error_share"], told["standing"]) == (2, 0.5, 1)
    assert (told["feed_unread"], told["feed_read_at"]) == (1, None)
    page(system, f"?after={page(system)['next']}")
    told = system.call("GET", "/schools/10425/sync").get_json()
    assert (told["feed_unread"], told["feed_read_at"]) == (0, "2026-06-10T10:00:00+08:00")


@pytest.mark.parametrize("system", ["province", None])
def test_a_school_of_another_province_is_not_found(
    site: Site, graduate: Graduate, system: str | None
) -> None:
    with site.resources.sessions.begin() as session:
        session.get_one(School, graduate.school_id).correction_system = system
    elsewhere = open_system(site, "110000")
    for code in ("10425", "99999"):
        told = elsewhere.call("GET", f"/schools/{code}/sync")
        assert (told.status_code, told.get_json()["code"]) == (404, "not_found")


def test_a_school_that_registers_here_is_told_so_as_its_rows_are(
    site: Site, system: ProvincialSystem, graduate: Graduate
) -> None:
    with site.resources.sessions.begin() as session:
        session.get_one(School, graduate.school_id).correction_system = None
    refused = system.push(record_of(graduate))["results"][0]
    told = system.call("GET", "/schools/10425/sync")
    assert (told.status_code, told.get_json()["code"]) == (404, refused["errors"][0]["code"])
    assert told.get_json()["detail"] == refused["errors"][0]["detail"]
