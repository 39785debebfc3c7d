"""The account's templates and which of our kinds each one is: by title, its fields by their labels.

The numbering of a template's keys (thing1, thing7) differs from account to account, so it is read
from the account. What does not fit is found here, before anything is sent, and not by a 47003.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session

from notifier.ledger import account, fields, kinds
from notifier.ledger.kinds import Kind
from notifier.ledger.tables import Account, AccountTemplate
from notifier.wechat.gateway import RawTemplate
from registry.base.errors import RuleError

# The label is what stands before the key on its line; a colon of either width may follow it.
_LINE = re.compile(r"([^\n{}]*?)[ \t]*[:：]?[ \t]*\{\{\s*(\w+)\.DATA\s*\}\}")
_ID = re.compile(r"[\w-]{20,64}", re.ASCII)
_SILENT_KEYS = {"first", "remark"}
"""Keys of before 2023: WeChat shows them no more and does not miss them."""
_HOLDS = {"phrase": {"phrase", "thing"}, "time": {"time", "date"}, "date": {"date", "time"}}
"""Types of a template's key that hold our values of a type, where it is not only the same one."""


class TemplateList(Protocol):
    """Whatever lists the account's templates: notifier.wechat.gateway.Gateway."""

    @property
    def app_id(self) -> str:
        """The account they belong to."""
        ...

    def templates(self) -> list[RawTemplate]:
        """Return them; raise GatewayError."""
        ...


class Fit(StrEnum):
    """How the account's templates serve a kind."""

    MATCHED = "matched"
    MISSING = "missing"
    UNFIT = "unfit"


@dataclass(frozen=True)
class KindReport:
    """What a sync found for one kind, and what the operator has to do about it."""

    kind: str
    title: str
    fit: Fit
    sentence: str


@dataclass(frozen=True)
class SyncReport:
    """What a sync found; `templates` is how many the account has."""

    templates: int
    kinds: tuple[KindReport, ...]

    @property
    def complete(self) -> bool:
        """Say whether every kind can be sent."""
        return all(each.fit is Fit.MATCHED for each in self.kinds)


@dataclass(frozen=True)
class MatchedTemplate:
    """What a kind is sent with: the template, and its key for each of our labels."""

    template_id: str
    fields: Mapping[str, str]


def keys_by_label(content: str) -> dict[str, str]:
    """Read label -> key from a template's content; keys without a label stand under themselves."""
    found: dict[str, str] = {}
    for label, key in _LINE.findall(content):
        name = unicodedata.normalize("NFC", label).strip() or key
        if key not in _SILENT_KEYS:
            found[name] = key
    return found


def complaints(kind: Kind, content: str) -> list[str]:
    """Return what keeps a template from serving a kind, a Chinese clause each; none if it fits."""
    keys = keys_by_label(content)
    wanted = {field.label: field.type for field in kind.fields}
    missing = [f"缺少字段“{label}”" for label in wanted if label not in keys]
    extra = [f"多出字段“{label}”" for label in keys if label not in wanted]
    wrong = [
        f"字段“{label}”的类型是 {keys[label]}，应为 {wanted[label]}"
        for label in wanted
        if label in keys and not _holds(keys[label], wanted[label])
    ]
    return missing + wrong + extra


def _holds(key: str, wanted: str) -> bool:
    try:
        return fields.type_of(key) in _HOLDS.get(wanted, {wanted})
    except KeyError:
        return False


def sync_templates(session: Session, gateway: TemplateList, at: datetime) -> SyncReport:
    """Read the account's templates and match our kinds to them, as `store_templates` does.

    Raises GatewayError; the account is asked before the session is used.
    """
    return store_templates(session, gateway.app_id, gateway.templates(), at)


