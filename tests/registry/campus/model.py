"""What a record is after whatever happened to it, said anew and without a database.

A person may have several records: of two schools, and of two studies at each. Nothing here is
imported from the rules under test but the names of states.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from registry.record.confirmation.states import ConfirmationState
from registry.review.decisions import Outcome
from registry.review.states import Level, Purpose

NOT_REPORTED, UNCONFIRMED = ConfirmationState.NOT_REPORTED, ConfirmationState.UNCONFIRMED
CONFIRMED, DISPUTED = ConfirmationState.CONFIRMED, ConfirmationState.DISPUTED
COMPLETE = frozenset({"70", "71"})
"""Categories of which nothing is missing that the province wants."""


class Key(NamedTuple):
    """Which record is meant: one study of a person at a school."""

    school: int
    person: int
    study: int


class Destination(NamedTuple):
    """What is registered, as far as histories tell registrations apart."""

    category: str
    unit: str = ""
    job: str = ""
    whole: bool = False
    """Whether the form was filled in, with file and household."""

    @property
    def important(self) -> tuple[str, str, bool]:
        """Return what a change of resets an answer and ends numbers."""
        return self.category, self.unit, self.whole


class Row(NamedTuple):
    """A row of a roster."""

    person: int
    study: int
    cohort: int
    destination: Destination | None
    left: bool


@dataclass
class Pending:
    """An application under way."""

    purpose: Purpose
    category: str
    based_on: int
    passed: bool = False
    """By the department."""

    @property
    def due(self) -> Level:
        """Return who decides next."""
        return Level.SCHOOL if self.passed else Level.DEPARTMENT


@dataclass
class RecordModel:
    """One record."""

    key: Key
    cohort: int
    destination: Destination | None = None
    major: str = "软件工程"
    class_name: str = "一班"
    ended: bool = False
    state: ConfirmationState = NOT_REPORTED
    version: int = 0
    in_force: int = 0
    """The version; 0 for none."""
    pending: Pending | None = None
    draft: bool = False
    """Whether an application came back and lies open."""
    authorized: bool = False
    transfer: str = "none"
    sent: int = 0
    """The version that lies with the province; 0 for none."""
    batch: str = ""
    """The key of the batch it was sent with last."""
    filed: bool = False
    returned: int = 0
    """The version the province returned last, until it is sent again."""
    messages: list[tuple[str, str]] = field(default_factory=list)

    @property
    def shown(self) -> int:
        """Return the cohort whose lists hold it; 0 for an ended record."""
        return 0 if self.ended else self.cohort

    def tell(self, kind: str, text: str) -> None:
        """Expect one more message."""
        self.messages.append((kind, text))

    def lapse(self) -> bool:
        """End the numbers; say whether an authorization ended."""
        held, self.authorized = self.authorized, False
        self.transfer = "lapsed" if self.transfer == "valid" else self.transfer
        return held

    def merged(self, said: Destination) -> Destination:
        """Return what is registered once a file, or the whole form, has said this."""
        known = self.destination is not None and self.destination.whole
        return said._replace(whole=said.whole or known)

    def would_change(self, said: Destination | None, cohort: int) -> bool:
        """Say whether anything of it would be another."""
        return self._registers(said) or cohort != self.cohort

    def _registers(self, said: Destination | None) -> bool:
        return said is not None and self.merged(said) != self.destination

    def change(self, said: Destination | None, by: str = "", **basics: str | int) -> "Changed":
        """Record what is said; `by` is who is named in a message, empty for herself."""
        before = self.destination
        registers = self._registers(said)
        matters = {
            name
            for name in ("major", "cohort")
            if basics.get(name, "") not in {"", getattr(self, name)}
        }
        if registers and said is not None:
            after = self.merged(said)
            if before is not None and before.important != after.important:
                matters.add("destination")
            self.destination, self.version = after, self.version + 1
            self.in_force = self.version
        moved = "cohort" in matters
        for name, value in basics.items():
            setattr(self, name, value)
        self.sent = 0 if moved and not self.filed else self.sent
        return self._answer(first=before is None and registers, matters=bool(matters), by=by)

    def _answer(self, *, first: bool, matters: bool, by: str) -> "Changed":
        """Reset the answer, end the numbers and tell, where what changed matters."""
        if first:
            self.state = UNCONFIRMED
            if by:
                self.tell("confirmation_reminder", f"去向已由{by}上报，请核对并确认")
            return Changed(first=True)
        if not matters or self.destination is None:
            return Changed()
        reset, self.state = self.state in {CONFIRMED, DISPUTED}, UNCONFIRMED
        ended = self.lapse()
        if by:
            self.tell("registration_changed", _hint(reset=reset, ended=ended))
        return Changed(reset=reset, authorization_ended=ended)

    def decide(self, *, passes: bool) -> Outcome:
        """Have the level whose turn it is pass or return what is under way."""
        found = self.pending
        assert found is not None
        if self.ended:
            return Outcome.NOT_IN_SCOPE
        if not passes:
            self.pending, self.draft = None, found.purpose is Purpose.REGISTER
            self.tell("review_result", "缺少协议")
            return Outcome.RETURNED
        if self.filed:
            return Outcome.LOCKED_BY_PROVINCE
        if found.based_on != self.in_force:
            return Outcome.RECORD_CHANGED
        if not found.passed:
            found.passed = True
            self.tell("review_result", "院系已通过，待学校审核")
        else:
            self.pending = None
            self.tell("review_result", self._finish(found))
        return Outcome.PASSED

    def _finish(self, found: Pending) -> str:
        """Put in force what passed for good; return what she is told."""
        if found.purpose is Purpose.VOID:
            ended = "，核验授权失效" if self.lapse() else ""
            self.destination, self.in_force, self.state = None, 0, NOT_REPORTED
            return f"原去向已作废{ended}，请重新登记"
        changed = self.change(Destination(found.category, whole=True))
        assert self.state is UNCONFIRMED, "all that the forms of histories change matters"
        if changed.authorization_ended:
            return "核验授权已失效，请重新确认登记去向"
        return "已上报，请核对并确认登记去向"

    def left_out(self) -> str:
        """Return why it does not go to the province now; empty where it goes."""
        found = self.destination
        reasons = {
            "filed": self.filed,
            "sent": self.sent and self.sent == self.in_force,
            "not_registered": found is None,
            "in_review": self.pending is not None,
            "disputed": self.state is DISPUTED,
            "incomplete": found is not None and found.category not in COMPLETE,
        }
        return next((reason for reason, holds in reasons.items() if holds), "")


@dataclass(frozen=True)
class Changed:
    """What came of a change."""

    first: bool = False
    reset: bool = False
    authorization_ended: bool = False


def _hint(*, reset: bool, ended: bool) -> str:
    if ended:
        return f"核验授权已失效，请{'重新确认' if reset else '重新授权'}"
    return "请核对后重新确认" if reset else "请核对，有误请联系学校"


@dataclass
class CampusModel:
    """All records of two schools."""

    records: dict[Key, RecordModel] = field(default_factory=dict)
    bound: set[int] = field(default_factory=set)
    """Persons with a WeChat."""

    def shown(self, school: int, cohort: int) -> list[RecordModel]:
        """Return the records that the lists of a school's cohort hold."""
        return [
            each
            for each in self.records.values()
            if (each.key.school, each.shown) == (school, cohort)
        ]

    def of_person(self, person: int) -> list[RecordModel]:
        """Return all records of a person, ended ones too."""
        return [each for each in self.records.values() if each.key.person == person]

    def import_rows(self, school: int, rows: Sequence[Row]) -> Counter[str]:
        """Bring a file in; return what the import should count."""
        outcomes = {row: self._outcome(school, row, rows) for row in rows}
        counts = Counter(outcomes.values())
        for row, outcome in outcomes.items():
            if outcome != "refused":
                counts.update(self._bring_in(Key(school, row.person, row.study), row))
        return +counts

    def _outcome(self, school: int, row: Row, rows: Iterable[Row]) -> str:
        """Return what becomes of a row, by the records as they are before the file."""
        key = Key(school, row.person, row.study)
        known = self.records.get(key)
        twice = any(
            (each.person, each.cohort) == (row.person, row.cohort) and each is not row
            for each in rows
        )
        if twice or self.taken(key, row.cohort):
            return "refused"
        if known is None:
            return "refused" if row.left else "new"
        if known.ended:
            return "unchanged" if row.left else "refused"
        changes = row.left or known.would_change(row.destination, row.cohort)
        if known.filed and changes:
            return "refused"
        return "changed" if changes else "unchanged"

    def taken(self, key: Key, cohort: int) -> bool:
        """Say whether the person has another record of the same school in a cohort."""
        return any(
            each.key != key and each.key.school == key.school and each.shown == cohort
            for each in self.of_person(key.person)
        )

    def _bring_in(self, key: Key, row: Row) -> Iterator[str]:
        known = self.records.get(key)
        if known is None:
            known = self.records[key] = RecordModel(key, row.cohort)
            if key.person in self.bound:
                known.tell("record_joined", str(row.cohort))
        elif known.ended:
            return
        if row.left:
            self.end(known)
            yield "ended"
            return
        if row.cohort != known.cohort:
            yield "moved"
        changed = known.change(row.destination, "学校", cohort=row.cohort)
        if changed.first:
            yield "reported"
        if changed.reset:
            yield "reset"

    def end(self, record: RecordModel) -> None:
        """End a record."""
        record.lapse()
        record.ended, record.sent = True, 0
