"""One graduate's page: masked until asked, what was disputed, the history, the binding's end."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from notifier.ledger.tables import Binding, Follower
from registry.accounts import audit
from registry.accounts.audit import AuditRecord
from registry.accounts.tables import AuditEntry
from registry.record.confirmation.confirm import Reply, answer
from registry.record.tables import Answer, Graduate
from tests.audit_rows import DEEDS
from tests.wxapp.school.conftest import Console
from tests.wxapp.school.records import IDENTITY, PHONE
from wxapp.school.graduate_pages import TABS


@pytest.fixture
def graduate(console: Console) -> Graduate:
    """Add a graduate who is bound and has disputed her destination."""
    campus, session = console.campus, console.campus.session
    found = campus.report(campus.graduate())
    reply = Reply(Answer.WRONG, found.registration_id or 0, ["destination"], "单位改名了")
    answer(session, found.id, reply, channel="wechat", at=campus.at)
    session.add(Follower(openid="o1", subscribed=True, changed_at=campus.at))
    session.add(Binding(openid="o1", graduate_id=found.id, bound_at=campus.at))
    campus.save()
    return found


def actions(console: Console) -> list[str]:
    with console.resources.readers() as session:
        return list(session.scalars(select(AuditEntry.action).where(DEEDS).order_by(AuditEntry.id)))


def test_what_she_disputed_stands_at_the_top(console: Console, graduate: Graduate) -> None:
    browser = console.browser().get(f"/school/graduates/{graduate.key}")
    assert "本人认为有误：毕业去向" in browser.text
    assert "单位改名了" in browser.text


def test_personal_numbers_are_masked_until_asked_and_asking_is_noted(
    console: Console, graduate: Graduate
) -> None:
    browser = console.browser().get(f"/school/graduates/{graduate.key}")
    assert IDENTITY not in browser.body.decode()
    assert PHONE not in browser.body.decode()
    browser.submit("form:has(button[value=identity])")
    assert IDENTITY in browser.text
    assert PHONE not in browser.text
    assert actions(console) == ["reveal_identity"]
    browser.get(f"/school/graduates/{graduate.key}?tab=log")
    assert "王老师 查看了完整身份证号" in browser.text


@pytest.mark.parametrize(
    ("actor", "said"),
    [
        ("graduate:QFtk", "本人"),
        ("system", "系统"),
        ("command", "平台运维"),
        ("staff:x", "已删除的账号"),
    ],
)
def test_the_log_names_who_did_it_in_words(
    console: Console, graduate: Graduate, actor: str, said: str
) -> None:
    done = AuditRecord(actor, "bound", f"graduate:{graduate.key}", graduate.school_id)
    with console.resources.sessions.begin() as session:
        audit.note(session, done, console.resources.clock())
    browser = console.browser().get(f"/school/graduates/{graduate.key}?tab=log")
    assert f"{said} 本人绑定了微信" in browser.text
    assert actor not in browser.text


def test_nothing_else_can_be_revealed(console: Console, graduate: Graduate) -> None:
    browser = console.browser().get(f"/school/graduates/{graduate.key}")
    sent = browser.fill("form:has(button[value=identity])")
    sent["what"] = "particulars"
    browser.post(f"/school/graduates/{graduate.key}/reveal", sent)
    assert (browser.status, actions(console)) == (400, [])


def test_the_history_keeps_the_answer_and_shows_what_changed_since(
    console: Console, graduate: Graduate
) -> None:
    console.campus.report(graduate, unit_name="青岛新海科技有限公司")
    console.campus.save()
    browser = console.browser().get(f"/school/graduates/{graduate.key}?tab=history")
    assert "信息有误，需更新后确认" in browser.text
    assert browser.find("td.before").get_text() == "青岛海纳软件有限公司"
    assert browser.find("td.after").get_text() == "青岛新海科技有限公司"


@pytest.mark.parametrize("tab", [*TABS, "nonsense"])
def test_every_tab_is_a_page(console: Console, graduate: Graduate, tab: str) -> None:
    browser = console.browser().get(f"/school/graduates/{graduate.key}?tab={tab}")
    assert browser.status == 200


def test_a_change_she_was_told_of_stands_among_the_messages(
    console: Console, graduate: Graduate
) -> None:
    with console.resources.sessions.begin() as session:
        campus = replace(console.campus, session=session)
        campus.report(session.get_one(Graduate, graduate.id), unit_name="青岛新海科技有限公司")
    browser = console.browser().get(f"/school/graduates/{graduate.key}?tab=messages")
    assert "登记信息变更通知 系统自动发送" in browser.text


def test_a_lost_wechat_is_unbound_with_a_reason_once(console: Console, graduate: Graduate) -> None:
    browser = console.browser().get(f"/school/graduates/{graduate.key}")
    form = browser.fill("form[action$=unbind]", reason="换了微信")
    browser.post(f"/school/graduates/{graduate.key}/unbind", form)
    assert "换了微信" in browser.text
    browser.post(f"/school/graduates/{graduate.key}/unbind", form)
    assert actions(console) == ["unbound_by_school", "end_binding"]
    assert "未绑定" in browser.get(f"/school/graduates/{graduate.key}").text


def test_no_binding_ends_without_a_reason(console: Console, graduate: Graduate) -> None:
    browser = console.browser().get(f"/school/graduates/{graduate.key}")
    browser.submit("form[action$=unbind]", reason=" ")
    assert browser.status == 400
    assert "请写明解除绑定的原因" in browser.text
