"""`quxiang check`: says what is missing or wrong, and what to do about it."""

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

import requests
from redis import RedisError
from sqlalchemy import URL, make_url, select
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from commands.answers import Answer, Refused, runs
from commands.opening import env_file_of_environment, opened_resources, settings_of_environment
from notifier.ledger import kinds
from notifier.ledger.tables import AccountTemplate
from notifier.providers import virus_scan
from notifier.providers.campus import CampusAway, CampusServer
from notifier.wechat import mini_templates
from notifier.wechat.campuses import open_campuses
from notifier.wechat.errors import GatewayError
from notifier.wechat.gateway import open_gateway
from notifier.wechat.mini_program import MiniProgram, open_mini_program
from registry.accounts import schools
from registry.accounts.audit_log import chain, guards
from registry.base import working_days
from registry.base.database import random_key
from registry.base.database_fitness import unfitness
from registry.base.objects import ObjectMissing, StoreAway
from runtime import schema
from runtime.addresses import is_this_machine
from runtime.redis_client import prove_writable
from runtime.resources import Resources
from runtime.schema import Version
from runtime.settings import Settings, unread_names

OK = ""
SMS_SETTINGS = ("sms_secret_id", "sms_secret_key", "sms_app_id", "sms_sign_name", "sms_template_id")
OUTSIDE = ("wechat_api_url", "wechat_open_url", "sms_url", "face_url")
VERIFIED = ("verify-ca", "verify-full")
_LIBPQS_ADVICE = "Either provide the file"
"""With `require` alone the other side may be anybody (PostgreSQL's manual, libpq 34.19)."""
CONTROL = "/control/settings"  # of the sandbox, and of nothing else
SECONDS = 5
CONSOLE = """in WeChat's console (docs/wechat.md) there have to be:
        服务器配置: {url}/wechat/callback, 安全模式, QUXIANG_WECHAT_TOKEN and QUXIANG_WECHAT_AES_KEY
        IP 白名单: the outgoing address of every host that runs web or worker
        网页授权域名, JS 接口安全域名, 业务域名: {host}, with the file of each below it
        模板消息: the templates, matched as said above; then quxiang wechat menu push"""
FACE_SETTINGS = ("face_secret_id", "face_secret_key", "face_rule_id")


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at; `wrong` says what to do, and is empty where all is well."""

    name: str
    wrong: str = OK
    note: str = ""
    """What to know where all is well."""

    @property
    def line(self) -> str:
        """Return it for people."""
        return f"{'wrong' if self.wrong else 'ok':6}{self.name}  {self.wrong or self.note}"


_UNWRITABLE = "messages go on, slowly; it is full, a copy, one of a cluster, or its user may not"
TABLES = {
    Version.CURRENT: Finding("database"),
    Version.BEHIND: Finding("database", "its tables are old: quxiang db upgrade"),
    Version.AHEAD: Finding("database", note="its tables are newer than this program"),
}


def fill(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments."""
    runs(parser, _check)


def _check(_options: argparse.Namespace) -> Answer:
    settings = settings_of_environment()
    with opened_resources(settings) as resources:
        findings = [_names(), *(look(resources) for look in LOOKS)]
    lines = [each.line for each in findings]
    facts = {each.name: each.wrong or each.note or "ok" for each in findings}
    if any(each.wrong for each in findings):
        raise Refused("check", "\n".join(lines), facts)
    return Answer(facts, "\n".join(lines))


def _names() -> Finding:
    """Look for settings that nothing reads; their values are read already, and right."""
    unread = unread_names(env_file_of_environment())
    if not unread:
        return Finding("settings")
    return Finding("settings", f"nothing reads {', '.join(unread)}: misspelt?")


def _database(resources: Resources) -> Finding:
    try:
        if unfit := unfitness(resources.engine):
            return Finding("database", unfit.sentence)
        found = schema.version(resources.engine)
    except SQLAlchemyError as error:
        return Finding("database", f"does not answer ({_said(error)}): see QUXIANG_DATABASE_URL")
    return TABLES[found]


def _said(error: SQLAlchemyError) -> str:
    """Return what stood in the way of connecting; of any other error the class alone."""
    cause = getattr(error, "orig", None) or error
    if not isinstance(error, OperationalError) or error.statement is not None:
        return type(cause).__name__
    lines = str(cause).strip().splitlines()
    if lines[-1].startswith(_LIBPQS_ADVICE):  # to look no more at certificates, among others
        return f"{lines[-2]}; append &sslrootcert=FILE, the certificate of its authority"
    return lines[-1]


def _redis(resources: Resources) -> Finding:
    try:
        resources.redis.ping()
    except RedisError as error:
        return Finding("redis", f"does not answer ({type(error).__name__}): see QUXIANG_REDIS_URL")
    try:
        prove_writable(resources.redis)
    except RedisError as error:
        return Finding("redis", f"takes no writes ({type(error).__name__}): {_UNWRITABLE}")
    return Finding("redis")


