"""A copy of all that is kept about one person, for herself: a workbook and the same as JSON.

Source: Personal Information Protection Law, article 45 (the right to read and to copy). Left out is
what says nothing to her: row numbers, hashes and indexes. A test compares the sections with all
tables that point to a graduate.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from io import BytesIO
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZipFile

import xlsxwriter
from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session

from notifier.binding import forget
from notifier.binding.own_copy_titles import TITLES
from notifier.ledger import mini_users
from notifier.ledger.mini_tables import MiniAllowance, MiniNotice, MiniUser
from notifier.ledger.tables import Binding, Follower, Message, Refusal, StoredPush
from registry.accounts import unsent_forms
from registry.accounts.audit_log import reading
from registry.accounts.audit_log.tables import AuditDetail
from registry.accounts.audit_log.words import WORDS
from registry.accounts.school_tables import Department, School
from registry.accounts.tables import (
    AuditEntry,
    MiniHandover,
    OneTimeCode,
    UnsentForm,
    WebSession,
)
from registry.base import retention
from registry.base.clock import SHANGHAI
from registry.base.crypto import Vault
from registry.base.database import Base, InCohort
from registry.base.file_tables import StoredFile
from registry.breaches import evidence as breach_evidence
from registry.breaches import steps
from registry.breaches.tables import BreachFile, BreachReport, BreachStep
from registry.codes import identity
from registry.interface.tables import FeedChange, SourceRecord
from registry.numbers.posting.tables import Posting
from registry.numbers.sealed_number import COLUMNS, sealed_number
from registry.numbers.tables import Authentication, IssuedNumber, Lookup
from registry.province.forwarding_tables import ForwardedEntry
from registry.record.confirmation import snapshots
from registry.record.contact_tables import ContactChange
from registry.record.list_tables import SelectedGraduate
from registry.record.privacy_tables import Consent
from registry.record.province_tables import ProvinceEntry
from registry.record.tables import Confirmation, Graduate, Registration
from registry.review import evidence, sent
from registry.review.tables import Application, Evidence, ReviewStep
from registry.roster.tables import ImportChange
from registry.signing import termination_documents
from registry.signing.paper_tables import AgreementPaper
from registry.signing.supplement_tables import Supplement
from registry.signing.tables import (
    Agreement,
    Invitation,
    OfflineRequest,
    TermsVersion,
    Voiding,
)
from registry.signing.termination_tables import Termination, TerminationDocument, TerminationStep
from registry.tasks.earlier_tables import OfficeTaskPerson
from registry.tasks.file_making import Keeping, make_own_file
from registry.tasks.people import Building, next_people
from registry.tasks.procedure import Procedure
from registry.tasks.tables import Task, TaskApplication, TaskPerson

MOST_RECORDS = 1000
"""Of one person: far more than anybody has."""
_TECHNICAL = frozenset(
    {
        *("id", "key", "sent_by", "claim", "business_key", "client_msg_id", "dedup_key", "trace"),
        *("asked", "resume_after", "problems", "counts", "plan_key", "applied_at", "attempts"),
        *("done", "total", "campus_session", "mini_device"),
    }
)
_ENDINGS = ("_id", "_hash", "_index", "_sealed", "sha256")
Whose = Callable[[Graduate], ColumnElement[bool]]


@dataclass(frozen=True)
class Section:
    """A table with rows about her, and which they are."""

    title: str
    table: type[Base]
    whose: Whose
    opened: Callable[[Session, Vault, Any], dict[str, Any]] = lambda _session, _vault, _row: {}
    """What of a row is sealed, or said by another, and hers to read, by its title."""


def _those(table: Any, column: str = "id") -> Callable[[Graduate], Any]:  # noqa: ANN401 - a table with graduate_id
    return lambda her: select(getattr(table, column)).where(table.graduate_id == her.id)


_numbers = _those(IssuedNumber)
_agreements = _those(Agreement)
_applications = _those(Application)
_terminations = _those(Termination)
_openids = _those(Binding, "openid")
_reports = _those(BreachReport)


def _messages(her: Graduate) -> Select[int]:
    """Return those about her record, and those to a WeChat of hers whatever it is bound to."""
    return select(Message.id).where(
        (Message.graduate_id == her.id) | forget.to_wechat(_openids(her))
    )


def _words(_session: Session, vault: Vault, row: BreachReport | BreachStep) -> dict[str, Any]:
    sealed = row.words_sealed
    return {"内容": vault.open(steps.PURPOSE, row.key, sealed) if sealed else ""}


def _typed(_session: Session, vault: Vault, row: UnsentForm) -> dict[str, Any]:
    return {"填写内容": dict(unsent_forms.opened(vault, row))}


def _answered_about(session: Session, _vault: Vault, row: Confirmation) -> dict[str, Any]:
    version = session.get_one(Registration, row.registration_id)
    return {TITLES["snapshot"]: snapshots.snapshot(row, version)}


def _sent(session: Session, _vault: Vault, row: ReviewStep) -> dict[str, Any]:
    return {TITLES["values"]: sent.of_step(session, row)}


def _before(_session: Session, vault: Vault, row: ContactChange | ImportChange) -> dict[str, Any]:
    """Return her phone, identity number and particulars of before, where they are kept."""
    whose = row.graduate_id
    number, phone = row.identity_sealed, row.phone_sealed
    more = row.particulars_sealed if isinstance(row, ImportChange) else None
    return {
        "原证件号码": vault.open(identity.IDENTITY, whose, number) if number else "",
        "原手机号码": vault.open(identity.PHONE, whose, phone) if phone else "",
        "原其他学籍信息": json.loads(vault.open(identity.PARTICULARS, whose, more)) if more else {},
    }


def _hers(table: Any) -> Whose:  # noqa: ANN401 - a table with graduate_id
    return lambda her: table.graduate_id == her.id


SECTIONS = (
    Section("毕业去向登记", Registration, _hers(Registration)),
    Section("登记确认", Confirmation, _hers(Confirmation), _answered_about),
    Section("登记申请", Application, _hers(Application)),
    Section(
        *("审核记录", ReviewStep),
        lambda her: ReviewStep.application_id.in_(_applications(her)),
        _sent,
    ),
    Section("佐证材料", Evidence, _hers(Evidence)),
    Section("签约邀请", Invitation, _hers(Invitation)),
    Section("线下签约申请", OfflineRequest, _hers(OfflineRequest)),
    Section("就业协议", Agreement, _hers(Agreement)),
    Section(
        *("就业协议的条款版本", TermsVersion),
        lambda her: TermsVersion.agreement_id.in_(_agreements(her)),
    ),
    Section("补充协议", Supplement, _hers(Supplement)),
    Section("就业协议书", AgreementPaper, _hers(AgreementPaper)),
    Section("就业协议的作废", Voiding, lambda her: Voiding.agreement_id.in_(_agreements(her))),
    Section("举报", BreachReport, _hers(BreachReport), _words),
    Section("举报处理", BreachStep, lambda her: BreachStep.report_id.in_(_reports(her)), _words),
    Section("举报材料", BreachFile, lambda her: BreachFile.report_id.in_(_reports(her))),
    Section("解约申请", Termination, _hers(Termination)),
    Section(
        *("解约办理经过", TerminationStep),
        lambda her: TerminationStep.termination_id.in_(_terminations(her)),
    ),
    Section("解约材料", TerminationDocument, _hers(TerminationDocument)),
    Section("上报记录", ProvinceEntry, _hers(ProvinceEntry)),
    Section("转报教育部的记录", ForwardedEntry, _hers(ForwardedEntry)),
    Section("省级系统的记录", SourceRecord, _hers(SourceRecord)),
    Section("供省级系统读取的办理结果", FeedChange, _hers(FeedChange)),
    Section("核验和转递编号", IssuedNumber, _hers(IssuedNumber)),
    Section("档案寄送记录", Posting, _hers(Posting)),
    Section("实人认证", Authentication, _hers(Authentication)),
    Section(
        *("核验记录", Lookup),
        lambda her: Lookup.number_id.in_(_numbers(her)) | Lookup.agreement_id.in_(_agreements(her)),
    ),
    Section("同意记录", Consent, _hers(Consent)),
    Section("微信绑定", Binding, _hers(Binding)),
    Section("身份和绑定变更", ContactChange, _hers(ContactChange), _before),
    Section("消息", Message, lambda her: Message.id.in_(_messages(her))),
    Section("小程序通知", MiniNotice, lambda her: MiniNotice.message_id.in_(_messages(her))),
    Section("关注状态", Follower, lambda her: Follower.openid.in_(_openids(her))),
    Section("小程序", MiniUser, lambda her: mini_users.of_openids(_openids(her))),
    Section(
        *("小程序通知的订阅", MiniAllowance),
        lambda her: MiniAllowance.openid.in_(mini_users.known_as(_openids(her))),
    ),
    Section("拒收设置", Refusal, lambda her: Refusal.openid.in_(_openids(her))),
    Section("微信推送", StoredPush, lambda her: StoredPush.openid.in_(_openids(her))),
    Section("登录状态", WebSession, _hers(WebSession)),
    Section("小程序登录", MiniHandover, lambda her: MiniHandover.openid.in_(_openids(her))),
    Section("登录失效时未提交的表单", UnsentForm, _hers(UnsentForm), _typed),
    Section("短信验证码和一次性代码", OneTimeCode, _hers(OneTimeCode)),
    Section("导入前的原值", ImportChange, _hers(ImportChange), _before),
    Section("办理中的任务", TaskPerson, _hers(TaskPerson)),
    Section("信息副本的生成记录", Task, _hers(Task)),
    Section("批量审核", TaskApplication, _hers(TaskApplication)),
    Section("名单中的选定", SelectedGraduate, _hers(SelectedGraduate)),
    Section("办理中的任务（旧）", OfficeTaskPerson, _hers(OfficeTaskPerson)),
)


def write(building: Building, file: IO[bytes]) -> None:
    """Write an archive about all of a person's records that a task is for."""
    session, vault = building.session, building.vault
    records = next_people(session, building.task, 0, MOST_RECORDS)
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        for number, each in enumerate(records, 1):
            her = session.get_one(Graduate, each)
            content = about(session, vault, her)
            folder = f"{number}-{her.cohort}届-{her.student_number}".replace("/", "_")
            archive.writestr(f"{folder}/本人信息.xlsx", _workbook(content))
            archive.writestr(f"{folder}/本人信息.json", _json(content))
            for name, document in _documents(session, vault, her):
                archive.writestr(f"{folder}/佐证材料/{name}", document)
            for name, document in _reported(session, vault, her):
                archive.writestr(f"{folder}/举报材料/{name}", document)
            building.advance(number)


