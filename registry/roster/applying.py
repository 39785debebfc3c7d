"""Brings checked rows into the record: new graduates, corrected ones, departments by name.

The caller's transaction is the import's: all of it is seen at once, or nothing.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from registry.accounts.school_tables import Department
from registry.base.bulk_rows import insert_rows
from registry.base.crypto import Vault
from registry.base.database import one_of
from registry.base.errors import RuleError
from registry.base.reserved_ids import reserve_ids
from registry.base.short_json import written_json
from registry.codes import identity
from registry.record import events, indexes, province_lock, registration
from registry.record.person_events import PeopleChanged
from registry.record.recordings import Foreseen, Recorded, Recording
from registry.record.registration import Origin, Proposal
from registry.record.tables import Graduate, Source
from registry.roster import import_changes
from registry.roster.checking import Record
from registry.roster.matching import Known, Matching, identity_indexes
from registry.roster.plan import PersonForeseen, Plan, changes
from registry.roster.problems import RowProblem

NO_DEPARTMENT = "未分院系"
_NOT_YET = 0  # stands for a department the import would create


@dataclass(frozen=True)
class Applied:
    """How many rows each outcome happened to."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    reported: int = 0
    """Got a registration for the first time; among the new or changed."""
    reset: int = 0
    """Had an answer that is unconfirmed again; among the changed."""
    moved: int = 0
    """Went to another cohort (延期毕业, or the month was corrected); among the changed."""
    ended: int = 0
    """Left (退学 …), so that their record ends; among the changed."""
    phones: int = 0
    """Have another phone than before, of which the old one is told; among the changed."""

    def __add__(self, other: "Applied") -> "Applied":
        """Add up two outcomes."""
        return Applied(
            self.new + other.new,
            self.changed + other.changed,
            self.unchanged + other.unchanged,
            self.reported + other.reported,
            self.reset + other.reset,
            self.moved + other.moved,
            self.ended + other.ended,
            self.phones + other.phones,
        )


@dataclass
class Work:
    """What all chunks of one import share."""

    school_id: int
    vault: Vault
    recorded_by: str
    at: datetime
    departments: dict[str, int] = field(default_factory=dict)
    """Ids by name, of those known so far."""
    task_id: int | None = None
    """The import's, whose changes are kept; None for one person by page."""
    makes_departments: bool = True
    """Whether those that the school has not are made."""

    @property
    def origin(self) -> Origin:
        """Return where the registrations come from."""
        return Origin(
            school_id=self.school_id,
            source=Source.IMPORT,
            source_name="学校导入",
            by="学校",
            recorded_by=self.recorded_by,
            at=self.at,
        )


def load_departments(session: Session, work: Work) -> None:
    """Read the school's departments."""
    rows = session.execute(
        select(Department.name, Department.id).where(Department.school_id == work.school_id)
    )
    work.departments.update(rows.all())


def foresee(
    session: Session, work: Work, plan: Plan, records: Sequence[Record], matching: Matching
) -> Applied:
    """Return what `apply` would do now, without doing it; the plan says to whom."""
    new, known = _divided(records, matching)
    proposals = _proposals(session, work, known, matching)
    recorded, people = registration.foresee(session, work.origin, proposals)
    by_id = {matching.known[each.row].id: each for each in known}
    names = {ident: name for name, ident in work.departments.items()}
    plan.new += [_person(each) for each in new]
    plan.changed += [_changed(each, by_id[each.graduate_id], names) for each in people]
    for each in records:
        wanted = _department(each, known=each.row in matching.known)
        if wanted and wanted not in work.departments:
            plan.departments[wanted] = plan.departments.get(wanted, 0) + 1
    reported = sum(bool(each.registration) for each in new)
    elsewhere = _elsewhere(reported, known, matching)
    return _outcome(len(new), recorded) + elsewhere + _phones(proposals, matching)


def _person(record: Record) -> PersonForeseen:
    name = record.basics.get("name", "")
    return PersonForeseen(record.student_number, name, record.department, record.row)


def _changed(foreseen: Foreseen, record: Record, departments: Mapping[int, str]) -> PersonForeseen:
    department = departments.get(foreseen.before.get("department_id", 0), "")
    said_of = {**foreseen.before, "department_id": department}
    becomes = {**foreseen.after, "department_id": record.department}
    person = _person(record)
    person.changes += changes(said_of, becomes)
    return person


