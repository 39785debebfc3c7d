"""Forwarding to the Ministry (转报): the signed file, its way there, and the receipt."""

from collections.abc import Callable
from datetime import date

from flask import redirect, render_template, request, url_for
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage

from registry.base.errors import NotFound, RuleError
from registry.base.iso_dates import day_of
from registry.province import batches, forwardings, receipts, refused_list
from registry.province.batches import Signature
from registry.province.forwarding_states import TITLES, ForwardingState
from registry.province.forwarding_tables import Forwarding
from registry.province.forwardings import NewForwarding
from registry.province.receipts import MinistryReceipt, RefusedRow
from registry.roster.titled_sheets import MAX_SHEET_BYTES
from registry.tasks import own_tasks, run
from registry.tasks.kinds import PROCEDURES
from registry.tasks.own_tasks import OwnTask
from registry.tasks.states import MOVING, TaskKind, TaskState
from registry.tasks.tables import Task
from runtime import wakeups
from runtime.jobs import Job
from wxapp.core import downloads, seeing, uploads
from wxapp.core.db import reading, writing
from wxapp.core.incoming import whole
from wxapp.core.refusals import status_of
from wxapp.core.resources import now, resources
from wxapp.province.door import blueprint, province_context

FORM_BYTES = 256 * 1024
TOO_LARGE = RuleError("too_large", f"文件超过 {MAX_SHEET_BYTES >> 20} MB，请核对。", "rows")
Act = Callable[[Session, Forwarding, Signature], None]


@blueprint.record
def _check_csrf_later(state: BlueprintSetupState) -> None:
    """Leave the token's check to `uploads`: it reads the body, which has to be allowed first."""
    uploads.csrf_of(state.app.extensions).exempt("wxapp.province.forwardings.enter_receipt")


@blueprint.get("/forwardings", endpoint="forwardings")
def show_forwardings() -> str:
    """Show what was forwarded, and which filed batches wait for it."""
    return _list()


def _list(refusal: RuleError | None = None, *, again: bool | None = None) -> str:
    province, year = province_context().province, province_context().year
    again = "again" in request.args if again is None else again
    before = request.args.get("before", "")
    with reading() as session:
        rows = forwardings.of_province(session, province, year, before)
        waiting = forwardings.forwardable(session, province, year, again=again)
    return render_template(
        "province/forwardings.html",
        rows=rows,
        waiting=waiting,
        again=again,
        refusal=refusal,
        titles=TITLES,
        has_key=bool(resources().forwarding_keys),
        older=rows[-1].key if len(rows) == forwardings.PAGE else None,
    )


@blueprint.post("/forwardings", endpoint="begin_forwarding")
def begin_forwarding() -> ResponseReturnValue:
    """Have the signed file of some filed batches made."""
    try:
        with writing() as session:
            begun, task = _begin(session)
            soon = task.total <= PROCEDURES[TaskKind.FORWARDING].soon
            if not soon:
                wakeups.ask(session, Job.DO_TASK)
    except RuleError as refusal:
        return _list(refusal, again="again" in request.form), status_of(refusal)
    if soon:
        run.run_now(resources(), resources().settings.public_url, task.id)
    return redirect(url_for("province.forwarding", key=begun.key), 303)


def _begin(session: Session) -> tuple[Forwarding, Task]:
    staff = province_context().staff
    wanted = NewForwarding(
        *(province_context().province, province_context().year),
        request.form.getlist("batch"),
        again="again" in request.form,
    )
    begun = forwardings.begin(session, wanted, batches.signature(staff), now())
    own = OwnTask(TaskKind.FORWARDING, {"forwarding": begun.key}, begun.total, begun.year)
    task = own_tasks.begin_for_staff(session, staff, own, now())
    begun.task_id = task.id
    return begun, task


@blueprint.get("/forwardings/<key>", endpoint="forwarding")
def show_forwarding(key: str) -> str:
    """Show one forwarding: what it holds, how it stands, and who was refused, with the reasons."""
    with reading() as session:
        return _page(session, key)


def _page(session: Session, key: str, refusal: RuleError | None = None) -> str:
    found = forwardings.find(session, province_context().province, key)
    refused = receipts.refused(session, found, request.args.get("after", ""))
    if refused:
        seeing.people([each.id for each in refused], {"forwarding": key})
    else:
        seeing.nobody()
    task = own_tasks.with_id(session, found.task_id)
    return render_template(
        "province/forwarding.html",
        forwarding=found,
        task=task,
        moving=task is not None and TaskState(task.state) in MOVING,
        parts=forwardings.batches_in(session, found),
        file=forwardings.file_of(session, found, now()),
        refused=refused,
        erased=receipts.erased_since(session, found),
        following=refused[-1].key if len(refused) == receipts.PAGE else None,
        given_back=request.args.get("given_back", type=whole),
        refusal=refusal,
        typed=uploads.typed() if request.method == "POST" else {},
        titles=TITLES,
        megabytes=MAX_SHEET_BYTES >> 20,
    )


