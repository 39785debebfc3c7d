"""Lists of names to take along: a short one at once, a long one made in the background."""

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
from registry.tasks import start
from registry.tasks.start import Asker, NameList
from runtime import wakeups
from runtime.jobs import Job
from wxapp.core.db import reading, writing
from wxapp.core.resources import now
from wxapp.school.door import staff_context

Lines = Callable[[Session], Iterator[Sequence[str]]]


def give(wanted: NameList, lines: Lines, record: AuditRecord) -> Response:
    """Send a list, or have it made where that could take longer than a page may."""
    procedure = PROCEDURES[wanted.kind]
    if wanted.total > procedure.soon:
        return _begin(wanted)
    return send(lines, procedure.title_of(wanted.asked), record)


def send(lines: Lines, title: str, record: AuditRecord) -> Response:
    """Send lines below their heading as a workbook; the log keeps who took how many."""
    file = BytesIO()
    with reading() as session:  # a write lock held for seconds would keep the senders waiting
        number = workbook.write(file, lines(session))
    with writing() as session:
        audit.note(session, replace(record, details={"rows": number, **record.details}), now())
    file.seek(0)
    name = f"{title}_{now().astimezone(SHANGHAI):%Y%m%d_%H%M}.xlsx"
    return send_file(file, workbook.MEDIA_TYPE, as_attachment=True, download_name=name)


def _begin(wanted: NameList) -> Response:
    """Have a list made in the background, and show how far it has come."""
    with writing() as session:
        asker = Asker(staff_context().staff.id, staff_context().scope, now())
        task = start.start_list(session, asker, wanted)
        wakeups.ask(session, Job.DO_TASK)
    return redirect(url_for("school.task", key=task.key), 303)