def refused(
    session: Session, work: Work, records: Sequence[Record], matching: Matching
) -> list[RowProblem]:
    """Return a problem of each row that would change what the province has filed.

    Or what an agreement signed online says, or will say.
    """
    ids = [known.id for known in matching.known.values()]
    bound = registration.bound_ids(session, ids)
    known = [each for each in records if each.row in matching.known]
    known = [each for each in known if matching.known[each.row].id in bound]
    if not known:
        return []
    proposals = _proposals(session, work, known, matching)
    locked = registration.locked(session, work.origin, proposals)
    held = registration.held_by_agreements(session, work.origin, proposals)
    found = list[RowProblem]()
    for each in known:
        ident = matching.known[each.row].id
        if ident in locked:
            found.append(RowProblem(each.row, "学号", "locked_by_province", province_lock.SENTENCE))
        elif ident in held:
            found.append(RowProblem(each.row, "毕业去向", "agreement_in_force", held[ident]))
    return found


def apply(session: Session, work: Work, records: Sequence[Record], matching: Matching) -> Applied:
    """Write the rows, in a few statements; say what happened to how many."""
    _create_departments(session, work, records, matching)
    new, known = _divided(records, matching)
    proposals = _proposals(session, work, known, matching)
    changed: list[Recording] = []
    added: list[Recording] = []
    outcome = _outcome(len(new), registration.record(session, work.origin, proposals, changed))
    ids = _insert(session, work, new)
    indexes.bring_along(session, work.vault, ((each.identity, each.phone) for each in records))
    first = registration.record(session, work.origin, _first(ids, new), added)
    if work.task_id is not None:
        import_changes.keep(session, work.task_id, ids, [*changed, *added], work.at)
    session.expunge_all()  # a roster is long; what is written need not be remembered
    return outcome + _elsewhere(first.reported, known, matching) + _phones(proposals, matching)


def _elsewhere(reported: int, known: Sequence[Record], matching: Matching) -> Applied:
    """Return who is reported, moved on or ended: they are among the new and changed."""
    ended = _ended(known, matching)
    return Applied(reported=reported, moved=_moved(known, matching), ended=ended)


def _phones(proposals: Sequence[Proposal], matching: Matching) -> Applied:
    """Return whose phone becomes another: a first phone tells nobody."""
    had = {each.id for each in matching.known.values() if each.phone_index}
    changed = [each for each in proposals if "phone_index" in each.basics]
    return Applied(phones=sum(each.graduate_id in had for each in changed))


def _moved(known: Sequence[Record], matching: Matching) -> int:
    return sum(not each.left and each.year != matching.known[each.row].year for each in known)


def _ended(known: Sequence[Record], matching: Matching) -> int:
    return sum(bool(each.left) and matching.known[each.row].year > 0 for each in known)


def _divided(records: Sequence[Record], matching: Matching) -> tuple[list[Record], list[Record]]:
    new = [each for each in records if each.row not in matching.known]
    return new, [each for each in records if each.row in matching.known]


def _outcome(new: int, recorded: Recorded) -> Applied:
    return Applied(
        new=new,
        changed=recorded.changed + recorded.reported,
        unchanged=recorded.unchanged,
        reported=recorded.reported,
        reset=recorded.reset,
    )


def _create_departments(
    session: Session, work: Work, records: Sequence[Record], matching: Matching
) -> None:
    """Make the departments that the school has not; raise RuleError `new_departments`."""
    wanted = {_department(each, known=each.row in matching.known) for each in records} - {""}
    missing = sorted(wanted - work.departments.keys())
    if missing and not work.makes_departments:
        sentence = f"学校没有这些院系：{'、'.join(missing)}。本次未导入，请核对名称，或同意新建。"
        raise RuleError("new_departments", sentence)
    if missing:
        rows = [{"school_id": work.school_id, "name": name} for name in missing]
        added = session.execute(insert(Department).returning(Department.name, Department.id), rows)
        work.departments.update(added.all())


def _department(record: Record, *, known: bool) -> str:
    return record.department or ("" if known else NO_DEPARTMENT)


def _proposals(
    session: Session, work: Work, records: Sequence[Record], matching: Matching
) -> list[Proposal]:
    ids = [matching.known[each.row].id for each in records]
    rows = session.execute(
        select(Graduate.id, Graduate.particulars_sealed).where(one_of(session, Graduate.id, ids))
    )
    sealed = dict(rows.all()) if ids else {}
    pairs = [(each, matching.known[each.row]) for each in records]
    return [_proposal(work, each, known, sealed.get(known.id)) for each, known in pairs]