Rows = list[dict[str, Any]]


def about(session: Session, vault: Vault, her: Graduate) -> dict[str, Rows]:
    """Return all that is kept about a record, by section, each row by its columns' titles."""
    found = {"基本信息": [_herself(session, vault, her)]}
    found["操作日志"] = _log(session, her)
    for section in SECTIONS:
        rows = session.scalars(select(section.table).where(section.whose(her))).all()
        found[section.title] = [
            _shown(each) | section.opened(session, vault, each) for each in rows
        ]
    numbers = select(*COLUMNS).where(IssuedNumber.graduate_id == her.id).order_by(IssuedNumber.id)
    opened = [sealed_number(each).number(vault) for each in session.execute(numbers)]
    for row, number in zip(found["核验和转递编号"], opened, strict=True):
        row["编号"] = number
    return found


def _log(session: Session, her: Graduate) -> Rows:
    """Return what offices and she did with her record, and the lists of staff that showed her."""
    rows = session.execute(
        select(AuditEntry, AuditDetail.content)
        .outerjoin(AuditDetail, AuditDetail.digest == AuditEntry.detail)
        .where(reading.about_person(session, her.id, her.key))
        .order_by(AuditEntry.id)
    )
    return [
        {
            "时间": _value(entry.at),
            "操作人": entry.actor,
            "操作": WORDS.get(entry.action, entry.action),
            "详情": said or entry.details,
        }
        for entry, said in rows
    ]


