"""Makes numbers and files for many people: the numbers first, some a transaction, then the file.

What a lost worker had done stays done: the next one goes on behind it, and only builds the file
anew.
"""

import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import IO

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.accounts.audit import AuditRecord
from registry.accounts.school_tables import School
from registry.base import large_files, retention, typesetting, workbook
from registry.base.clock import SHANGHAI
from registry.base.large_files import Made
from registry.numbers.reports import VerificationSite
from registry.numbers.shape import Kind
from registry.numbers.transfer import generate
from registry.numbers.transfer.generate import Generated, IssuingSchool
from registry.tasks import claims
from registry.tasks.claims import Claim
from registry.tasks.people import Building, LeftOut, next_people
from registry.tasks.procedure import Running
from registry.tasks.states import TaskEvent, TaskKind
from registry.tasks.tables import Task

CHUNK = 4000
"""People whose numbers are made in one transaction: half a second of locks, few looks."""
KEPT_FOR = retention.TASK_FILE
"""How long a file that was made can be fetched."""

Writer = Callable[[Building, IO[bytes]], None]

FORMS = {
    b"%PDF": ("pdf", typesetting.MEDIA_TYPE),
    b"PK\x03\x04": ("zip", "application/zip"),
}
"""A file's ending and media type by how it begins, where it is no workbook."""


@dataclass(frozen=True)
class Keeping:
    """How a file that is made is kept, and for whom."""

    is_workbook: bool
    kept_for: timedelta = KEPT_FOR
    is_askers_own: bool = False
    """Whether nobody but who asked may fetch it: it is then no school's."""


def make_numbers(running: Running) -> None:
    """Make the numbers that are missing, and renew those that lapsed."""
    running.end(TaskEvent.FINISH, counts=_renewed(running))


def make_file(running: Running, *, write: Writer, is_workbook: bool) -> None:
    """Make or renew the numbers the file needs, then the file itself."""
    counts = _renewed(running)
    file_id, left_out = _made(running, write, Keeping(is_workbook))
    counts["left_out"] = len(left_out)
    message = _told(left_out)
    running.end(TaskEvent.FINISH, counts=counts, file_id=file_id, message=message)


def make_own_file(running: Running, *, write: Writer, keeping: Keeping) -> None:
    """Make a file for who asked and nobody else, and no numbers."""
    file_id, _ = _made(running, write, keeping)
    running.end(TaskEvent.FINISH, file_id=file_id)


def audited(claim: Claim, task: Task) -> AuditRecord:
    """Return what the log keeps, of a refused task too: its numbers may have been made."""
    details = {"kind": claim.number_kind, "people": claim.total, **task.counts}
    subject = f"office_task:{claim.key}"
    return AuditRecord(claim.by, f"office_{claim.kind}", subject, claim.scope.school_id, details)


def _renewed(running: Running) -> dict[str, int]:
    """Make or renew numbers, where the task is about any; return how many of each."""
    if (kind := running.claim.number_kind) is None:
        return {}
    counts = running.claim.counts
    so_far = Generated(counts.get("created", 0), counts.get("renewed", 0))
    up_to = running.claim.resume_after
    while found := _renew_some(running, kind, up_to, so_far):
        up_to, so_far = found
    return asdict(so_far)


def _renew_some(
    running: Running, kind: Kind, up_to: int, so_far: Generated
) -> tuple[int, Generated] | None:
    """See to the next people, behind a graduate's id; None where nobody is left."""
    mine, resources = running.claim, running.resources
    with resources.sessions.begin() as session:
        if not (ids := next_people(session, mine, up_to, CHUNK)):
            return None
        school = session.get_one(School, mine.scope.school_id)
        office = IssuingSchool(school, mine.by, resources.clock())
        so_far += generate.generate(session, resources.vault, office, ids, kind)
        made = so_far.created + so_far.renewed
        done = {"done": made} if mine.kind is TaskKind.NUMBERS else {}
        claims.write(session, mine, counts=asdict(so_far), resume_after=ids[-1], **done)
    return ids[-1], so_far


def _made(running: Running, write: Writer, keeping: Keeping) -> tuple[int, list[LeftOut]]:
    """Build the file outside memory and store it; return its id and who is not in it."""
    resources, at = running.resources, running.resources.clock()
    site = VerificationSite(resources.vault, running.base_url)
    with tempfile.TemporaryFile() as file, resources.readers.begin() as session:
        building = Building(session, site, running.claim, at, _teller(running, session))
        write(building, file)
        file.seek(0)
        beginning = file.read(4)  # a workbook begins like any archive
        form = ("xlsx", workbook.MEDIA_TYPE) if keeping.is_workbook else FORMS[beginning]
        file.seek(0)
        whose = None if keeping.is_askers_own else running.claim.scope.school_id
        made = Made(whose, _name(running, form[0], at), form[1], file)
        until = at + keeping.kept_for
        stored = large_files.store(resources.sessions, resources.vault, made, at, until)
    return stored, building.left_out


def _teller(running: Running, reading: Session) -> Callable[[int], None]:
    """Return what notes how many people are done, and shows the database that we still read.

    PostgreSQL ends a transaction that asked nothing for a minute; the pages of the thousand people
    that are read together take longer on a slow machine.
    """

    def tell(done: int) -> None:
        running.write(done=done)
        reading.execute(select(1))

    return tell


def _name(running: Running, ending: str, at: datetime) -> str:
    minute = at.astimezone(SHANGHAI).strftime("%Y%m%d_%H%M")
    title = running.procedure.title_of(running.claim.asked)
    cohort = f"_{running.claim.year}届" if running.claim.year else ""
    return f"{title}{cohort}_{minute}.{ending}"


def _told(left_out: list[LeftOut]) -> str:
    """Return how many are not in the file, by reason; nobody is named."""
    reasons = Counter(each.reason for each in left_out)
    said = "；".join(f"{number} 人{reason}" for reason, number in reasons.most_common(3))
    return f"没有列入：{said}"[:300] if said else ""
