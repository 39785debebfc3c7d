"""What a graduate sees of herself: the record in force, her answers, and what changed since."""

from dataclasses import dataclass
from functools import cached_property

from sqlalchemy import and_, bindparam, func, select
from sqlalchemy.orm import Session, aliased, joinedload

from registry.base.database import BigId
from registry.base.detached import Detached
from registry.record import important_fields, in_force
from registry.record.confirmation import snapshots
from registry.record.confirmation.states import ConfirmationState
from registry.record.field_values import said
from registry.record.fields import ALL, BLOCK_TITLES, IMPORTANT, Block
from registry.record.important_fields import Difference
from registry.record.provenance import FROM_ELSEWHERE, TITLES, Provenance, provenance_of
from registry.record.tables import Answer, Confirmation, Graduate, Registration

_CAME = {
    **dict.fromkeys(FROM_ELSEWHERE, "于{day}通过{system}上报"),
    Provenance.IMPORT: "由学校导入，{day}生效",
    Provenance.OWN: "由本人登记，{day}审核通过",
    Provenance.AGREEMENT: "由就业协议登记，{day}审核通过",
    Provenance.SCHOOL: "由学校更正，{day}生效",
}
SHOWN_EMPTY = {"category", "file_type", "household_type"}
"""Fields whose absence is worth seeing."""
OUT_OF_FORM = "study_country", "study_school", "study_major"
"""Shown with a destination that is a school; no important fields of their own."""


@dataclass(frozen=True)
class ComparedValue:
    """One line of a block: its title and value, and what it said when she last answered."""

    title: str
    value: str
    before: str | None = None
    """None where nothing changed."""


@dataclass(frozen=True)
class BlockShown:
    """A block as the pages show it."""

    block: Block
    title: str
    lines: list[ComparedValue]

    @property
    def changed(self) -> bool:
        """Say whether any line of it changed since she last answered."""
        return any(line.before is not None for line in self.lines)


@dataclass(frozen=True)
class OwnRecord:
    """One graduate, the registration in force and her last answer."""

    graduate: Graduate
    registration: Registration | None
    last: Confirmation | None
    answered: Registration | None = None
    """The version of the last answer, where another is in force, or none."""

    @property
    def state(self) -> ConfirmationState:
        """Return where the confirmation stands."""
        return ConfirmationState(self.graduate.confirmation)

    @property
    def version(self) -> int:
        """Return the number of the version in force; 0 where nothing was reported."""
        return self.registration.version if self.registration else 0

    @property
    def is_from_elsewhere(self) -> bool:
        """Say whether another system reported it, with which it is synchronised."""
        return self.registration is not None and provenance_of(self.registration) in FROM_ELSEWHERE

    def provenance(self, day: str) -> str:
        """Return the clause that says where it came from; `day` is when it was recorded."""
        if self.registration is None:
            return ""
        provenance = provenance_of(self.registration)
        system = self.registration.source_name or TITLES[provenance]
        return _CAME[provenance].format(day=day, system=system)

    @cached_property
    def values(self) -> dict[str, str]:
        """Return the important fields of the record in force, as text."""
        return important_fields.snapshot(in_force.values_of(self.graduate, self.registration))

    @property
    def seen(self) -> str:
        """Return the hash of what the pages show: an answer is about exactly this."""
        return important_fields.snapshot_hash(self.values)

    @cached_property
    def changes(self) -> list[Difference]:
        """Return what changed since her last answer; nothing where she never answered."""
        if self.last is None or self.last.answer == Answer.WITHDRAWN:
            return []
        before = (
            snapshots.snapshot(self.last, self.answered) if self.answered else self.last.snapshot
        )
        return important_fields.differences_since(before, self.values)

    @property
    def asked_again(self) -> bool:
        """Say whether an answer was reset by a change, so that only the change needs her eyes."""
        return self.state is ConfirmationState.UNCONFIRMED and bool(self.changes)

    def blocks(self) -> list[BlockShown]:
        """Return the blocks of the confirmation page, without what is not said there."""
        return [BlockShown(block, BLOCK_TITLES[block], self._lines(block)) for block in Block]

    def basics(self) -> list[ComparedValue]:
        """Return her own particulars that matter."""
        return self._lines(Block.BASIC)

    def _lines(self, block: Block) -> list[ComparedValue]:
        before = {each.field: each.before for each in self.changes}
        lines = [
            _line(name, self.values[name], before.get(name))
            for name, about in IMPORTANT.items()
            if about.block is block and (name in before or self._is_shown(name))
        ]
        return lines + (self._extra_lines() if block is Block.DESTINATION else [])

    def _is_shown(self, name: str) -> bool:
        """Say whether the guide's page has the field: those that reset, if they say anything."""
        return IMPORTANT[name].resets and (bool(self.values[name]) or name in SHOWN_EMPTY)

    def _extra_lines(self) -> list[ComparedValue]:
        found = ((name, getattr(self.registration, name, "")) for name in OUT_OF_FORM)
        return [ComparedValue(ALL[name].title, value) for name, value in found if value]


def graduate_afresh(session: Session, graduate_id: int) -> Graduate:
    """Return a graduate as she stands now, with school and department."""
    return session.scalars(
        select(Graduate)
        .where(Graduate.id == graduate_id)
        .options(joinedload(Graduate.school), joinedload(Graduate.department))
    ).one()


_asked = aliased(Confirmation)
_LAST = (
    select(func.max(_asked.sequence))
    .where(_asked.graduate_id == Graduate.id)
    .correlate(Graduate)
    .scalar_subquery()
)
_READ = Detached(Registration, Confirmation)
_IN_FORCE_AND_LAST = (
    select(*_READ.columns)
    .select_from(Graduate)
    .outerjoin(Registration, Registration.id == bindparam("version", type_=BigId))
    .outerjoin(
        Confirmation,
        and_(Confirmation.graduate_id == Graduate.id, Confirmation.sequence == _LAST),
    )
    .where(Graduate.id == bindparam("graduate", type_=BigId))
)
"""Made once: most of her pages ask."""


def own_record(session: Session, graduate: Graduate) -> OwnRecord:
    """Return what the pages show; `graduate` comes from the door, with her school loaded."""
    values = {"graduate": graduate.id, "version": graduate.registration_id}
    [(registration, last)] = _READ.read(session, _IN_FORCE_AND_LAST, values)
    stands = last is None or last.registration_id == graduate.registration_id
    answered = None if stands else session.get_one(Registration, last.registration_id)
    return OwnRecord(graduate, registration, last, answered)


def read_out(field: str, value: str) -> str:
    """Return a field's value as people read it; 未登记 where there is none."""
    return said(field, value) or "未登记"


def _line(field: str, value: str, before: str | None) -> ComparedValue:
    earlier = None if before is None else read_out(field, before)
    return ComparedValue(IMPORTANT[field].title, read_out(field, value), earlier)