def columns_of(table: type[Base]) -> list[str]:
    """Return the columns of a table that say something to her."""
    hers = {"year"} if issubclass(table, InCohort) else set[str]()
    return [
        each.key
        for each in table.__table__.columns
        if each.key not in _TECHNICAL | hers and not each.key.endswith(_ENDINGS)
    ]


def _herself(session: Session, vault: Vault, her: Graduate) -> dict[str, Any]:
    phone, more = her.phone_sealed, her.particulars_sealed
    return {
        "毕业院校": session.get_one(School, her.school_id).name,
        "院系": session.get_one(Department, her.department_id).name,
        **_shown(her),
        "证件号码": vault.open(identity.IDENTITY, her.id, her.identity_sealed),
        "手机号码": vault.open(identity.PHONE, her.id, phone) if phone else "",
        "其他学籍信息": json.loads(vault.open(identity.PARTICULARS, her.id, more)) if more else {},
    }


def _shown(row: Base) -> dict[str, Any]:
    return {TITLES[name]: _value(getattr(row, name)) for name in columns_of(type(row))}


def _value(value: object) -> Any:  # noqa: ANN401 - what JSON holds
    if isinstance(value, datetime):
        return value.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")
    return value.isoformat() if isinstance(value, date) else value


def _json(content: Mapping[str, Rows]) -> bytes:
    return json.dumps(content, ensure_ascii=False, indent=2).encode()


