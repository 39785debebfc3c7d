"""The web: one folder a door. A view says who, what, do, show."""

from collections.abc import Callable, Iterable
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit
from wsgiref.types import StartResponse, WSGIEnvironment

from flask import Blueprint, Flask, has_request_context, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFProtect
from jinja2 import StrictUndefined
from typing_extensions import override
from werkzeug.middleware.proxy_fix import ProxyFix

from notifier.ledger import notices
from notifier.providers.face import Face
from notifier.providers.sms import CodeSender, Sms
from notifier.wechat.campuses import open_campuses
from notifier.wechat.gateway import open_gateway
from notifier.wechat.mini_program import open_mini_program
from runtime.redis_client import open_redis
from runtime.resources import Resources, open_resources
from runtime.settings import Settings, read_environment
from wxapp import account, api, employer, graduate, ministry, ops, province, school, verify
from wxapp.core import (
    campus,
    campus_arrival,
    health,
    privacy,
    read_session,
    second_step,
    session_end,
    sign_in,
    welcome,
)
from wxapp.core.addresses import Addresses, RowAddresses
from wxapp.core.assets import serve_assets_on
from wxapp.core.browser_session import keep_sessions_of
from wxapp.core.compression import compress_pages_on
from wxapp.core.document_uploads import allow_documents_on
from wxapp.core.errors import explain_errors_on
from wxapp.core.form_tokens import give_forms_tokens_on
from wxapp.core.headers import nonce, set_headers_on
from wxapp.core.incoming import refuse_unreadable_on
from wxapp.core.limits import limiter
from wxapp.core.logs import log_requests_of, note_error, trace_requests_of
from wxapp.core.resources import Gateway, OutsideServices, keep
from wxapp.core.retry import retry_if_given_up
from wxapp.core.rights import hold_rights_on
from wxapp.core.security_notices import show_notices_on
from wxapp.core.seeing import keep_sights_on
from wxapp.core.showing import show_values_on
from wxapp.core.template_environment import TemplateEnvironment
from wxapp.core.unindented import Unindented
from wxapp.core.unsent import forget_what_was_sent_on
from wxapp.wechat import callback, check_files, colleague, mini, oauth, page_script
from wxapp.wechat.pushes import PushDoor

ExcInfo = tuple[type, BaseException, TracebackType] | tuple[None, None, None]

TEMPLATES = Path(__file__).resolve().parent.parent / "templates"
FORM_BYTES = 256 * 1024
"""What a form may weigh: 5,000 student numbers are the most; a view that takes files raises it."""
LOOPBACK_6 = "[::1]"
LIMIT_SECONDS = 0.25
"""How long a request waits for Redis to count it, before it is counted in the process."""

DOORS: tuple[Blueprint, ...] = (
    health.blueprint,
    welcome.blueprint,
    privacy.blueprint,
    sign_in.blueprint,
    second_step.blueprint,
    campus.blueprint,
    campus_arrival.blueprint,
    session_end.blueprint,
    account.blueprint,
    oauth.blueprint,
    page_script.blueprint,
    check_files.blueprint,
    callback.blueprint,
    colleague.blueprint,
    *mini.blueprints,
    *graduate.blueprints,
    school.blueprint,
    province.blueprint,
    ministry.blueprint,
    *employer.blueprints,
    ops.blueprint,
    *verify.blueprints,
    *api.blueprints,
)


class Application(Flask):
    """Flask, but an exception's own words stay out of the log: they may hold personal data."""

    jinja_environment = TemplateEnvironment

    @override
    def url_for(self, /, endpoint: str, **values: Any) -> str:
        if not has_request_context():
            return super().url_for(endpoint, **values)
        if endpoint.startswith("."):  # else the door that is meant would add nothing yet
            endpoint = f"{request.blueprint}{endpoint}" if request.blueprint else endpoint[1:]
        self.inject_url_defaults(endpoint, values)
        return self.addresses.find(super().url_for, endpoint, values)

    def row_addresses(self, endpoint: str, **values: object) -> RowAddresses:
        """Return what gives the addresses of a list's rows by their keys."""
        return RowAddresses(self.url_for, endpoint, values)

    @cached_property
    def addresses(self) -> Addresses:
        """Return the addresses that are kept."""
        return Addresses()

    @override
    def log_exception(self, exc_info: ExcInfo) -> None:
        note_error(exc_info[1])

    @override
    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        return func  # none of ours is a coroutine, and Flask would look twenty times a page

    @override
    def dispatch_request(self) -> ResponseReturnValue:
        return retry_if_given_up(self, super().dispatch_request)


