"""The files of a province: its graduates in a national layout, and what goes to the Ministry."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import IO, Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from registry.accounts.audit import AuditRecord
from registry.accounts.tables import Role, Staff
from registry.base import large_files, retention, workbook
from registry.base.clock import SHANGHAI
from registry.base.errors import RuleError
from registry.base.file_tables import StoredFile
from registry.base.large_files import Made
from registry.codes import regions
from registry.province import forwardings, national_rows, package
from registry.province.forwarding_states import ForwardingEvent
from registry.province.forwarding_tables import Forwarding
from registry.province.national_layouts import FORWARDED, LAYOUTS
from registry.province.national_rows import ProvinceExport
from registry.province.package import SigningKeys
from registry.roster.layouts import Layout
from registry.tasks.claims import Claim
from registry.tasks.people import Building
from registry.tasks.procedure import Running
from registry.tasks.states import TaskEvent, TaskState
from registry.tasks.tables import Task

STEP = 1000
"""Rows between two marks of progress."""
UNFINISHED = timedelta(days=1)
"""How long what a lost worker left of a file lies there."""
NO_KEY = RuleError(
    "no_signing_key", "平台尚未设置转报文件的签名密钥，请联系平台运维设置后重新生成。"
)


def write_list(building: Building, file: IO[bytes]) -> None:
    """Write the graduates a task asks for; raise RuleError `no_reader` for who reads none now."""
    task = building.task
    _refuse_others(building.session, task.by)
    layout = LAYOUTS[Layout(task.asked["layout"])]
    found = national_rows.rows(building.session, read_filter(task))
    lines = national_rows.lines(building.vault, layout, found)
    headings = len(layout.headings)
    told = _told(building, lines, headings)
    workbook.write(file, told, stamp=building.stamp, headings=headings)


def read_filter(task: Claim) -> ProvinceExport:
    """Return which graduates a task asks for, of the province of who asked."""
    asked = task.asked
    return ProvinceExport(
        province=task.province or "",
        year=task.year or 0,
        school=asked.get("school", ""),
        batch=asked.get("batch", ""),
        filed="filed" in asked,
    )


def _refuse_others(session: Session, actor: str) -> None:
    key = actor.removeprefix("staff:")
    mine = (Staff.key == key, Staff.active, Staff.may_export, Staff.role == Role.PROVINCE)
    if session.scalar(select(Staff.id).where(*mine)) is None:
        raise RuleError("no_reader", "您的账号已不能导出毕业生名单。")


def _told(
    building: Building, lines: Iterator[Sequence[str]], headings: int
) -> Iterator[Sequence[str]]:
    number = 0
    for number, line in enumerate(lines, 1 - headings):
        yield line
        if number > 0 and number % STEP == 0:
            building.advance(number)
    building.advance(max(number, 0))


def audited_list(claim: Claim, task: Task) -> AuditRecord | None:
    """Return that the list was made, of whom and how long; nothing of what was refused."""
    if task.state != TaskState.FINISHED:
        return None
    said = {"lines": task.done, "year": claim.year, "filter": claim.asked}
    return AuditRecord(
        claim.by, "export_province", "province_list", None, said, province=claim.province
    )


def make_forwarding(running: Running) -> None:
    """Make the signed file of a forwarding, and have it wait to be sent.

    Raises RuleError `no_signing_key`, `entries_returned`, or `changed_meanwhile` where it was
    discarded meanwhile.
    """
    keys = SigningKeys(running.resources.forwarding_keys)
    if not keys.name:
        raise NO_KEY
    at = running.resources.clock()
    with tempfile.TemporaryFile() as file:
        number = _write_package(running, keys, file)
        file.seek(0)
        made = Made(None, f"转报文件_{number}.zip", package.MEDIA_TYPE, file)
        sessions, vault = running.resources.sessions, running.resources.vault
        stored = large_files.store(sessions, vault, made, at, at + UNFINISHED)
    with _kept_or_deleted(running, stored), sessions.begin() as session:
        _hand_over(session, running, stored, keys.name)


@contextmanager
def _kept_or_deleted(running: Running, stored: int) -> Iterator[None]:
    """Delete a stored file that nothing will lead to."""
    try:
        yield
    except RuleError:
        with running.resources.sessions.begin() as session:
            session.execute(delete(StoredFile).where(StoredFile.id == stored))
        raise


def _hand_over(session: Session, running: Running, stored: int, key: str) -> None:
    at = running.resources.clock()
    forwarding = _of(session, running.claim)
    file = session.get_one(StoredFile, stored)
    file.expires_at = at + retention.FORWARDING_FILE
    values = {"file_id": stored, "sha256": file.sha256, "key_name": key}
    forwardings.move(session, forwarding, ForwardingEvent.MAKE, **values)
    running.end_with(session, TaskEvent.FINISH, done=forwarding.total)


def _of(session: Session, task: Claim) -> Forwarding:
    return forwardings.find(session, task.province or "", task.asked["forwarding"])


def _write_package(running: Running, keys: SigningKeys, file: IO[bytes]) -> str:
    """Write the file; return the number of its forwarding."""
    vault = running.resources.vault
    with running.resources.readers.begin() as session, tempfile.TemporaryFile() as table:
        forwarding = _of(session, running.claim)
        wanted = ProvinceExport(forwarding.province, forwarding.year, forwarding=forwarding.key)
        layout = LAYOUTS[FORWARDED]
        found = national_rows.rows(session, wanted)
        lines = _counted(running, national_rows.lines(vault, layout, found))
        people = workbook.write(table, lines, stamp=None, headings=len(layout.headings))
        if people != forwarding.total:
            sentence = "生成期间有毕业生的记录被删除，请取消后重新生成。"
            raise RuleError("entries_returned", sentence)
        package.write(file, table, _said(session, forwarding), keys)
        return forwarding.number


def _counted(running: Running, lines: Iterator[Sequence[str]]) -> Iterator[Sequence[str]]:
    for number, line in enumerate(lines):
        yield line
        if number and number % STEP == 0:
            running.write(done=number)


def _said(session: Session, forwarding: Forwarding) -> dict[str, Any]:
    """Return what the manifest says besides: nobody is named in it."""
    return {
        "number": forwarding.number,
        "province": forwarding.province,
        "province_name": regions.region_name(forwarding.province),
        "year": forwarding.year,
        "made_at": _moment(forwarding.made_at),
        "people": forwarding.total,
        "categories": forwarding.counts,
        "batches": [
            {
                "school": each.code,
                "school_name": each.school,
                "batch": each.key,
                "filed_at": _moment(each.filed_at) if each.filed_at else None,
                "people": each.people,
            }
            for each in forwardings.batches_in(session, forwarding)
        ],
    }


def _moment(at: datetime) -> str:
    return at.astimezone(SHANGHAI).isoformat(timespec="seconds")


def audited_forwarding(_claim: Claim, _task: Task) -> None:
    """Return nothing: that it was begun is kept, and that it was sent."""