def _wechat(resources: Resources) -> Finding:
    gateway = open_gateway(resources.settings, resources.redis, resources.clock)
    try:
        gateway.templates()
    except GatewayError as error:
        return Finding("wechat", f"refuses us: {error}")
    return Finding("wechat")


def _templates(resources: Resources) -> Finding:
    try:
        with resources.readers() as session:
            known = session.scalars(
                select(AccountTemplate.kind).where(AccountTemplate.present.is_(True))
            ).all()
    except SQLAlchemyError:
        return Finding("templates", "cannot be looked at without the database")
    missing = [kind.title for kind in kinds.with_templates() if kind.name not in set(known)]
    if missing:
        names = "、".join(missing)
        return Finding("templates", f"not matched: {names}; quxiang wechat templates sync")
    return Finding("templates")


def _audit_log(resources: Resources) -> Finding:
    """Look whether the database holds the audit log, and whether it is being chained."""
    try:
        with resources.readers() as session:
            found = guards.faults(session)
            number, oldest = chain.unchained(session)
    except SQLAlchemyError:
        return Finding("audit log", "cannot be looked at without the database")
    if oldest is not None and resources.clock() - oldest > chain.LATE:
        found.append(f"{number} rows wait for the chain: does a worker run?")
    return Finding("audit log", "; ".join(found))


def _text_messages(resources: Resources) -> Finding:
    missing = _unset(resources, SMS_SETTINGS)
    if missing:
        return Finding("text messages", f"nobody can bind: set {', '.join(missing)}")
    if not resources.settings.sms_notice_template_id:
        return Finding(
            "text messages",
            "nobody is told of a changed phone: set QUXIANG_SMS_NOTICE_TEMPLATE_ID",
        )
    return Finding("text messages")


def _face_check(resources: Resources) -> Finding:
    """Look at the face check, which may be off: graduates then prove themselves at the school."""
    missing = _unset(resources, FACE_SETTINGS)
    if 0 < len(missing) < len(FACE_SETTINGS):
        return Finding("face check", f"off, though half set: set {', '.join(missing)}, or none")
    return Finding("face check")


def _mini_program(resources: Resources) -> Finding:
    """Look whether WeChat knows the mini program by its secret, where there is one."""
    mini = open_mini_program(resources.settings, resources.redis, resources.clock)
    try:
        if mini is not None:
            mini.tokens.current()
            return Finding("mini program", _unfit_notices(resources, mini))
    except GatewayError as error:
        return Finding("mini program", f"is refused: {error}")
    return Finding("mini program")


def _unfit_notices(resources: Resources, mini: MiniProgram) -> str:
    """Say which templates of the settings cannot be used, and why; empty where all can."""
    named = resources.settings.mini_notices
    wrong = mini_templates.faults(named, mini.notice_templates()) if named else {}
    said = "; ".join(f"{kind}: {fault}" for kind, fault in wrong.items() if fault)
    return f"QUXIANG_MINI_NOTICES: {said}" if said else ""


def _campuses(resources: Resources) -> Finding:
    """Look whether each school's own sign-in is of a school that is here, and answers."""
    campuses = open_campuses(resources).values()
    said = [_of_campus(resources, each) for each in campuses]
    return Finding("campus sign-in", "; ".join(filter(None, said)))


def _of_campus(resources: Resources, server: CampusServer) -> str:
    login = server.login
    try:
        with resources.readers() as session:
            found = schools.find_by_code(session, login.school)
        server.looks()
    except SQLAlchemyError:
        return f"{login.name}: cannot be looked at without the database"
    except CampusAway as error:
        return f"{login.name}: {login.server} does not answer as {login.protocol} ({error.code})"
    return "" if found else f"{login.name}: no school has the code {login.school}"


def _working_days(resources: Resources) -> Finding:
    """Look whether the holidays are entered that answers and appeals are counted by."""
    unknown = working_days.unknown_years(resources.clock())
    years = " and ".join(str(each) for each in unknown)
    said = f"no holidays of {years} are entered: Mondays to Fridays count as working days there"
    return Finding("working days", note=said if unknown else OK)


def _sealed(resources: Resources) -> Finding:
    """Look whether a value copied from another row is refused, and how far a change of keys is."""
    settings = resources.settings
    if settings.unbound_values == "open":
        what = "quxiang keys rotate, then set QUXIANG_UNBOUND_VALUES=refuse"
        return Finding("sealed values", f"those not bound to their row still open: {what}")
    note = "the index key is being changed" if settings.index_key_other else ""
    return Finding("sealed values", note=note)


def _encryption(resources: Resources) -> Finding:
    return Finding("encryption", "; ".join(unencrypted(resources.settings)))


