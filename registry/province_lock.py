"""What a province has filed changes only through the province: the one place that says so.

Source: the reporting chain of the registration notice of 2023, clause 1.4.
"""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.errors import RuleError
from registry.review_tables import ProvinceEntry

SENTENCE = (
    "这位毕业生的去向已由省级就业工作部门备案，学校和本人都不能再改，请联系省级部门退回后办理。"
)


def locked_ids(session: Session, graduate_ids: Collection[int]) -> set[int]:
    """Return those of these graduates whose record a province has filed."""
    if not graduate_ids:
        return set()
    found = select(ProvinceEntry.graduate_id).where(
        ProvinceEntry.graduate_id.in_(graduate_ids),
        ProvinceEntry.standing,
        ProvinceEntry.locked,
    )
    return set(session.scalars(found))


def refuse(session: Session, graduate_ids: Collection[int]) -> None:
    """Raise RuleError `locked_by_province` where one of them is filed."""
    if locked_ids(session, graduate_ids):
        raise refusal()


def refusal() -> RuleError:
    """Return the refusal of a change to what a province has filed."""
    return RuleError("locked_by_province", SENTENCE)
