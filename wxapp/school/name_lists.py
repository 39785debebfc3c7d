"""Lists of names to take along: each is made by a task, a short one before its page is shown."""

from dataclasses import replace

from flask import redirect, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from notifier.campaigns.recipient_lists import PROCEDURES
from registry.accounts import audit
from registry.accounts.audit import AuditRecord
from registry.tasks import run, start
from registry.tasks.start import Asker, NameList
from runtime import wakeups
from runtime.jobs import Job
from wxapp.core.db import writing
from wxapp.core.resources import now, resources
from wxapp.school.door import staff_context


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


def _note(session: Session, record: AuditRecord, rows: int) -> None:
    audit.note(session, replace(record, details={"rows": rows, **record.details}), now())
