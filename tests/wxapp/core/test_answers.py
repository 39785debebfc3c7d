"""Errors that help, health for machines, files that are fetched once."""

import gzip
import re
from contextlib import ExitStack
from dataclasses import replace
from itertools import count
from pathlib import Path

import psycopg
import pytest
from flask import Flask
from prometheus_client import REGISTRY
from psycopg import sql
from redis import Redis
from sqlalchemy import QueuePool, create_engine, text

from registry.base.database import (
    open_engine,
    open_page_readers,
    open_readers,
    open_sessions,
)
from registry.base.errors import RuleError
from registry.record.tables import Graduate
from tests.promtool import complaints
from tests.servers import libpq_address
from tests.waiting import wait_until
from tests.wxapp.applications import make_app
from tests.wxapp.school.records import Campus
from tests.wxapp.site import Site
from wxapp.core.assets import BUNDLES, FOLDER
from wxapp.core.resources import resources, services

MOST_BYTES = 100 * 1024


def with_routes(site: Site) -> Flask:
    with site.app.app_context():
        opened, own = resources(), services()
    app = make_app(opened, own.gateway, own.sms)
    secret = "110101200303071230"

    def break_down() -> str:
        raise RuntimeError(secret)

    def refuse() -> str:
        raise RuleError("quite_wrong", "这样不行，请换一种办法。")

    def wait_in_vain() -> str:
        """Ask for one connection more than there are."""
        engine = create_engine("sqlite://", poolclass=QueuePool, max_overflow=0, pool_timeout=0.01)
        with ExitStack() as held:
            for _ in range(6):
                held.enter_context(engine.connect())
        return "never"

    app.add_url_rule("/busy", "busy", wait_in_vain)
    app.add_url_rule("/broken", "broken", break_down)
    app.add_url_rule("/refused", "refused", refuse)
    app.add_url_rule("/api/refused", "api_refused", refuse)
    return app


def test_a_missing_page_says_what_to_do(site: Site) -> None:
    page = site.browser().get("/nothing/here")
    assert page.status == 404
    assert "从首页重新进入" in page.text


def test_a_form_that_is_too_large_is_refused_in_words(site: Site) -> None:
    page = site.browser().get("/login").submit(login="x", password="x" * 300_000)
    assert page.status == 413
    assert "提交内容过大" in page.text


def test_a_foreign_host_is_refused(site: Site) -> None:
    answer = site.app.test_client().get("/login", base_url="http://evil.example")
    assert answer.status_code == 400


@pytest.mark.parametrize("host", ["[::1]:8000", "[::1]"])
def test_loopback_of_ipv6_is_no_foreign_host(site: Site, host: str) -> None:
    client = site.app.test_client()
    assert client.get("/login", headers={"Host": host}).status_code == 200
    assert client.get("/login", headers={"Host": host.replace("1", "2", 1)}).status_code == 400


