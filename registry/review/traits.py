"""What lists of graduates ask of the review: documents that lie with it, and where it stands."""

from sqlalchemy import ColumnElement, and_, exists, or_

from registry.base.errors import RuleError
from registry.record.graduate_filter import Trait, in_force
from registry.record.province_tables import ProvinceEntry
from registry.record.tables import Graduate, Registration
from registry.review.states import WAITING, ApplicationState
from registry.review.tables import Application, Evidence

EVIDENCE = {"with": "有佐证材料", "without": "无佐证材料"}
"""Of those who are registered or under review; others need none yet."""
FLAGS = {
    "waiting": "登记待审核",
    "returned": "登记退回待修改",
    "filed": "省级已备案",
    "no_phone": "未登记手机号",
    "no_file": "未登记档案转递",
    "no_household": "未登记户口迁移",
}


def evidence(value: str) -> Trait:
    """Return whether documents lie with what she registered; RuleError `evidence_unknown`."""
    if value not in EVIDENCE:
        raise RuleError("evidence_unknown", "请选择有或无佐证材料。", "evidence")
    documents = exists().where(Evidence.graduate_id == Graduate.id, Evidence.removed_at.is_(None))
    held = documents.correlate(Graduate)
    return Trait("evidence", value, held if value == "with" else and_(~held, _has_to_prove()))


def _has_to_prove() -> ColumnElement[bool]:
    return or_(Graduate.registration_id.is_not(None), _stands_in(WAITING))


def _stands_in(states: frozenset[ApplicationState]) -> ColumnElement[bool]:
    open_one = exists().where(
        Application.graduate_id == Graduate.id,
        Application.closed_at.is_(None),
        Application.state.in_(sorted(states)),
    )
    return open_one.correlate(Graduate)


def flag(value: str) -> Trait:
    """Return one of `FLAGS`; raise RuleError `flag_unknown` for others."""
    if value not in FLAGS:
        raise RuleError("flag_unknown", "没有这种标记，请重新选择。", "flag")
    return Trait("flag", value, _FLAGGED[value])


def _filed() -> ColumnElement[bool]:
    entry = exists().where(
        ProvinceEntry.graduate_id == Graduate.id, ProvinceEntry.standing, ProvinceEntry.locked
    )
    return entry.correlate(Graduate)


_FLAGGED: dict[str, ColumnElement[bool]] = {
    "waiting": _stands_in(WAITING),
    "returned": _stands_in(frozenset({ApplicationState.RETURNED})),
    "filed": _filed(),
    "no_phone": Graduate.phone_index.is_(None),
    "no_file": in_force(Registration.file_type == ""),
    "no_household": in_force(Registration.household_type == ""),
}
