"""How a row of the audit log reads: who, what, about whom, and what is said of it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from registry.accounts import audit
from registry.accounts.audit_log import reading
from registry.accounts.audit_log.pages import SHOWS_PEOPLE
from registry.accounts.audit_log.reading import STAFF, AuditScope, LogRow
from registry.accounts.audit_log.words import WORDS
from registry.accounts.tables import ROLE_TITLES, Role
from registry.record import logged_people
from registry.record.confirmation import states as confirmation
from registry.record.logged_people import LoggedPerson

ADDRESS_SHOWN = 8
"""Digits of an address's index: enough to tell addresses apart."""
ACTORS = {
    "graduate": "本人",
    audit.SYSTEM: "系统",
    audit.COMMAND: "平台运维（命令行）",
    audit.STRANGER: "未登录",
    "staff": "已删除的账号",
}
SUBJECTS = {
    "staff": "账号",
    "graduate": "毕业生",
    "campaign": "提醒",
    "drive": "省级提醒",
    "import": "导入",
    "roster_import": "导入",
    "office_task": "任务",
    "batch": "上报批次",
    "forwarding": "转报",
    "province_list": "毕业生导出",
    "province_statistics": "全省统计",
    "syncs": "接口同步",
    "employer": "用人单位",
    "invitations": "批量邀请",
    "department": "院系",
    "school": "学校",
    "year": "本届设置",
    "account": "服务号",
    "review": "审核",
    "breach": "举报",
    "login": "登录",
    "reasons": "退回原因",
    "audit": "操作日志",
    "courier_list": "寄送清单",
    "province_key": "接口密钥",
    "province": "单位名单",
    "agreements": "就业协议",
    "list_view": "常用筛选",
}
"""What the subject of a row is, by the word it begins with."""
DETAILS = {
    "occasion": "类别",
    "reason": "原因",
    "why": "原因",
    "rows": "人数",
    "people": "人数",
    "total": "人数",
    "lines": "行数",
    "removed": "移除人数",
    "created": "新生成",
    "renewed": "更新",
    "department": "院系",
    "name": "名称",
    "into": "并入",
    "file": "文件",
    "login": "登录名",
    "employer": "单位",
    "budget": "每小时上限",
    "status": "结果",
}
"""Fields of `details` that people read, by their titles; others are for programs."""
FILTERS = {
    "year": "届",
    "state": "状态",
    "department": "院系",
    "level": "学历",
    "major": "专业",
    "class": "班级",
    "source": "信息来源",
    "category": "去向",
    "stage": "审核环节",
    "kind": "类型",
    "q": "查找词",
}
STATUS = {403: "没有权限", 404: "不存在或不在管理范围内"}
HIDDEN = "（已隐去）"


@dataclass(frozen=True)
class SaidRow:
    """A row as it is read."""

    key: str
    at: datetime
    actor: str
    """The value that the list is searched by."""
    who: str
    role: str
    what: str
    about: str
    person: str
    """The key of whose page the reader may open; empty where there is none."""
    place: str
    device: str
    lines: Sequence[str]


def said_rows(session: Session, scope: AuditScope, rows: Sequence[LogRow]) -> list[SaidRow]:
    """Return rows as they are read: three queries for all names, however many rows."""
    subjects = [row.subject for row in rows]
    staff = reading.staff_named(session, subjects)
    keys = [each.removeprefix(audit.GRADUATE) for each in subjects if _is_person(each)]
    people = logged_people.named(session, scope, keys)
    return [_said(row, staff, people, scope) for row in rows]


def _is_person(subject: str) -> bool:
    return subject.startswith(audit.GRADUATE)


def _said(
    row: LogRow,
    staff: Mapping[str, str],
    people: Mapping[str, LoggedPerson],
    scope: AuditScope,
) -> SaidRow:
    person = people.get(row.subject.removeprefix(audit.GRADUATE))
    shown = person is not None and scope.school_id is not None
    return SaidRow(
        key=row.key,
        at=row.at,
        actor=row.actor,
        who=row.name or ACTORS[row.actor.partition(":")[0]],
        role=ROLE_TITLES[Role(row.role)] if row.role else "",
        what=WORDS.get(row.action, row.action),
        about=_about(row, staff, person),
        person=person.key if person and shown else "",
        place=(row.address or "")[:ADDRESS_SHOWN],
        device=row.device or "",
        lines=list(said_details(row.details)),
    )


def _about(row: LogRow, staff: Mapping[str, str], person: LoggedPerson | None) -> str:
    kind, _, rest = row.subject.partition(":")
    if person:
        return f"{person.name}（{person.student_number}）"
    if kind == "page":
        return SHOWS_PEOPLE.get(rest, "其他页面")
    if row.subject == row.actor:
        return "本人账号" if row.subject.startswith(STAFF) else ""
    title = SUBJECTS.get(kind, kind)
    name = staff.get(row.subject) or (rest if kind == "year" else "")
    return f"{title} {name}".strip()


def said_details(details: Mapping[str, Any]) -> Iterator[str]:
    """Yield what `details` say to people, a line each."""
    for name, title in DETAILS.items():
        value = details.get(name)
        if value not in (None, ""):
            yield f"{title}：{STATUS.get(value, value) if name == 'status' else value}"
    if filters := [*_filters(details.get("filter") or {})]:
        yield f"筛选：{'，'.join(filters)}"
    if "before" in details and "after" in details:
        yield f"名称：{_value(details['before'])} → {_value(details['after'])}"
    for change in details.get("changes") or []:
        before, after = _value(change["before"]), _value(change["after"])
        yield f"{change['title']}：{before} → {after}"


def _filters(given: Mapping[str, str]) -> Iterator[str]:
    for name, value in given.items():
        if title := FILTERS.get(name):
            said = HIDDEN if value.startswith("#") else value
            if name == "state" and value in set(confirmation.ConfirmationState):
                said = confirmation.TITLES[confirmation.ConfirmationState(value)]
            yield title if name == "department" else f"{title} {said}"


def _value(value: object) -> str:
    if value in (None, "", []):
        return "未填"
    if isinstance(value, bool):
        return "是" if value else "否"
    return "、".join(map(str, value)) if isinstance(value, list) else str(value)
