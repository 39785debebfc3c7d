"""Where the school posts files from (寄件地址), as envelopes and labels say it."""

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from registry.accounts import audit, schools
from registry.base.errors import RuleError
from registry.base.text import clean, folded_number
from registry.codes import parsing
from registry.record.scope import school_of
from wxapp.core.db import reading, writing
from wxapp.core.refusals import status_of
from wxapp.core.resources import now
from wxapp.school.door import blueprint, school_only, staff_context

LONGEST = 200
TITLES = {"post_address": "寄件地址", "post_code": "邮政编码"}


@blueprint.get("/settings/sender", endpoint="sender")
def show_sender() -> str:
    """Show the address files are posted from."""
    school_only()
    with reading() as session:
        school = school_of(session, staff_context().scope)
        return _page(school.post_address, school.post_code, None)


def _page(address: str, code: str, refusal: RuleError | None) -> str:
    return render_template(
        "school/sender.html",
        address=address,
        code=code,
        refusal=refusal,
        longest=LONGEST,
        saved="saved" in request.args,
    )


@blueprint.post("/settings/sender")
def save_sender() -> Response | tuple[str, int]:
    """Set the address, and keep in the log what it was."""
    school_only()
    typed = (request.form.get("address", ""), request.form.get("code", ""))
    try:
        address, code = _read(*typed)
        with writing() as session:
            school = school_of(session, staff_context().scope)
            before = {name: getattr(school, name) for name in TITLES}
            schools.set_sender(session, school, address, code)
            after = {name: getattr(school, name) for name in TITLES}
            said = {"changes": audit.changes(TITLES, before, after)}
            record = staff_context().audit_record("sender_set", f"school:{school.key}", said)
            audit.note(session, record, now())
    except RuleError as refusal:
        return _page(*typed, refusal), status_of(refusal)
    return redirect(url_for("school.sender", saved=""), 303)


def _read(address: str, code: str) -> tuple[str, str]:
    kept = clean(address)
    if len(kept) > LONGEST:
        raise RuleError("address_too_long", f"寄件地址请控制在 {LONGEST} 字以内。", "address")
    if not folded_number(code):
        return kept, ""
    try:
        return kept, parsing.postcode(code)
    except RuleError as refusal:
        raise RuleError(refusal.code, refusal.sentence, "code") from None