def test_a_breakdown_shows_a_number_and_logs_no_words(
    site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = with_routes(site).test_client().get("/broken")
    page, logged = answer.get_data(as_text=True), "".join(capsys.readouterr())
    assert answer.status_code == 500
    assert answer.headers["X-Request-Id"] in page
    assert answer.headers["X-Request-Id"] in logged
    assert "RuntimeError" in logged
    assert "110101" not in page + logged


def test_a_page_without_a_database_logs_one_error(
    site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    with site.app.app_context():
        opened, own = resources(), services()
    nowhere = open_engine("postgresql+psycopg://nobody@127.0.0.1:1/none", threads=1)
    away = replace(
        opened,
        engine=nowhere,
        sessions=open_sessions(nowhere),
        readers=open_readers(nowhere),
        page_readers=open_page_readers(nowhere),
    )
    app = make_app(away, own.gateway, own.sms)
    phone = app.test_client()
    phone.set_cookie("quxiang", "made-up")
    capsys.readouterr()
    assert phone.get("/g/").status_code == 503
    logged = "".join(capsys.readouterr()).splitlines()
    assert len([line for line in logged if "error" in line.split('"where"')[0]]) == 1, logged


def test_a_value_of_another_row_is_not_shown_and_said_in_words(
    site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    hers, other = site.graduate(), site.graduate()
    phone = site.enter(site.bind(hers))
    with site.resources.sessions.begin() as session:
        copied = session.get_one(Graduate, other.id).identity_sealed
        session.get_one(Graduate, hers.id).identity_sealed = copied
    page = phone.get("/g/me")
    assert page.status == 500
    assert "资料无法读取" in page.text
    assert "UnreadableValue" in "".join(capsys.readouterr())


def test_a_refusal_is_a_page_for_people_and_json_for_programs(site: Site) -> None:
    client = with_routes(site).test_client()
    assert "这样不行" in client.get("/refused").get_data(as_text=True)
    told = client.get("/api/refused")
    assert told.status_code == 400
    assert told.content_type == "application/problem+json"
    assert told.get_json()["code"] == "quite_wrong"
    assert told.get_json()["detail"] == "这样不行，请换一种办法。"


def test_a_refused_page_is_called_so_and_a_refused_form_otherwise(site: Site) -> None:
    client = with_routes(site).test_client()
    assert "页面无法打开" in client.get("/refused").text
    posted = client.post("/login", data={"login": "x"}).text
    assert "页面无法打开" not in posted


def test_a_database_of_another_version_is_said_to_be_that(site: Site) -> None:
    with site.resources.engine.begin() as connection:
        connection.execute(text("ALTER TABLE web_session RENAME TO other"))
    page = site.browser().get("/login")
    assert page.status == 503
    assert "系统正在升级" in page.text
    assert "quxiang db upgrade" in page.text


def test_a_page_that_gets_no_connection_asks_to_try_later(site: Site) -> None:
    answer = with_routes(site).test_client().get("/busy")
    assert answer.status_code == 503
    assert "系统正忙" in answer.text


def test_health_and_readiness(site: Site) -> None:
    client = site.app.test_client()
    assert client.get("/healthz").get_json() == {"status": "ok"}
    assert client.get("/readyz").get_json() == {"status": "ok", "database": "ok", "redis": "ok"}
    set_version(site, "0001")
    answer = client.get("/readyz")
    assert (answer.status_code, answer.get_json()["database"]) == (503, "not migrated")


def test_a_host_of_the_version_before_stays_ready_while_a_new_one_comes(site: Site) -> None:
    set_version(site, "of_tomorrow")
    answer = site.app.test_client().get("/readyz")
    assert (answer.status_code, answer.get_json()["database"]) == (200, "ahead")


@pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)
def test_a_database_that_only_reads_is_not_ready_and_one_that_writes_again_is(site: Site) -> None:
    client = site.app.test_client()
    assert client.get("/readyz").status_code == 200
    _write_by_default(site, "on")
    site.resources.engine.dispose()
    answer = client.get("/readyz")
    assert (answer.status_code, answer.get_json()["database"]) == (503, "only reads")
    assert client.get("/login").status_code == 503
    _write_by_default(site, "off")
    assert client.get("/login").status_code == 200
    assert client.get("/readyz").status_code == 200


def _write_by_default(site: Site, value: str) -> None:
    """Have new sessions only read, as those of a server that has become a copy."""
    url = site.resources.engine.url
    with psycopg.connect(libpq_address(url), autocommit=True) as admin:
        admin.execute("SET default_transaction_read_only = off")
        said = "ALTER DATABASE {} SET default_transaction_read_only = {}"
        name = sql.Identifier(str(url.database))
        admin.execute(sql.SQL(said).format(name, sql.Literal(value)))


def test_a_redis_that_takes_no_writes_is_said_and_no_reason_not_to_be_ready(
    site: Site, valkey: Redis
) -> None:
    valkey.replicaof("127.0.0.1", "9")
    try:
        answer = site.app.test_client().get("/readyz")
    finally:
        valkey.replicaof("NO", "ONE")
    assert (answer.status_code, answer.get_json()["redis"]) == (200, "takes no writes")


def set_version(site: Site, version: str) -> None:
    with site.resources.sessions.begin() as session:
        session.execute(text("UPDATE alembic_version SET version_num = :it"), {"it": version})


@pytest.mark.parametrize(
    ("given", "kept"), [("5f2b6c1d9a30e7", 1), ("short", 0), ('a b"c:d,e{f}', 0)]
)
def test_a_proxys_number_of_a_request_is_taken_up_if_it_can_be_no_line_of_the_log(
    site: Site, given: str, kept: int
) -> None:
    answer = site.app.test_client().get("/healthz", headers={"X-Request-Id": given})
    assert (answer.headers["X-Request-Id"] == given) == bool(kept)


def test_refused_sign_ins_are_counted(site: Site) -> None:
    def counted() -> float:
        return REGISTRY.get_sample_value("quxiang_refused_total", {"code": "bad_signature"}) or 0.0

    before = counted()
    site.app.test_client().get("/api/province/v1/health")
    site.app.test_client().get("/api/province/v1/nothing")
    assert counted() == before + 1


def test_the_counts_are_for_this_machine_alone(site: Site) -> None:
    client = site.app.test_client()
    assert b"quxiang_requests_total" in client.get("/metrics").data
    outside = client.get("/metrics", environ_base={"REMOTE_ADDR": "192.0.2.1"})
    assert outside.status_code == 404


def test_prometheus_finds_no_fault_with_the_page_of_figures(site: Site) -> None:
    client = site.app.test_client()
    client.get("/login")
    assert complaints("check", "metrics", given=client.get("/metrics").data) == ""


def test_methods_that_strangers_make_up_are_one_series(site: Site) -> None:
    client = site.app.test_client()
    for number in range(3):
        client.open("/healthz", method=f"MADE{number}")
    text = client.get("/metrics").get_data(as_text=True)
    assert 'method="other"' in text
    assert "MADE" not in text


def test_without_redis_people_still_sign_in(site: Site) -> None:
    app = site.app_with(redis_url="redis://127.0.0.1:1/0")
    client = app.test_client()
    page = client.get("/login").get_data(as_text=True)
    token = re.search(r'csrf_token" value="([^"]+)', page)
    assert token is not None
    sent = {"csrf_token": token[1], "login": "nobody", "password": "x"}
    assert client.post("/login", data=sent).status_code == 400


def test_a_first_paint_is_under_100_kilobytes(site: Site) -> None:
    graduate: Graduate = site.graduate(Campus.report)
    browser = site.enter(site.bind(graduate), "confirmation")
    files = re.findall(r'(?:href|src)="(/static/[^"]+)"', browser.body.decode())
    assert any("phone-page.css" in each for each in files)
    weight = len(gzip.compress(browser.body))
    for each in files:
        with browser.client.get(each, headers={"Accept-Encoding": "gzip"}) as answer:
            weight += len(answer.get_data())
            assert "immutable" in answer.headers["Cache-Control"]
    assert weight < MOST_BYTES


def test_a_file_that_is_there_already_is_not_sent_again(site: Site) -> None:
    client = site.app.test_client()
    path = "/static/phone.css?v=1"
    with client.get(path, headers={"Accept-Encoding": "gzip"}) as first:
        tag = first.headers["ETag"]
        assert gzip.decompress(first.data) == (FOLDER / "phone.css").read_bytes()
    again = client.get(path, headers={"Accept-Encoding": "gzip", "If-None-Match": tag})
    assert again.status_code == 304


@pytest.mark.parametrize("name", sorted(BUNDLES))
def test_a_bundle_is_its_files_in_one_answer(site: Site, name: str) -> None:
    client = site.app.test_client()
    plain = client.get(f"/static/{name}?v=1")
    parts = [(FOLDER / each).read_bytes() for each in BUNDLES[name]]
    assert plain.data == b"\n".join(parts)
    assert plain.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    packed = client.get(f"/static/{name}?v=1", headers={"Accept-Encoding": "gzip"})
    assert (gzip.decompress(packed.data), packed.mimetype) == (plain.data, plain.mimetype)


@pytest.mark.parametrize("name", ["../__init__.py", "..%2f__init__.py", "%2e%2e/x"])
def test_nothing_outside_the_folder_is_sent(site: Site, name: str) -> None:
    assert site.app.test_client().get(f"/static/{name}").status_code == 404
    assert Path(FOLDER).is_dir()


def test_the_first_filter_counts_a_household_of_ipv6_as_one(site: Site) -> None:
    client, places = site.app.test_client(), count()

    def is_refused(household: str = "2001:db8:0:0") -> bool:
        """Ask from another address of a household each time."""
        asked_from = {"REMOTE_ADDR": f"{household}::{next(places):x}"}
        asked = client.get("/verify/puzzle.wav", environ_base=asked_from)
        return asked.status_code == 429

    wait_until(is_refused, "an eleventh address of one household is refused within a minute")
    assert not is_refused("2001:db8:0:1")


def test_no_environment_turns_on_what_is_for_developers(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLASK_DEBUG", "1")
    answer = with_routes(site).test_client().get("/broken")
    assert answer.status_code == 500
    assert "系统出现故障" in answer.text


@pytest.mark.parametrize("path", ["/", "/login", "/wechat/callback", "/static/mark.svg"])
def test_nothing_is_traced(site: Site, path: str) -> None:
    assert site.app.test_client().open(path, method="TRACE").status_code == 405


def test_a_line_of_the_log_says_who_from_where_and_what_was_refused(
    site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    graduate: Graduate = site.graduate(Campus.report)
    browser = site.enter(site.bind(graduate))
    capsys.readouterr()
    browser.client.post("/g/unbind", environ_base={"REMOTE_ADDR": "192.0.2.7"})
    logged = "".join(capsys.readouterr())
    assert "csrf" in logged
    assert "192.0.2.7" not in logged
    assert re.search("[0-9a-f]{32}", logged)
    browser.get("/g/")
    assert f"graduate:{graduate.key}" in "".join(capsys.readouterr())
