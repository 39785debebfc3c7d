"""Lists of names to take along: each is made by a task, a short one before its page is shown."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from io import BytesIO

from flask import redirect, send_file, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from notifier.campaigns.recipient_lists import PROCEDURES
from registry.accounts import audit
from registry.accounts.audit import AuditRecord
from registry.base import workbook
from registry.base.clock import SHANGHAI
from registry.tasks import run, start
from registry.tasks.start import Asker, NameList
from runtime import wakeups
from runtime.jobs import Job
from wxapp.core import downloads
from wxapp.core.db import reading, writing
from wxapp.core.resources import now, resources
from wxapp.school.door import staff_context

Lines = Callable[[Session], Iterator[Sequence[str]]]


def begin(wanted: NameList, record: AuditRecord) -> Response:
    """Have a list made and show its page, where it is fetched; the log keeps who asked for it."""
    soon = wanted.total <= PROCEDURES[wanted.kind].soon
    with writing() as session:
        asker = Asker(staff_context().staff.id, staff_context().scope, now())
        task = start.start_list(session, asker, wanted)
        _note(session, record, wanted.total)
        if not soon:
            wakeups.ask(session, Job.DO_TASK)
    if soon:
        run.run_now(resources(), resources().settings.public_url, task.id, PROCEDURES)
    return redirect(url_for("school.task", key=task.key), 303)


def send(lines: Lines, title: str, record: AuditRecord) -> Response:
    """Send lines below their heading as a workbook; the log keeps who took how many."""
    file = BytesIO()
    with reading() as session:  # a write lock held for seconds would keep the senders waiting
        number = workbook.write(file, lines(session), stamp=downloads.stamp())
    with writing() as session:
        _note(session, record, number)
    file.seek(0)
    name = f"{title}_{now().astimezone(SHANGHAI):%Y%m%d_%H%M}.xlsx"
    return send_file(file, workbook.MEDIA_TYPE, as_attachment=True, download_name=name)


def _note(session: Session, record: AuditRecord, rows: int) -> None:
    audit.note(session, replace(record, details={"rows": rows, **record.details}), now())