def store_templates(
    session: Session, app_id: str, read: Sequence[RawTemplate], at: datetime
) -> SyncReport:
    """Take over the account's templates as they were read, and match our kinds to them.

    An operator's match stays, also of a template that is not in the list: whether WeChat lists all
    is not sure. Any other that is missed is looked for once more before it is believed to be gone:
    an empty list was seen of an account that had templates.
    """
    before = _last_look(session, app_id)
    known = {each.template_id: each for each in session.scalars(select(AccountTemplate))}
    for raw in read:
        _store(session, known, raw, at)
    for missed in known.keys() - {raw.template_id for raw in read}:
        known[missed].present &= known[missed].overruled or _is_first_miss(known[missed], before)
    reports = tuple(_match(kind, list(known.values())) for kind in kinds.with_templates())
    account.note(session, app_id, templates_synced_at=at)
    session.flush()
    return SyncReport(len(read), reports)


def _is_first_miss(row: AccountTemplate, before: datetime | None) -> bool:
    """Say whether nobody missed a template before: no look did, and WeChat did not refuse it."""
    return row.refused_at is None and (before is None or row.read_at >= before)


def note_refused(session: Session, app_id: str, kind: str, at: datetime, *, gone: bool) -> None:
    """Have the list read again at once; a template that is `gone` as WeChat says, if it misses it.

    Of the others nothing was said: an empty list does not take them along.
    """
    if gone:
        session.execute(
            update(AccountTemplate).where(AccountTemplate.kind == kind).values(refused_at=at)
        )
    account.note(session, app_id, templates_synced_at=None)


def _last_look(session: Session, app_id: str) -> datetime | None:
    """Return when the list was read before; None where it is to be read at once."""
    return session.scalar(select(Account.templates_synced_at).where(Account.app_id == app_id))


def is_missing_one(session: Session, app_id: str) -> bool:
    """Say whether the last look missed a template that was there before: look again soon."""
    before = _last_look(session, app_id)
    if before is None:
        return False
    missed = exists().where(
        AccountTemplate.present, ~AccountTemplate.overruled, AccountTemplate.read_at < before
    )
    return bool(session.scalar(select(missed)))


def _store(
    session: Session, known: dict[str, AccountTemplate], raw: RawTemplate, at: datetime
) -> None:
    row = known.get(raw.template_id)
    if row is None:
        row = known[raw.template_id] = AccountTemplate(
            template_id=raw.template_id, kind=None, fields={}, overruled=False
        )
        session.add(row)
    row.title, row.content, row.present = raw.title[:80], raw.content, True
    row.read_at, row.refused_at = at, None
    if not row.overruled:
        row.kind, row.fields = None, {}


def present(session: Session) -> Sequence[AccountTemplate]:
    """Return the templates the account has, by title."""
    return session.scalars(
        select(AccountTemplate)
        .where(AccountTemplate.present)
        .order_by(AccountTemplate.title, AccountTemplate.template_id)
    ).all()


def overruled(session: Session, kind: str) -> Sequence[AccountTemplate]:
    """Return the templates the account has that were matched to a kind by hand."""
    return [each for each in present(session) if each.overruled and each.kind == kind]


def reports(session: Session) -> tuple[KindReport, ...]:
    """Return how the templates as last read serve each kind; changes nothing."""
    rows = session.scalars(select(AccountTemplate)).all()
    return tuple(_choose(kind, rows)[1] for kind in kinds.with_templates())


def _match(kind: Kind, rows: Sequence[AccountTemplate]) -> KindReport:
    """Give the kind the template that serves it, if one does."""
    row, report = _choose(kind, rows)
    if row is not None and not row.overruled:
        row.kind, row.fields = kind.name, keys_by_label(row.content)
    return report


