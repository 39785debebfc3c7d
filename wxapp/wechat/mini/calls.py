"""What the mini program calls: the notice, the sign-in by WeChat's phone, its end.

No cookie counts here: a code of WeChat's says who it is, or the secret that the device keeps.
"""

from collections.abc import Mapping

from flask import Blueprint, Response, render_template
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from prometheus_client import Counter
from sqlalchemy.orm import Session

from notifier.binding import bind_by_phone
from notifier.ledger import bindings, kinds, mini_allowances, mini_users
from notifier.ledger.mini_tables import MiniTemplate
from notifier.wechat.errors import GatewayError
from notifier.wechat.mini_program import MiniProgram, MiniVisitor
from registry.accounts import handovers, sessions
from registry.accounts.handovers import Handover
from registry.base.database import database_now
from registry.base.errors import RuleError
from registry.codes import identity
from registry.record import consents, privacy_notice
from registry.record.consents import ConsentPurpose
from registry.record.privacy_notice import Notice
from registry.record.tables import Graduate
from wxapp.core import proven_phone, uploads
from wxapp.core.db import reading, writing
from wxapp.core.errors import MINI_PROGRAM
from wxapp.core.limits import BINDING_ADDRESS, limiter
from wxapp.core.logs import note_error
from wxapp.core.privacy import kept_terms
from wxapp.core.record_choice import MESSAGE
from wxapp.core.resources import now, resources, services
from wxapp.core.targets import HOME, TARGETS
from wxapp.wechat.mini import plain_text
from wxapp.wechat.mini.answers import LOGIN, PHONE, refuse, refuse_by, refuse_for
from wxapp.wechat.mini.asked import DeviceRequest, LoginRequest, NoticesRequest, read
from wxapp.wechat.mini.enter import FRESH, TARGET

CONSENT = "同意并使用微信手机号登录"
ACCEPTED = "accept"
"""How an answer begins that allows a notice: some phones say with what sound (acceptWithAudio)."""
ANSWERED = frozenset({ACCEPTED, "reject", "ban", "filter"})
OTHER = "other"
ANSWERS = Counter("quxiang_notice_answers", "Answers to whether a notice is wanted.", ["answer"])
blueprint = Blueprint(MINI_PROGRAM, __name__, url_prefix="/wechat/mini")


@blueprint.record
def _need_no_form_token(state: BlueprintSetupState) -> None:
    """Leave the token out: no cookie says who asks, so another site's page gains nothing."""
    uploads.csrf_of(state.app.extensions).exempt(state.blueprint)


@blueprint.before_request
def _let_in() -> Response | None:
    return None if services().mini_program else refuse("mini_off")


@blueprint.errorhandler(RuleError)
def _refused(refusal: RuleError) -> Response:
    return refuse(refusal.code)


@blueprint.get("/privacy")
@limiter.limit(BINDING_ADDRESS)
def privacy() -> ResponseReturnValue:
    """Return the notice that is shown above the button."""
    with reading() as session:
        notice = privacy_notice.before_binding(session)
    page = render_template("privacy/text.html", notice=notice, kept=kept_terms())
    return {
        "version": notice.version,
        "title": "个人信息处理说明",
        "paragraphs": plain_text.paragraphs(page),
        "consent": CONSENT,
    }


@blueprint.post("/login")
@limiter.limit(BINDING_ADDRESS)
def login() -> ResponseReturnValue:
    """Sign in who is bound, or whose phone is one person's; lead all others to the form."""
    asked, mini = read(LoginRequest), services().mini_program
    assert mini is not None, "the door is shut without"
    refusal = _missing_consent(asked)
    if refusal is not None:
        return refusal
    try:
        visitor = mini.visitor(asked.login_code)
    except GatewayError as error:
        note_error(error)
        return refuse_for(error, LOGIN)
    with writing() as session:
        openid = mini_users.arrive(session, visitor.openid, visitor.unionid, now())
        is_bound = bool(bindings.records_of(session, openid))
    if is_bound or asked.phone_code is None:
        return _hand_over(asked, openid)
    return _by_phone(asked, mini, visitor, openid)


def _missing_consent(asked: LoginRequest) -> Response | None:
    """Return the refusal of who gives a phone and did not agree to the text that holds now."""
    if asked.phone_code is None:
        return None
    if not asked.consent_version:
        return refuse("consent_missing")
    with reading() as session:
        notice: Notice = privacy_notice.before_binding(session)
    return refuse("notice_changed") if asked.consent_version != notice.version else None


