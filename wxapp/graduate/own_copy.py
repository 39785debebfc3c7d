"""A copy of all that is kept about her (个人信息副本), made in the background once she is proven.

Her face proves her, where that is set up, or a code to her phone. The file is for the browser
session that was proven, for two hours, and for nobody else.
"""

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from registry.accounts import audit
from registry.accounts.audit import AuditRecord
from registry.base.errors import NotFound, RuleError
from registry.tasks import own_tasks
from registry.tasks.states import MOVING, TaskState
from registry.tasks.tables import Task
from runtime import wakeups
from runtime.jobs import Job
from wxapp.core import downloads
from wxapp.core.browser_session import browser
from wxapp.core.db import reading, writing
from wxapp.core.limits import BINDING, limiter
from wxapp.core.refusals import status_of
from wxapp.core.resources import now
from wxapp.core.who import current_graduate
from wxapp.graduate import face_proof, second_proof
from wxapp.graduate.face_proof import FaceProof
from wxapp.graduate.privacy import blueprint, records

ACT = "own copy"
"""What a second proof is for that has the copy made."""


def _this_browser() -> str:
    return browser().token_hash


@blueprint.get("/copy")
def ask_copy() -> ResponseReturnValue:
    """Show how her copy stands, or ask for the proof that it is she."""
    return _page()


def _page(refusal: RuleError | None = None) -> ResponseReturnValue:
    with reading() as session:
        task = _newest(session)
        file = own_tasks.file_of(session, task, now()) if task else None
        proof = second_proof.shown(session, ACT)
    state = TaskState(task.state) if task else None
    page = render_template(
        "graduate/own_copy.html",
        file=file,
        moving=state in MOVING,
        failed=task.message if task and state is TaskState.REFUSED else "",
        refusal=refusal,
        **proof,
    )
    return page, status_of(refusal) if refusal else 200


def _newest(session: Session) -> Task | None:
    return own_tasks.newest_for_graduate(session, records(session), browser().token_hash)


@blueprint.post("/copy/code")
@limiter.limit(BINDING, key_func=_this_browser)
def send_code() -> ResponseReturnValue:
    """Send a code to her phone."""
    with writing() as session:
        refusal = second_proof.send_code(session, ACT)
    return redirect(url_for("own_data.ask_copy"), 303) if refusal is None else _page(refusal)


@blueprint.post("/copy")
@limiter.limit(BINDING, key_func=_this_browser)
def copy() -> ResponseReturnValue:
    """Have the copy made for who is proven; a second press finds the first's."""
    who = current_graduate()
    with writing() as session:
        task = _newest(session)
        if task and (task.state in MOVING or own_tasks.file_of(session, task, now())):
            return redirect(url_for("own_data.ask_copy"), 303)
        refusal = second_proof.use_up(session, ACT)
        if refusal is None:
            hash_of = browser().token_hash
            own_tasks.begin_for_graduate(session, who, records(session), hash_of, now())
            wakeups.ask(session, Job.DO_TASK)
    return redirect(url_for("own_data.ask_copy"), 303) if refusal is None else _page(refusal)


@blueprint.post("/copy/file")
def fetch_copy() -> ResponseReturnValue:
    """Send the copy to the browser session that was proven; that it was fetched is in her log."""
    who = current_graduate()
    with writing() as session:
        task = _newest(session)
        file = own_tasks.file_of(session, task, now()) if task else None
        if file is None:
            raise NotFound("文件（保存 2 小时）")
        subject = f"{audit.GRADUATE}{who.key}"
        audit.note(session, AuditRecord(subject, "own_copy", subject, who.school_id), now())
    return downloads.stored(file)


def _act() -> str:
    return ACT


face_proof.serve(
    blueprint,
    "/copy/face",
    FaceProof(_act, _page, page="own_data.ask_copy", over="own_data.ask_copy"),
)
