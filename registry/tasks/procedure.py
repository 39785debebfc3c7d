"""What a kind of task is made of, and what the code that does one is given."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from sqlalchemy.orm import Session, sessionmaker

from registry.accounts import audit
from registry.accounts.audit import AuditRecord
from registry.base.clock import Clock
from registry.base.crypto import Vault
from registry.numbers.shape import KIND_TITLES, Kind
from registry.tasks import claims
from registry.tasks.claims import Claim
from registry.tasks.states import TITLES, TaskEvent, TaskState
from registry.tasks.tables import Task


class TaskResources(Protocol):
    """What tasks are done with: where to write and read, the keys, the time."""

    @property
    def sessions(self) -> sessionmaker[Session]:
        """Make sessions that write."""
        ...

    @property
    def readers(self) -> sessionmaker[Session]:
        """Make sessions that only read."""
        ...

    @property
    def vault(self) -> Vault:
        """Give the keys."""
        ...

    @property
    def clock(self) -> Clock:
        """Give the clock."""
        ...

    @property
    def forwarding_keys(self) -> Mapping[str, bytes]:
        """Give the keys that sign what goes to the Ministry, by name, the newest first."""
        ...

    @property
    def invitations_a_day(self) -> int:
        """Say how many invitations an employer sends on one day (Asia/Shanghai)."""
        ...


@dataclass(frozen=True)
class Running:
    """A task that is being done by this process."""

    resources: TaskResources
    base_url: str
    """Of the pages that made files lead to; empty where the kind makes none."""
    procedure: "Procedure"
    claim: Claim

    def write(self, **values: object) -> None:
        """Write to the task and keep it ours, in a transaction of its own.

        Raises Overtaken where another worker has it.
        """
        with self.resources.sessions.begin() as session:
            claims.write(session, self.claim, **values)

    def end(self, event: TaskEvent, **values: object) -> None:
        """End the claim, in a transaction of its own; raises as `write` does."""
        with self.resources.sessions.begin() as session:
            self.end_with(session, event, **values)

    def end_with(self, session: Session, event: TaskEvent, **values: object) -> None:
        """End the claim in the same transaction as what was done; raises as `write` does."""
        at = self.resources.clock()
        claims.end(session, self.claim, event, at, **values)
        task = session.get_one(Task, self.claim.id, populate_existing=True)
        if record := self.procedure.audited(self.claim, task):
            audit.note(session, record, at)


@dataclass(frozen=True)
class Procedure:
    """How tasks of one kind are done, and what is said of them."""

    label: str
    """What stands before the title in the list of tasks."""
    title: str
    """`{number_kind}` and `{file_name}` stand for what was asked."""
    run: Callable[[Running], None]
    """Does the work and ends the claim.

    May raise RuleError, whose sentence the page shows, and Overtaken. It runs again, from the
    state the task was left in, where its process was lost or it raised anything else.
    """
    audited: Callable[[Claim, Task], AuditRecord | None]
    """What the audit log keeps when a claim was ended; None where nothing was changed."""
    given_up: str
    """The sentence for a task that was tried too often."""
    given_up_in: Mapping[TaskState, str] = field(default_factory=dict)
    """Other sentences, by the state in which it was given up."""
    soon: int = 0
    """For how many people a page waits: about a second of work. More is done in the background."""
    most: int | None = None
    """People in one task: what one file may hold and still be opened."""
    state_titles: Mapping[TaskState, str] = field(default_factory=lambda: TITLES)

    def title_of(self, asked: Mapping[str, str]) -> str:
        """Return what a task of which this was asked is called."""
        words = dict(asked)
        if "number_kind" in words:
            words["number_kind"] = KIND_TITLES[Kind(words["number_kind"])]
        return self.title.format_map(words)
