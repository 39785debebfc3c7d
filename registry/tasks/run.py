"""Runs the office's tasks: the numbers first, some people a transaction, then the file.

What a lost worker had done stays done: the next one goes on behind it, and only builds the file
anew.
"""

import tempfile
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import IO, Protocol

from sqlalchemy import delete
from sqlalchemy.orm import Session, sessionmaker

from registry.accounts import audit
from registry.accounts.school_tables import School
from registry.base import large_files, typesetting, workbook
from registry.base.clock import SHANGHAI, Clock
from registry.base.crypto import Vault
from registry.base.errors import RuleError
from registry.base.large_files import Made
from registry.numbers.reports import VerificationSite
from registry.numbers.shape import Kind
from registry.numbers.transfer import generate
from registry.numbers.transfer.generate import Generated, IssuingSchool
from registry.tasks import claims, mail_slips, name_lists, report_files, workbooks
from registry.tasks.claims import Claim, Overtaken
from registry.tasks.earlier_tables import OfficeTask, OfficeTaskPerson
from registry.tasks.people import Building, LeftOut, next_people
from registry.tasks.states import LISTS, Event, Work, title_of

MAX_ATTEMPTS = 5
CHUNK = 4000
"""People whose numbers are made in one transaction: half a second of locks, few looks."""
KEPT_FOR = timedelta(hours=24)
"""How long a file that was made can be fetched."""
SOON = {
    Work.NUMBERS: 500,
    Work.TABLE: 1000,
    Work.POSTING_LIST: 1000,
    Work.SLIPS: 100,
    Work.REPORTS: 40,
    Work.GRADUATES: 5000,
    Work.LEFT_OUT: 5000,
    Work.RESULTS: 5000,
}
"""For how many people a task is done while the page is waited for: about a second."""


class Desk(Protocol):
    """What the work needs: where to write and read, the keys, the time."""

    @property
    def sessions(self) -> sessionmaker[Session]:
        """Make sessions that write."""
        ...

    @property
    def readers(self) -> sessionmaker[Session]:
        """Make sessions that only read."""
        ...

    @property
    def vault(self) -> Vault:
        """Give the keys."""
        ...

    @property
    def clock(self) -> Clock:
        """Give the clock."""
        ...


Writer = Callable[[Building, IO[bytes]], None]
WRITERS: dict[Work, Writer] = {
    Work.TABLE: workbooks.write_table,
    Work.POSTING_LIST: workbooks.write_posting_list,
    Work.SLIPS: mail_slips.write_slips,
    Work.REPORTS: report_files.write_reports,
    Work.GRADUATES: name_lists.write_graduates,
    Work.LEFT_OUT: name_lists.write_left_out,
}
"""What makes the file of a task; numbers alone have none, and lists of messages are not ours."""
FORMS = {
    b"%PDF": ("pdf", typesetting.MEDIA_TYPE),
    b"PK\x03\x04": ("zip", "application/zip"),
}
"""A file's ending and media type by how it begins."""


def run_next(desk: Desk, base_url: str, writers: Mapping[Work, Writer] = WRITERS) -> bool:
    """Run one task that waits, or whose worker was lost; say whether there was one."""
    return _run_claimed(desk, base_url, writers, None)


def run_now(desk: Desk, base_url: str, task_id: int) -> bool:
    """Run this task at once, unless a worker has it; say whether it was free."""
    return _run_claimed(desk, base_url, WRITERS, task_id)


def _run_claimed(
    desk: Desk, base_url: str, writers: Mapping[Work, Writer], only: int | None
) -> bool:
    with desk.sessions.begin() as session:
        mine = claims.claim(session, only)
    if mine is None:
        return False
    try:
        _run(desk, base_url, mine, writers)
    except RuleError as refusal:
        _end(desk, mine, Event.REFUSE, message=refusal.sentence)
    except Overtaken:
        pass
    return True