def _proposal(work: Work, record: Record, known: Known, sealed: str | None) -> Proposal:
    if record.left:  # the record ends as it stands: nothing else the row says is taken
        return Proposal(known.id, basics={"year": -abs(known.year)})
    basics: dict[str, Any] = {
        **record.basics,
        "student_number": record.student_number,
        "year": record.year,
    }
    if record.candidate_number:
        basics["candidate_number"] = record.candidate_number
    if record.department:
        basics["department_id"] = work.departments.get(record.department, _NOT_YET)
    basics.update(_changed_secrets(work.vault, record, known, sealed))
    return Proposal(known.id, record.registration, basics)


def _changed_secrets(
    vault: Vault, record: Record, known: Known, sealed: str | None
) -> dict[str, Any]:
    """Seal anew only what differs: every sealing of the same value looks different."""
    changed: dict[str, Any] = {}
    known_as = identity_indexes(vault, record)
    if known_as and known.identity_index not in known_as:
        changed.update(_sealed_identity(vault, known.id, record.identity))
    if record.phone and known.phone_index not in identity.phone_indexes(vault, record.phone):
        changed.update(_sealed_phone(vault, known.id, record.phone))
    before = _particulars(vault, known.id, sealed)
    after = {**before, **record.particulars}
    if after != before:
        changed["particulars_sealed"] = seal_particulars(vault, known.id, after)
    return changed


def _particulars(vault: Vault, graduate_id: int, sealed: str | None) -> dict[str, str]:
    if not sealed:
        return {}
    opened: dict[str, str] = json.loads(vault.open(identity.PARTICULARS, graduate_id, sealed))
    return opened


def seal_particulars(vault: Vault, graduate_id: int, particulars: Mapping[str, str]) -> str | None:
    """Return the sealed JSON of what a roster says besides, or None for nothing."""
    if not particulars:
        return None
    said = written_json(particulars)
    return vault.seal(identity.PARTICULARS, graduate_id, said)


def _sealed_identity(vault: Vault, graduate_id: int, number: str) -> dict[str, Any]:
    return {
        "identity_sealed": vault.seal(identity.IDENTITY, graduate_id, number),
        "identity_index": identity.identity_index(vault, number),
    }


def _sealed_phone(vault: Vault, graduate_id: int, phone: str) -> dict[str, Any]:
    return {
        "phone_sealed": vault.seal(identity.PHONE, graduate_id, phone) if phone else None,
        "phone_index": identity.phone_index(vault, phone),
    }


def _insert(session: Session, work: Work, new: Sequence[Record]) -> Sequence[int]:
    """Create the graduates; return their ids."""
    if not new:
        return []
    ids = reserve_ids(session, Graduate, len(new))
    rows = [_graduate(work, ident, each) for ident, each in zip(ids, new, strict=True)]
    insert_rows(session, Graduate, rows)
    happened = PeopleChanged(work.school_id, ids, work.at, work.recorded_by, added=True)
    events.announce(session, happened)
    return ids


def _first(ids: Sequence[int], new: Sequence[Record]) -> list[Proposal]:
    """Return what is to be registered for new graduates."""
    return [
        Proposal(ident, each.registration)
        for ident, each in zip(ids, new, strict=True)
        if each.registration
    ]


_OPTIONAL = (
    "sex", "level", "major_code", "major", "class_name", "programme_length", "origin_code",
    "origin", "training_mode", "training_unit",
)  # fmt: skip


def _graduate(work: Work, ident: int, record: Record) -> dict[str, Any]:
    return {
        "id": ident,
        **dict.fromkeys(_OPTIONAL, ""),  # one statement for all rows wants the same columns
        **record.basics,
        "school_id": work.school_id,
        "department_id": work.departments[_department(record, known=False)],
        "year": record.year,
        "student_number": record.student_number,
        "candidate_number": record.candidate_number or None,
        **_sealed_identity(work.vault, ident, record.identity),
        **_sealed_phone(work.vault, ident, record.phone),
        "particulars_sealed": seal_particulars(work.vault, ident, record.particulars),
        "created_at": work.at,
        "updated_at": work.at,
    }