def __getattr__(name: str) -> Flask:
    """Make `app` by the settings, for Flask's own commands (`flask --app wxapp routes`)."""
    if name != "app":
        raise AttributeError(name)
    resources = open_resources(read_environment(), notices.write)
    settings, clock = resources.settings, resources.clock
    gateway = open_gateway(settings, resources.redis, clock)
    return create_app(resources, gateway, Sms(settings, clock))


def create_app(resources: Resources, gateway: Gateway, sms: CodeSender) -> Flask:
    """Make the application of one web process."""
    settings = resources.settings
    app = Application(__name__, static_folder=None, template_folder=TEMPLATES)
    app.config.update(_config(settings))
    keep(app, resources, _outside(gateway, sms, resources))
    keep_sessions_of(app, resources)
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.add_extension(Unindented)
    app.jinja_env.globals.update(csp_nonce=nonce, row_addresses=app.row_addresses)
    show_values_on(app, resources.clock)
    session_end.tell_pages_on(app)
    read_session.close_on(app)
    compress_pages_on(app)  # the first told is the last to be asked
    serve_assets_on(app)
    set_headers_on(app, settings)
    log_requests_of(app)
    refuse_unreadable_on(app)
    explain_errors_on(app)
    allow_documents_on(app)
    _protect(app)
    give_forms_tokens_on(app)
    hold_rights_on(app)
    show_notices_on(app)
    keep_sights_on(app)
    forget_what_was_sent_on(app)
    for door in DOORS:
        app.register_blueprint(door)
    trace_requests_of(app)
    _name_loopback(app)
    _believe_proxies(app, settings.proxies)
    app.wsgi_app = PushDoor(app.wsgi_app, resources)  # type: ignore[method-assign]  # as above
    return app


def _outside(gateway: Gateway, sms: CodeSender, resources: Resources) -> OutsideServices:
    settings = resources.settings
    face = Face(settings, resources.clock)
    campuses = open_campuses(resources)
    mini = open_mini_program(settings, resources.redis, resources.clock)
    return OutsideServices(gateway, sms, face, campuses, mini)


def _config(settings: Settings) -> dict[str, object]:
    host = urlsplit(settings.public_url).hostname or ""
    limits = open_redis(settings.redis_url, LIMIT_SECONDS)
    return {
        "DEBUG": False,  # whatever the environment says to Flask
        "SECRET_KEY": settings.secret_key.get_secret_value(),
        "MAX_CONTENT_LENGTH": FORM_BYTES,
        "TRUSTED_HOSTS": sorted({host, "localhost", "127.0.0.1"}),
        "PREFERRED_URL_SCHEME": urlsplit(settings.public_url).scheme,
        "WTF_CSRF_TIME_LIMIT": None,  # the session ends first
        "RATELIMIT_STORAGE_URI": "redis://",  # the pool says where
        "RATELIMIT_STORAGE_OPTIONS": {"connection_pool": limits.connection_pool},
    }


def _protect(app: Flask) -> None:
    CSRFProtect(app)
    limiter.init_app(app)


def _name_loopback(app: Flask) -> None:
    """Have IPv6's loopback go by the name of IPv4's: Werkzeug trusts no host in brackets."""
    inner = app.wsgi_app

    def named(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        host = environ.get("HTTP_HOST", "")
        if host.startswith(LOOPBACK_6):
            environ["HTTP_HOST"] = f"localhost{host.removeprefix(LOOPBACK_6)}"
        return inner(environ, start_response)

    app.wsgi_app = named  # type: ignore[method-assign]  # Flask's documented place for it


def _believe_proxies(app: Flask, proxies: int) -> None:
    if proxies:
        fixed = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies, x_host=0)
        app.wsgi_app = fixed  # type: ignore[method-assign]  # Flask's documented place for it