def _run(desk: Desk, base_url: str, mine: Claim, writers: Mapping[Work, Writer]) -> None:
    if mine.attempts > MAX_ATTEMPTS:
        sentence = "多次尝试都没有完成，请缩小范围再试。如仍然如此，请联系平台。"
        raise RuleError("given_up", sentence)
    counts = _renew(desk, mine, mine.kind) if mine.kind else {}
    if mine.work is Work.NUMBERS:
        _end(desk, mine, Event.FINISH, counts=counts)
        return
    file_id, left_out = _made(desk, base_url, mine, writers[mine.work])
    counts["left_out"] = len(left_out)
    _end(desk, mine, Event.FINISH, counts=counts, file_id=file_id, message=_told(left_out))


def _renew(desk: Desk, mine: Claim, kind: Kind) -> dict[str, int]:
    """Make the numbers that are missing, renew those that lapsed; return how many of each."""
    up_to = mine.renewed_up_to
    so_far = Generated(mine.counts.get("created", 0), mine.counts.get("renewed", 0))
    while True:
        with desk.sessions.begin() as session:
            if not (ids := next_people(session, mine, up_to, CHUNK)):
                return asdict(so_far)
            school = session.get_one(School, mine.scope.school_id)
            office = IssuingSchool(school, mine.by, desk.clock())
            so_far += generate.generate(session, desk.vault, office, ids, kind)
            up_to = ids[-1]
            made = so_far.created + so_far.renewed
            done = {"done": made} if mine.work is Work.NUMBERS else {}
            claims.write(session, mine, counts=asdict(so_far), renewed_up_to=up_to, **done)


def _made(desk: Desk, base_url: str, mine: Claim, write: Writer) -> tuple[int, list[LeftOut]]:
    """Build the file outside memory and store it; return its id and who is not in it."""
    at = desk.clock()

    def advance(done: int) -> None:
        with desk.sessions.begin() as session:
            claims.write(session, mine, done=done)

    with tempfile.TemporaryFile() as file, desk.readers.begin() as session:
        building = Building(session, VerificationSite(desk.vault, base_url), mine, at, advance)
        write(building, file)
        file.seek(0)
        ending, media_type = _form(mine.work, file.read(4))
        file.seek(0)
        made = Made(mine.scope.school_id, _name(mine, ending, at), media_type, file)
        stored = large_files.store(desk.sessions, desk.vault, made, at, at + KEPT_FOR)
    return stored, building.left_out


def _form(work: Work, beginning: bytes) -> tuple[str, str]:
    """Return ending and media type; a workbook begins like any archive."""
    if work in {Work.TABLE, Work.POSTING_LIST, *LISTS}:
        return "xlsx", workbook.MEDIA_TYPE
    return FORMS[beginning]


def _name(mine: Claim, ending: str, at: datetime) -> str:
    minute = at.astimezone(SHANGHAI).strftime("%Y%m%d_%H%M")
    return f"{title_of(mine.work, mine.kind)}_{mine.year}届_{minute}.{ending}"


def _told(left_out: list[LeftOut]) -> str:
    """Return how many are not in the file, by reason; nobody is named."""
    reasons = Counter(each.reason for each in left_out)
    said = "；".join(f"{number} 人{reason}" for reason, number in reasons.most_common(3))
    return f"没有列入：{said}"[:300] if said else ""


def _end(desk: Desk, mine: Claim, event: Event, **values: object) -> None:
    """End the task, forget whom it was for, and keep in the log what was done."""
    at = desk.clock()
    with desk.sessions.begin() as session:
        claims.move(session, mine, event, at, **values)
        session.execute(
            delete(OfficeTaskPerson)
            .where(OfficeTaskPerson.task_id == mine.id)
            .execution_options(synchronize_session=False)
        )
        task = session.get_one(OfficeTask, mine.id, populate_existing=True)
        details = {"kind": mine.kind, "people": mine.total, **task.counts}
        subject = f"office_task:{mine.key}"
        deed = audit.AuditRecord(
            mine.by, f"office_{mine.work}", subject, mine.scope.school_id, details
        )
        audit.note(session, deed, at)