def _done(key: str, act: Act) -> ResponseReturnValue:
    """Do something with a forwarding and show it; what is refused is said on its page."""
    signed = batches.signature(province_context().staff)
    try:
        with writing() as session:
            act(session, forwardings.find(session, province_context().province, key), signed)
    except NotFound:
        raise
    except RuleError as refusal:
        return _refused(key, refusal)
    return redirect(url_for("province.forwarding", key=key), 303)


def _refused(key: str, refusal: RuleError) -> ResponseReturnValue:
    with reading() as session:
        return _page(session, key, refusal), status_of(refusal)


@blueprint.post("/forwardings/<key>/send", endpoint="send_forwarding")
def send_forwarding(key: str) -> ResponseReturnValue:
    """Let the Ministry have the file."""

    def act(session: Session, found: Forwarding, signed: Signature) -> None:
        if found.state != ForwardingState.SENT:  # the same press twice
            forwardings.send(session, found, signed, now())

    return _done(key, act)


@blueprint.post("/forwardings/<key>/discard", endpoint="discard_forwarding")
def discard_forwarding(key: str) -> ResponseReturnValue:
    """Give a file up before it is sent."""

    def act(session: Session, found: Forwarding, signed: Signature) -> None:
        forwardings.discard(session, found, signed, now())

    return _done(key, act)


@blueprint.post("/forwardings/<key>/file", endpoint="fetch_forwarding")
def fetch_forwarding(key: str) -> ResponseReturnValue:
    """Send the signed file, and keep in the log who took it."""
    staff = province_context().staff
    with writing() as session:
        found = forwardings.find(session, province_context().province, key)
        file = forwardings.file_of(session, found, now())
        if file is None:
            raise NotFound("文件（保存 90 天）")
        forwardings.note(session, found, batches.signature(staff), "forwarding_file", now())
    return downloads.stored(file)


@blueprint.post("/forwardings/<key>/receipt", endpoint="enter_receipt")
def enter_receipt(key: str) -> ResponseReturnValue:
    """Enter the Ministry's receipt; its sum is checked, and who was refused comes back."""
    try:
        files = uploads.all_uploaded(MAX_SHEET_BYTES + FORM_BYTES, TOO_LARGE)
        receipt = _receipt(files.get("file"))
    except RuleError as refusal:
        return _refused(key, refusal)

    def act(session: Session, found: Forwarding, signed: Signature) -> None:
        receipts.receive(session, found, receipt, signed, now())

    return _done(key, act)


def _receipt(file: FileStorage | None) -> MinistryReceipt:
    form = request.form
    accepted, refused = form.get("accepted", type=whole), form.get("refused", type=whole)
    if accepted is None or refused is None:
        raise RuleError("counts_missing", "请填写接收和未接收的人数。", "accepted")
    number, day = form.get("number", ""), _day(form.get("on", ""))
    erased = form.get("erased", 0, type=whole)
    return MinistryReceipt(number, day, accepted, refused, _rows(file), erased)


def _day(text: str) -> date:
    try:
        return day_of(text)
    except ValueError:
        raise RuleError("day_missing", "请填写回执日期。", "on") from None


def _rows(file: FileStorage | None) -> list[RefusedRow]:
    if file is not None:
        return refused_list.read_file(file.stream.read())
    return refused_list.read_lines(request.form.get("rows", ""))


@blueprint.post("/forwardings/<key>/refused", endpoint="enter_refusal")
def enter_refusal(key: str) -> ResponseReturnValue:
    """Enter that the Ministry took nothing of the file."""

    def act(session: Session, found: Forwarding, signed: Signature) -> None:
        receipts.refuse_all(session, found, request.form.get("reason", ""), signed, now())

    return _done(key, act)


@blueprint.post("/forwardings/<key>/give-back", endpoint="give_back_refused")
def give_back_refused(key: str) -> ResponseReturnValue:
    """Give those whom the Ministry refused back to their schools, all of them or one."""
    signed, graduate = batches.signature(province_context().staff), request.form.get("graduate", "")
    with writing() as session:
        found = forwardings.find(session, province_context().province, key)
        number = receipts.give_back(session, found, signed, now(), graduate)
    return redirect(url_for("province.forwarding", key=key, given_back=number), 303)