def _choose(
    kind: Kind, rows: Sequence[AccountTemplate]
) -> tuple[AccountTemplate | None, KindReport]:
    """Find the template that an operator chose, or the first of the kind's title that fits."""
    there = sorted((row for row in rows if row.present), key=lambda row: row.template_id)
    chosen = [row for row in there if row.overruled and row.kind == kind.name]
    if chosen:
        words = f"“{kind.title}”使用运维人员指定的模板。"
        return chosen[0], _report(kind, Fit.MATCHED, words)
    titled = [row for row in there if not row.overruled and _is_titled(row, kind)]
    fitting = [row for row in titled if not complaints(kind, row.content)]
    if fitting:
        return fitting[0], _report(kind, Fit.MATCHED, f"“{kind.title}”已匹配。")
    if titled:
        why = "；".join(complaints(kind, titled[0].content))
        words = f"模板“{kind.title}”不能使用：{why}。请按说明重新添加。"
        return None, _report(kind, Fit.UNFIT, words)
    labels = "、".join(field.label for field in kind.fields)
    sentence = f"公众平台上没有模板“{kind.title}”，请添加，字段为：{labels}。"
    return None, _report(kind, Fit.MISSING, sentence)


def _is_titled(row: AccountTemplate, kind: Kind) -> bool:
    return unicodedata.normalize("NFC", row.title).strip() == kind.title


def _report(kind: Kind, fit: Fit, sentence: str) -> KindReport:
    return KindReport(kind.name, kind.title, fit, sentence)


def template_for(session: Session, kind: str) -> MatchedTemplate:
    """Return the template a kind is sent with; raises RuleError `template_missing`.

    One that was matched before the kind had all its fields does not serve it.
    """
    served = kinds.kinds()[kind].template or kind
    row = session.scalar(
        select(AccountTemplate)
        .where(AccountTemplate.kind == served, AccountTemplate.present)
        .order_by(AccountTemplate.overruled.desc(), AccountTemplate.template_id)
        .limit(1)
    )
    wanted = {field.label for field in kinds.kinds()[kind].fields}
    if row is None or not wanted <= row.fields.keys():
        title = kinds.kinds()[served].title
        raise RuleError(
            "template_missing",
            f"公众平台上暂无可用的“{title}”模板，请联系平台运维添加并同步后再发送。",
        )
    return MatchedTemplate(row.template_id, dict(row.fields))


def overrule(session: Session, template_id: str, kind: str | None, keys: Mapping[str, str]) -> None:
    """Match a template to a kind by hand, label -> key; None takes the hand-made match back.

    Raises RuleError `template_unknown`, or `template_unfit` naming what is missing.
    """
    rows = session.scalars(select(AccountTemplate)).all()
    row = next((each for each in rows if each.template_id == template_id and each.present), None)
    if row is None:
        raise RuleError("template_unknown", "公众平台上没有这个模板，请先同步模板。")
    if kind is not None:
        _check_by_hand(kinds.kinds()[kind], row, keys)
    for other in rows:
        if kind is not None and other.kind == kind:  # one kind, one template
            other.kind, other.fields, other.overruled = None, {}, False
    row.kind, row.fields, row.overruled = kind, dict(keys), kind is not None
    for each in kinds.with_templates():
        _match(each, rows)


def enter(session: Session, template_id: str, title: str, content: str, at: datetime) -> None:
    """Add a template that WeChat does not list, as its console shows it.

    It stays as long as it is matched to a kind by hand. Raises RuleError `template_id_wrong`, or
    `template_content_wrong` where the content has no field.
    """
    if not _ID.fullmatch(template_id):
        raise RuleError(
            "template_id_wrong", "模板 ID 由字母、数字、- 和 _ 组成，请从公众平台复制。", "id"
        )
    if not keys_by_label(content):
        words = "没有找到字段。请从公众平台复制“详细内容”，每行如“学校名称：{{thing1.DATA}}”。"
        raise RuleError("template_content_wrong", words, "content")
    row = session.get(AccountTemplate, template_id)
    known = {template_id: row} if row else {}
    _store(session, known, RawTemplate(template_id, title, content), at)
    session.flush()


def _check_by_hand(kind: Kind, row: AccountTemplate, keys: Mapping[str, str]) -> None:
    there = set(keys_by_label(row.content).values())
    missing = [field.label for field in kind.fields if field.label not in keys]
    left = there ^ set(keys.values())
    if missing or left:
        what = "、".join([*missing, *sorted(left)])
        raise RuleError("template_unfit", f"字段没有一一对应：{what}。", "fields")
