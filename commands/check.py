"""`quxiang check`: says what is missing or wrong, and what to do about it."""

import argparse
from collections.abc import Callable
from dataclasses import dataclass

from redis import RedisError
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from commands.answers import Answer, Refused, runs
from commands.opening import env_file_of_environment, opened_resources, settings_of_environment
from notifier.ledger import kinds
from notifier.ledger.tables import AccountTemplate
from notifier.wechat.errors import GatewayError
from notifier.wechat.gateway import open_gateway
from registry.base.database import ping
from runtime import schema
from runtime.resources import Resources
from runtime.schema import Version
from runtime.settings import unread_names

OK = ""
SMS_SETTINGS = ("sms_secret_id", "sms_secret_key", "sms_app_id", "sms_sign_name", "sms_template_id")
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
        with resources.readers() as session:
            ping(session)
        found = schema.version(resources.engine)
    except SQLAlchemyError as error:
        cause = type(getattr(error, "orig", None) or error).__name__
        return Finding("database", f"does not answer ({cause}): see QUXIANG_DATABASE_URL")
    return TABLES[found]


def _redis(resources: Resources) -> Finding:
    try:
        resources.redis.ping()
    except RedisError as error:
        return Finding("redis", f"does not answer ({type(error).__name__}): see QUXIANG_REDIS_URL")
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


def _text_messages(resources: Resources) -> Finding:
    missing = _unset(resources, SMS_SETTINGS)
    if missing:
        return Finding("text messages", f"nobody can bind: set {', '.join(missing)}")
    return Finding("text messages")


def _face_check(resources: Resources) -> Finding:
    """Look at the face check, which may be off: graduates then prove themselves at the school."""
    missing = _unset(resources, FACE_SETTINGS)
    if 0 < len(missing) < len(FACE_SETTINGS):
        return Finding("face check", f"off, though half set: set {', '.join(missing)}, or none")
    return Finding("face check")


def _unset(resources: Resources, names: tuple[str, ...]) -> list[str]:
    settings = resources.settings
    return [f"QUXIANG_{name.upper()}" for name in names if not getattr(settings, name)]


LOOKS: tuple[Callable[[Resources], Finding], ...] = (
    *(_database, _redis, _wechat, _templates, _text_messages, _face_check),
)