def _by_phone(
    asked: LoginRequest, mini: MiniProgram, visitor: MiniVisitor, openid: str
) -> ResponseReturnValue:
    """Bind who alone has registered the phone that WeChat knows; lead all others to the form."""
    number = _number(asked.phone_code or "", mini, visitor)
    if isinstance(number, Response):
        return number
    found = _bind(asked, number, openid) if number else None
    if isinstance(found, RuleError):
        return refuse_by(found)
    if found is not None:
        return _hand_over(asked, openid, {FRESH: True})
    return _hand_over(asked, openid, proven_phone.sealed(openid, number) if number else None)


def _number(code: str, mini: MiniProgram, visitor: MiniVisitor) -> str | Response:
    """Ask WeChat for the phone, which costs a fee; return it normalised, "" for one from abroad."""
    with writing() as session:
        spent = bind_by_phone.count_number(session, resources().vault, visitor.openid, now())
    if spent is not None:
        return refuse_by(spent)
    try:
        phone = mini.phone(code, visitor.openid)
    except GatewayError as error:
        note_error(error)
        return refuse_for(error, PHONE)
    number = identity.normalised_phone(phone.number)
    return number if phone.of_china and identity.is_mobile(number) else ""


def _bind(asked: LoginRequest, number: str, openid: str) -> Graduate | RuleError | None:
    with writing() as session:
        openid = mini_users.identity_of(session, openid)  # WeChat was asked since it was read
        found = bind_by_phone.sign_in(session, resources().vault, number, openid, now())
        if isinstance(found, Graduate):
            records = [each.id for each in bindings.records_of(session, openid)]
            notice = asked.consent_version or ""
            consents.give(session, records, ConsentPurpose.BINDING, notice, now())
    return found


def _hand_over(
    asked: LoginRequest, openid: str, more: Mapping[str, object] | None = None
) -> ResponseReturnValue:
    """Return what opens a session in the web-view, once, within a minute."""
    target = asked.to if asked.to in TARGETS else HOME
    content = {TARGET: target, **(more or {})} | ({MESSAGE: asked.message} if asked.message else {})
    with writing() as session:
        openid = mini_users.identity_of(session, openid)
        is_bound = bool(bindings.records_of(session, openid))
        follows = mini_users.follows(session, openid)
        handover = Handover(openid, asked.device, content)
        token = handovers.give_out(session, handover, now())
    return {
        "outcome": "signed_in" if is_bound else "identify",
        "follow": not follows,
        "open": f"{resources().settings.public_url}/wechat/mini/enter#{token}",
    }


@blueprint.get("/notices")
@limiter.limit(BINDING_ADDRESS)
def notices() -> ResponseReturnValue:
    """Return the templates of one-time notices that she may allow."""
    with reading() as session:
        offered = _offered(session)
    shown = [(each.template_id, kinds.kinds()[each.kind].title) for each in offered]
    return {"templates": [{"id": ident, "title": title} for ident, title in shown]}


@blueprint.post("/notices")
@limiter.limit(BINDING_ADDRESS)
def allow_notices() -> ResponseReturnValue:
    """Note what she answered: each yes allows one notice."""
    asked = read(NoticesRequest)
    with writing() as session:
        row = sessions.find_of_device(session, asked.secret, now())
        whose = mini_allowances.of_identity(session, row.openid) if row and row.openid else None
        if whose is None:
            return refuse("signed_out")
        known = {each.template_id for each in _offered(session)}
        yes = {each for each, said in asked.answers.items() if said.startswith(ACCEPTED)}
        # By the ledger's clock, as the failures of messages are that it is compared with.
        mini_allowances.allow(session, whose, yes & known, database_now(session))
    for said in asked.answers.values():
        ANSWERS.labels(said if said in ANSWERED else OTHER).inc()
    return "", 204


def _offered(session: Session) -> list[MiniTemplate]:
    named = resources().settings.mini_notices
    return mini_allowances.offered(session, [kind for kind, _ in named])


@blueprint.post("/session")
@limiter.limit(BINDING_ADDRESS)
def state() -> ResponseReturnValue:
    """Say whether the session that a device opened still lasts."""
    asked = read(DeviceRequest)
    with reading() as session:
        row = sessions.find_of_device(session, asked.secret, now())
    return {"signed_in": row is not None}


@blueprint.post("/sign-out")
@limiter.limit(BINDING_ADDRESS)
def sign_out() -> ResponseReturnValue:
    """End the sessions that a device opened; a second call changes nothing."""
    device = sessions.hash_of(read(DeviceRequest).secret)
    with writing() as session:
        handovers.end_of_device(session, device)
        sessions.end_of_device(session, device)
    return "", 204
