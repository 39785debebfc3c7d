"""What only a province may change: what it has filed, and what lies in a system of its own.

Source: the registration notice of 2023, clauses 1.1 (systems) and 1.4 (the reporting chain).
"""

from collections.abc import Collection

from sqlalchemy import BindParameter, ColumnElement, exists, select, update
from sqlalchemy.orm import Session

from registry.accounts.school_tables import School
from registry.base.database import one_of
from registry.base.errors import RuleError
from registry.record.province_tables import ProvinceEntry

SENTENCE = (
    "去向已由省级就业工作部门备案，学校和本人都不能直接更改。"
    "如需更改，由学校请省级就业工作部门退回后办理。"
)


_FILED = (ProvinceEntry.standing, ProvinceEntry.locked)


def locked_ids(session: Session, graduate_ids: Collection[int]) -> set[int]:
    """Return those of these graduates whose record a province has filed."""
    if not graduate_ids:
        return set()
    found = select(ProvinceEntry.graduate_id).where(
        one_of(session, ProvinceEntry.graduate_id, list(graduate_ids)), *_FILED
    )
    return set(session.scalars(found))


def is_locked(graduate_id: BindParameter[int]) -> ColumnElement[bool]:
    """Return whether a province has filed the record of a graduate, for a query about her."""
    return exists().where(ProvinceEntry.graduate_id == graduate_id, *_FILED)


def leave_batches(session: Session, graduate_ids: Collection[int]) -> None:
    """Take graduates who changed cohort, or whose record ended, out of what the province looks at.

    They stand in a batch of the cohort they were of; what is filed does not move.
    """
    session.execute(
        update(ProvinceEntry)
        .where(
            ProvinceEntry.graduate_id.in_(graduate_ids),
            ProvinceEntry.standing,
            ~ProvinceEntry.locked,
        )
        .values(standing=False)
        .execution_options(synchronize_session=False)
    )


def refuse(session: Session, graduate_ids: Collection[int]) -> None:
    """Raise RuleError `locked_by_province` where one of them is filed."""
    if locked_ids(session, graduate_ids):
        raise refusal()


def refusal() -> RuleError:
    """Return the refusal of a change to what a province has filed."""
    return RuleError("locked_by_province", SENTENCE)


def refuse_elsewhere(session: Session, school_id: int) -> None:
    """Raise RuleError `registered_elsewhere` where the province has a system of its own."""
    refuse_elsewhere_of(session.get_one(School, school_id))


def refuse_elsewhere_of(school: School) -> None:
    """Raise as `refuse_elsewhere`, for a school that was read already."""
    if school.correction_system:
        where = f"（{school.correction_url}）" if school.correction_url else ""
        sentence = (
            f"本校毕业生的去向在“{school.correction_system}”{where}登记和修改，这里只做确认。"
            "在那里修改并同步过来后，请回来确认。"
        )
        raise RuleError("registered_elsewhere", sentence)


def refuse_destinations(session: Session, school_id: int) -> None:
    """Raise RuleError `destinations_elsewhere` where a roster may bring persons only.

    Source: the registration notice of 2023, clause 1.1: a province's own system is synchronised by
    an interface, in real time; a file beside it would overwrite what it says.
    """
    system = session.get_one(School, school_id).correction_system
    if system:
        sentence = (
            f"本校毕业生的去向在“{system}”登记，由接口同步，不能用名单导入。"
            "请删除文件中毕业去向、单位、档案、户口各列的内容，只保留人员信息，再重新导入。"
        )
        raise RuleError("destinations_elsewhere", sentence, "file")
