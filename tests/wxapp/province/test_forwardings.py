"""A province forwards what it filed as a signed file; the Ministry's receipt is checked."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from io import BytesIO

import pytest
from sqlalchemy import delete, event, select, update
from sqlalchemy.orm import Session

from notifier.ledger.tables import Message
from registry.accounts.tables import AuditEntry, Role
from registry.base.clock import utc_now
from registry.base.file_tables import FilePiece, StoredFile
from registry.province import forwardings, package, receipts
from registry.province.batches import Signature
from registry.province.forwarding_tables import ForwardedEntry
from registry.province.package import SigningKeys
from registry.record.province_tables import ProvinceEntry
from registry.record.tables import Graduate
from registry.tasks.states import TaskKind
from registry.upkeep.erase import Reason, erase
from runtime.settings import Settings
from tests.background import leave_to_workers
from tests.configuration import settings_for
from tests.pages import Browser
from tests.waiting import PATIENCE, wait_until_blocked
from tests.wxapp.province.test_province import report
from tests.wxapp.school.conftest import Console
from tests.wxapp.school.records import Campus

SEED = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
DAY = date(2026, 6, 10).isoformat()
BEGIN, SEND, RECEIPT = "form[action$='/forwardings']", "form[action$=send]", "form[action$=receipt]"


@pytest.fixture
def settings(database_url: str, redis_url: str) -> Settings:
    return settings_for(database_url, redis_url, forwarding_keys=f"f1:{SEED}")


@pytest.fixture
def filed(console: Console) -> Console:
    """Have two graduates reported and filed, and the Ministry look on."""
    batch = report(console.campus, "李娟", "王建国")
    browser = console.browser("province").get(f"/province/batches/{batch}")
    browser.submit("form[action$=file]")
    console.staff["ministry"] = console.campus.staff(Role.MINISTRY)
    console.campus.save()
    return console


def forwarded(console: Console) -> Browser:
    """Forward all that is filed; return the page of it."""
    page = console.browser("province").get("/province/forwardings").submit(BEGIN)
    return page.submit(SEND)


def received(page: Browser, accepted: int, refused: int, rows: str = "", **other: str) -> Browser:
    said = {"number": "教就2026-7", "on": DAY, **other}
    counts = {"accepted": str(accepted), "refused": str(refused)}
    return page.submit(RECEIPT, **said, **counts, rows=rows)


def number_of(console: Console, name: str) -> str:
    with console.resources.readers() as session:
        wanted = select(Graduate.student_number).where(Graduate.name == name)
        return session.scalars(wanted).one()


def line(console: Console, name: str = "李娟", reason: str = "身份证号与学籍不一致") -> str:
    return f"10425，{number_of(console, name)}，{reason}"


def standing(console: Console) -> list[tuple[bool, str | None]]:
    with console.resources.readers() as session:
        rows = session.scalars(select(ForwardedEntry).order_by(ForwardedEntry.graduate_id))
        return [(each.standing, each.refusal) for each in rows]


def erase_from(console: Console, name: str) -> None:
    with console.resources.sessions.begin() as session:
        found = session.scalars(select(Graduate).where(Graduate.name == name)).one()
        session.execute(delete(Message).where(Message.graduate_id == found.id))
        erase(session, found, Reason("operator", "本人要求", utc_now()))


def listen_for_writers(console: Console, begun: list[str]) -> None:
    """Note each transaction of who writes from now on."""

    @event.listens_for(console.resources.sessions, "after_begin")
    def note(*_: object) -> None:
        begun.append("begun")


def actions(console: Console) -> list[str]:
    with console.resources.readers() as session:
        wanted = select(AuditEntry.action).where(AuditEntry.subject.startswith("forwarding:"))
        return list(session.scalars(wanted.order_by(AuditEntry.id)))


def test_what_is_filed_becomes_a_file_that_anybody_verifies(filed: Console) -> None:
    page = filed.browser("province").get("/province/forwardings").submit(BEGIN)
    assert "待转报" in page.text
    page.submit("form[action$='/file']")
    public = SigningKeys(filed.resources.forwarding_keys).public()
    said = package.verified(BytesIO(page.body), package.read_keys(json.dumps(public)))
    assert (said["number"], said["people"], said["categories"]) == ("370000-0001", 2, {"10": 2})
    assert [each["people"] for each in said["batches"]] == [2]
    assert actions(filed) == ["forwarding_begun", "forwarding_file"]


def test_the_ministry_sees_it_once_it_is_sent_and_fetches_it(filed: Console) -> None:
    page = filed.browser("province").get("/province/forwardings").submit(BEGIN)
    above = filed.browser("ministry").get("/ministry/forwardings")
    assert "暂无省份转报" in above.text
    key = page.path.rpartition("/")[2]
    assert above.get(f"/ministry/forwardings/{key}").status == 404
    page.submit(SEND)
    above.get("/ministry/forwardings").follow("370000-0001")
    assert "山东省转报 370000-0001" in above.text
    assert "李娟" not in above.text
    above.submit("main form")
    assert above.headers["Content-Type"] == "application/zip"
    assert actions(filed)[-1] == "forwarding_fetched"


def test_a_receipt_whose_sum_is_wrong_is_refused_and_keeps_what_was_typed(filed: Console) -> None:
    page = received(forwarded(filed), 1, 0)
    assert page.status == 400
    assert "接收 1 人、未接收 0 人，合计 1 人，与转报的 2 人不符" in page.text
    assert page.find("#r-number")["value"] == "教就2026-7"
    received(page, 1, 1)
    assert "未接收名单有 0 人，回执中未接收 1 人" in page.text
    received(page, 2, 0)
    assert "接收 2 人，未接收 0 人" in page.text
    assert standing(filed) == [(True, None), (True, None)]


def test_who_was_refused_comes_back_with_the_reason_and_goes_to_the_school(filed: Console) -> None:
    page = received(forwarded(filed), 1, 1, line(filed))
    assert "身份证号与学籍不一致" in page.text
    assert standing(filed) == [(False, "身份证号与学籍不一致"), (True, None)]
    page.submit(page.find_all("form[action$='give-back']")[1])
    assert "已退回学校 1 人" in page.text
    with filed.resources.readers() as session:
        reasons = session.scalars(select(ProvinceEntry.return_reason)).all()
        told = session.scalars(select(Message.kind).where(Message.kind == "province_returned"))
        assert sorted(reasons, key=str) == [None, "教育部未接收：身份证号与学籍不一致"]
        assert len(told.all()) == 1


def test_a_spreadsheet_names_the_refused(filed: Console) -> None:
    rows = f"院校代码,学号,未接收原因\n10425,{number_of(filed, '王建国')},单位代码不存在\n"
    page = forwarded(filed)
    file = (BytesIO(rows.encode()), "未接收.csv")
    page.submit(RECEIPT, number="7", on=DAY, accepted="1", refused="1", file=file)
    assert standing(filed) == [(True, None), (False, "单位代码不存在")]


def test_rows_that_name_nobody_or_one_twice_are_told(filed: Console) -> None:
    page = received(forwarded(filed), 1, 1, "10425，99，不存在")
    assert "未接收名单第 1 行不在本次转报中" in page.text
    received(page, 0, 2, f"{line(filed)}\n{line(filed)}")
    assert "未接收名单第 1、2 行重复" in page.text
    received(page, 1, 1, "10425，99")
    assert "未接收名单第 1 行应有院校代码" in page.text
    received(page, 1, 1, line(filed), on="2026-06-09")
    assert "回执日期应在转报当日至今天之间" in page.text


def test_who_is_with_the_ministry_is_not_forwarded_again_but_who_was_refused_may_be(
    filed: Console,
) -> None:
    page = received(forwarded(filed), 1, 1, line(filed))
    page.get("/province/forwardings")
    assert "没有待转报的批次" in page.text
    page.follow("包含教育部未接收").submit(BEGIN)
    assert "370000-0002" in page.text
    assert "转报 1 人" in page.find(SEND).get_text()


def test_who_was_forwarded_anew_is_not_given_back_by_the_refusal_before(filed: Console) -> None:
    page = received(forwarded(filed), 1, 1, line(filed))
    refused = page.path
    page.get("/province/forwardings").follow("包含教育部未接收").submit(BEGIN).submit(SEND)
    page.get(refused)
    assert "已重新转报" in page.text
    page.submit("form[action$='give-back']")  # all of them: nobody
    assert "已退回学校 0 人" in page.text
    with filed.resources.readers() as session:
        assert set(session.scalars(select(ProvinceEntry.locked))) == {True}


def test_of_two_presses_at_once_one_gives_back(filed: Console) -> None:
    key = received(forwarded(filed), 1, 1, line(filed)).path.rpartition("/")[2]
    signed, at, sessions = Signature("staff:office", "王"), utc_now(), filed.resources.sessions

    def give_back(session: Session) -> int:
        found = forwardings.find(session, "370000", key)
        return receipts.give_back(session, found, signed, at)

    def again() -> int:
        with sessions.begin() as session:
            return give_back(session)

    with ThreadPoolExecutor(1) as pool:
        with sessions.begin() as session:
            assert give_back(session) == 1
            other = pool.submit(again)
            wait_until_blocked(session, other)
        assert other.result(PATIENCE) == 0


def test_a_whole_file_that_was_refused_or_discarded_may_be_forwarded_anew(filed: Console) -> None:
    page = forwarded(filed).submit("form[action$='/refused']", reason="文件版本不符")
    assert "整批未接收" in page.text
    page.get("/province/forwardings").submit(BEGIN).submit("form[action$=discard]")
    assert "已取消" in page.text
    assert "转报 2 人" in page.get("/province/forwardings").submit(BEGIN).find(SEND).get_text()


def test_the_file_of_one_that_was_discarded_is_gone_at_once(filed: Console) -> None:
    page = filed.browser("province").get("/province/forwardings").submit(BEGIN)
    page.submit("form[action$=discard]")
    assert "下载文件" not in page.text
    assert "保存期限" not in page.text
    with filed.resources.readers() as session:
        ours = StoredFile.media_type == package.MEDIA_TYPE
        assert session.scalars(select(StoredFile.id).where(ours)).all() == []
        assert session.scalars(select(FilePiece.file_id)).all() == []


def test_a_receipt_that_names_who_was_erased_since_says_how_many_and_is_entered(
    filed: Console,
) -> None:
    named = line(filed)
    page = forwarded(filed)
    assert not page.find_all("#r-erased")
    erase_from(filed, "李娟")
    page.get(page.path)
    above = filed.browser("ministry").get("/ministry/forwardings").follow("370000-0001")
    for each in (page, above):
        assert "文件含有已删除的记录，已随之删除" in each.text
        assert "人数 2 人，其中 1 人的记录已删除，不再列出" in each.text
    received(page, 1, 1, named)
    assert "未接收名单第 1 行不在本次转报中" in page.text
    received(page, 1, 1, line(filed, "王建国"), erased="1")
    assert "名单中不在本次转报中的有 0 人，与填写的记录已删除人数 1 不符" in page.text
    received(page, 1, 1, named, erased="1")
    assert "接收 1 人，未接收 1 人" in page.text
    assert standing(filed) == [(True, None)]


def test_who_was_erased_is_in_a_receipt_once(filed: Console) -> None:
    named = line(filed)
    page = forwarded(filed)
    erase_from(filed, "李娟")
    erase_from(filed, "王建国")
    page.get(page.path)
    received(page, 0, 2, f"{named}\n{named}", erased="2")
    assert "未接收名单第 1、2 行重复" in page.text


def test_who_was_erased_before_it_was_sent_is_the_reason_that_is_told(filed: Console) -> None:
    page = filed.browser("province").get("/province/forwardings").submit(BEGIN)
    erase_from(filed, "李娟")
    page.submit(SEND)
    assert "其中 1 人生成后已退回学校或删除" in page.text


def test_nobody_is_erased_of_whom_the_file_still_holds_all(filed: Console) -> None:
    page = forwarded(filed)
    said = {"number": "7", "on": DAY, "accepted": "1", "refused": "1", "rows": "10425，99，不存在"}
    form = page.fill(RECEIPT, **said)
    form["erased"] = "1"
    page.post(f"{page.path}/receipt", form)
    assert "本次转报中没有人的记录已删除" in page.text
    assert standing(filed) == [(True, None), (True, None)]


def test_a_list_that_cannot_be_read_is_refused_before_anything_is_locked(filed: Console) -> None:
    page = forwarded(filed)
    begun = list[str]()
    listen_for_writers(filed, begun)
    file = (BytesIO(b"no such columns\n1\n"), "list.csv")
    page.submit(RECEIPT, number="7", on=DAY, accepted="1", refused="1", file=file)
    assert "没有找到表头" in page.text
    assert begun == []


def test_who_was_given_back_before_it_was_sent_holds_it_up(filed: Console) -> None:
    page = filed.browser("province").get("/province/forwardings").submit(BEGIN)
    browser = filed.browser("province").get("/province/batches?state=filed").follow("测试大学")
    browser.submit(browser.find_all("form[action$=release]")[0], reason="学校来函更正")
    page.submit(SEND)
    assert "其中 1 人生成后已退回学校或删除" in page.text


def test_who_is_of_another_cohort_since_is_forwarded_with_her_batch(filed: Console) -> None:
    with filed.resources.sessions.begin() as session:
        session.execute(update(Graduate).where(Graduate.name == "李娟").values(year=2027))
    page = filed.browser("province").get("/province/forwardings").submit(BEGIN)
    assert "转报 2 人" in page.find(SEND).get_text()


def test_one_that_is_being_made_shows_how_far(
    filed: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    leave_to_workers(monkeypatch, {TaskKind.FORWARDING})
    page = filed.browser("province").get("/province/forwardings").submit(BEGIN)
    assert "已写入 0 / 2 人" in page.text
    assert not page.find_all(SEND)


def test_without_a_key_nothing_is_forwarded(
    filed: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = filed.browser("province").get("/province/forwardings")
    form = browser.fill(BEGIN)
    monkeypatch.setattr(type(filed.resources), "forwarding_keys", {})
    page = browser.post("/province/forwardings", form)
    assert "尚未设置转报文件的签名密钥" in page.text
    assert not page.find_all(SEND)
    assert "暂不能转报" in page.get("/province/forwardings").text


def test_another_province_s_forwarding_does_not_exist(filed: Console, other: Campus) -> None:
    page = forwarded(filed)
    stranger = other.staff(Role.PROVINCE)
    stranger.province = "110000"
    filed.staff["stranger"] = stranger
    other.save()
    browser = filed.browser("stranger").get("/province/forwardings")
    token = {"csrf_token": str(browser.find_all("[name=csrf_token]")[0]["value"])}
    assert browser.get(page.path).status == 404
    for act in ("send", "discard", "file", "receipt", "refused", "give-back"):
        assert browser.post(f"{page.path}/{act}", token).status in {400, 404}, act
    assert standing(filed) == [(True, None), (True, None)]


def test_what_is_forwarded_once_is_in_no_second_file(filed: Console) -> None:
    page = filed.browser("province").get("/province/forwardings")
    form = page.fill(BEGIN)
    page.submit(BEGIN)
    page.post("/province/forwardings", form)
    assert page.status == 400
    assert "没有需要转报的毕业生" in page.text
