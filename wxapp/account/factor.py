"""One's own second factor (二次验证): on, another phone, new backup codes, off."""

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from registry.accounts import staff as staff_rules
from registry.accounts.tables import Staff
from registry.base.errors import RuleError
from registry.second_factor import factor
from wxapp.account.door import blueprint
from wxapp.account.prove import prove_anew
from wxapp.core import campus_session, second_step
from wxapp.core.db import reading, writing
from wxapp.core.limits import SIGN_IN, limiter
from wxapp.core.refusals import status_of
from wxapp.core.who import current_staff, must_have_second_factor


@blueprint.get("/factor", endpoint="factor")
def show_factor() -> str:
    """Show how the second factor stands, and what can be done."""
    return _page(None)


def _page(refusal: RuleError | None) -> str:
    me = current_staff()
    with reading() as session:
        left = factor.codes_left(session, me.id)
    return render_template(
        "account/factor.html",
        codes_left=left,
        most=factor.BACKUP_CODES,
        required=must_have_second_factor(me),
        refusal=refusal,
    )


@blueprint.post("/factor/phone")
@limiter.limit(SIGN_IN)
def set_up_phone() -> ResponseReturnValue:
    """Lead to setting a phone up, once the password (or a code, where one is set up) is right."""
    with writing() as session:
        refusal = prove_anew(session, current_staff(), "factor_replace")
    if refusal is not None:
        return _page(refusal), status_of(refusal)
    second_step.let_set_up()
    return redirect(url_for("second_step.set_up"), 303)


@blueprint.post("/factor/codes")
@limiter.limit(SIGN_IN)
def make_codes() -> ResponseReturnValue:
    """Make new backup codes, shown in this answer and never again."""
    me, codes = _with_factor(), []
    with writing() as session:
        refusal = second_step.check_code(session, me, "backup_codes_make")
        if refusal is None:
            codes = factor.make_backup_codes(session, me.id)
    if refusal is not None:
        return _page(refusal), status_of(refusal)
    return second_step.codes_page(codes)


@blueprint.post("/factor/off")
@limiter.limit(SIGN_IN)
def turn_off() -> ResponseReturnValue:
    """Turn it off, where the role may do without; every other session ends."""
    me = _with_factor()
    if must_have_second_factor(me):
        raise RuleError("factor_required", "您的账号须使用二次验证，不能关闭。可以更换手机。")
    with writing() as session:
        refusal = second_step.check_code(session, me, "factor_off")
        mine = staff_rules.lock(session, me.id)
        if refusal is None:
            factor.turn_off(session, mine)
    if refusal is not None:
        return _page(refusal), status_of(refusal)
    second_step.become(mine, campus_session.kept())
    return redirect(url_for("account.factor"), 303)


def _with_factor() -> Staff:
    me = current_staff()
    if me.second_factor_since is None:
        raise RuleError("factor_is_off", "尚未开启二次验证。")
    return me