def unencrypted(settings: Settings) -> list[str]:
    """Return what to do so that nothing goes to another machine as anybody on the way can read it.

    Passwords, names and WeChat's token do.
    """
    database, redis = make_url(settings.database_url), urlsplit(settings.redis_url)
    wanted = []
    if not _is_near(database) and database.query.get("sslmode") not in VERIFIED:
        wanted.append("QUXIANG_DATABASE_URL: append ?sslmode=verify-full")
    if redis.scheme != "unix" and not is_this_machine(redis.hostname):
        wanted += _of_far_redis(redis)
    scanner = settings.clamd.rpartition(":")[0]
    if scanner and scanner != "unix" and not is_this_machine(scanner.strip("[]")):
        wanted.append("QUXIANG_CLAMD: clamd encrypts nothing; name one on this machine")
    return wanted


def _of_far_redis(redis: SplitResult) -> list[str]:
    wanted = []
    if redis.scheme in {"redis", "redis+sentinel"}:
        wanted.append("QUXIANG_REDIS_URL: write rediss:// (rediss+sentinel://)")
    if "ssl_cert_reqs" in redis.query and "ssl_cert_reqs=required" not in redis.query:
        wanted.append("QUXIANG_REDIS_URL: have its certificate checked, without ssl_cert_reqs")
    if not redis.password:
        wanted.append("QUXIANG_REDIS_URL: give it a user and a password")
    return wanted


def _is_near(database: URL) -> bool:
    """Say whether a database is on this machine by every address: a file, a socket, loopback."""
    named = [database.host or "", *_parts(database, "host"), *_parts(database, "hostaddr")]
    return all(is_this_machine(each) or each.startswith("/") for each in named)


def _parts(database: URL, name: str) -> list[str]:
    """Return what a parameter of the address names, each alone: it may be there several times."""
    said = database.query.get(name, "")
    return [each for one in ([said] if isinstance(said, str) else said) for each in one.split(",")]


def _scanner(resources: Resources) -> Finding:
    """Look whether a virus scanner sees evidence before reviewers open it."""
    settings = resources.settings
    if settings.clamd:
        answers = virus_scan.answers(settings.clamd)
        return Finding("virus scanner", OK if answers else "does not answer: see QUXIANG_CLAMD")
    if is_this_machine(urlsplit(settings.public_url).hostname):
        return Finding("virus scanner")
    return Finding("virus scanner", "nobody looks at evidence before it is kept: set QUXIANG_CLAMD")


def _stand_in(resources: Resources) -> Finding:
    """Look whether the sandbox plays for people outside: it says yes to every code and face."""
    settings = resources.settings
    if is_this_machine(urlsplit(settings.public_url).hostname):
        return Finding("stand-in")
    given = [getattr(settings, name) for name in OUTSIDE]
    given += [each.server for each in settings.campus_logins]
    usual = [Settings.model_fields[name].default for name in OUTSIDE]
    hosts = {f"{url.scheme}://{url.netloc}" for url in map(urlsplit, {*given} - {*usual})}
    played = ", ".join(sorted(filter(_is_sandbox, hosts)))
    return Finding("stand-in", f"{played} is the sandbox: only for this machine" if played else OK)


def _is_sandbox(address: str) -> bool:
    try:
        answer = requests.get(f"{address}{CONTROL}", timeout=SECONDS, allow_redirects=False)
    except requests.RequestException:
        return False  # what does not answer is found by who needs it
    return answer.ok


def _console(resources: Resources) -> Finding:
    """Say what WeChat's console is to be told: nobody can ask it whether it was."""
    settings = resources.settings
    if not settings.asks_wechat_itself:
        return Finding("console")
    host = urlsplit(settings.public_url).hostname
    return Finding("console", note=CONSOLE.format(url=settings.public_url, host=host))


def _object_store(resources: Resources) -> Finding:
    """Put, get and delete a few bytes, where files that are kept long go into an object store."""
    store = resources.objects
    if store is None:
        return Finding("object store")  # files lie in the database
    name, content = f"check/{random_key()}", random_key().encode()
    try:
        store.put(name, content)
        same = store.get(name) == content
        store.delete(name)
    except StoreAway as away:
        return Finding("object store", f"does not take part ({away.why}): see QUXIANG_OBJECTS_URL")
    except ObjectMissing:
        same = False
    wrong = OK if same else "gives back other bytes than it was given: see QUXIANG_OBJECTS_URL"
    return Finding("object store", wrong)


def _unset(resources: Resources, names: tuple[str, ...]) -> list[str]:
    settings = resources.settings
    return [f"QUXIANG_{name.upper()}" for name in names if not getattr(settings, name)]


LOOKS: tuple[Callable[[Resources], Finding], ...] = (
    *(_database, _redis, _sealed, _encryption, _audit_log, _wechat, _templates),
    *(_text_messages, _face_check, _mini_program, _campuses, _object_store, _scanner),
    *(_working_days, _stand_in, _console),
)