def _workbook(content: Mapping[str, Rows]) -> bytes:
    """Return a workbook of a sheet a section; the person's own stands upright."""
    file = BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True, "strings_to_formulas": False}) as book:
        for title, rows in content.items():
            sheet = book.add_worksheet(title.replace("/", "、")[:31])
            sheet.set_column(0, 40, 18)
            for line, values in enumerate(_lines(title, rows)):
                for column, value in enumerate(values):
                    sheet.write_string(line, column, value)
    return file.getvalue()


def _lines(title: str, rows: Rows) -> Iterator[Sequence[str]]:
    if title == "基本信息":
        yield from ((name, _text(value)) for row in rows for name, value in row.items())
    elif rows:
        yield list(rows[0])
        yield from ([_text(value) for value in row.values()] for row in rows)
    else:
        yield ["（无）"]


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    return "" if value is None else str(value)


def _documents(session: Session, vault: Vault, her: Graduate) -> Iterator[tuple[str, bytes]]:
    """Yield her evidence that is still kept, one in memory at a time."""
    number = 0
    for table, find in _WITH_FILES:
        kept = (
            select(table.key)
            .join(StoredFile, StoredFile.id == table.file_id)
            .where(table.graduate_id == her.id)
            .order_by(table.id)
        )
        for key in session.scalars(kept).all():
            document = find(session, vault, her, key)
            number += 1
            yield f"{number}-{document.name}".replace("/", "_"), document.content


def _reported(session: Session, vault: Vault, her: Graduate) -> Iterator[tuple[str, bytes]]:
    """Yield what she sent with reports of hers and is still kept, one in memory at a time."""
    reports = select(BreachReport).where(BreachReport.graduate_id == her.id)
    for number, report in enumerate(session.scalars(reports.order_by(BreachReport.id)).all(), 1):
        for each in breach_evidence.listed(session, report):
            document = breach_evidence.opened(session, vault, report, each.key)
            yield f"{number}-{document.name}", document.content


_WITH_FILES = (
    (Evidence, evidence.of_graduate),
    (TerminationDocument, termination_documents.of_graduate),
)


PROCEDURE = Procedure(
    label="本人信息副本",
    title="本人信息副本",
    run=partial(
        make_own_file,
        write=write,
        keeping=Keeping(is_workbook=False, kept_for=retention.OWN_COPY, is_askers_own=True),
    ),
    audited=lambda _claim, _task: None,
    given_up="多次尝试都没有完成，请重新核对本人后再试。如仍然如此，请联系学校就业指导中心。",
)
"""How it is made in the background; that she fetched it is what the log keeps."""
