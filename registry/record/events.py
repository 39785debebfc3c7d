"""What happened to the record, announced on the session by the rule that did it.

Before the commit the listeners (the notifier) turn each event into rows of their own, in the same
transaction: no door can forget to tell the graduate.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import event
from sqlalchemy.orm import Session, sessionmaker

from registry.record.person_events import PeopleChanged, PhonesChanged

_KEY = "quxiang events"

OWN = "本人"
"""The graduate herself, through a review: notified of its result, not of a change."""
UNDONE = "撤销导入"
"""What an import changed is put back: told only to those to whom the import was told."""


@dataclass(frozen=True)
class Change:
    """One graduate's registration moved from one version to the next."""

    graduate_id: int
    registration_id: int
    version: int
    blocks: tuple[str, ...]
    """Titles of the blocks that changed: 毕业去向, 档案转递, 户口迁移, 基本信息."""
    reset: bool
    """Whether an answer was reset to unconfirmed by it."""
    authorization_ended: bool
    """Whether a verification she had authorized ended by it."""


@dataclass(frozen=True)
class RegistrationsChanged:
    """Registrations that graduates had seen were changed by somebody else."""

    school_id: int
    changes: Sequence[Change]
    by: str
    """Who, as the message says it: 学校, 省级系统; OWN where she asked for it herself."""
    at: datetime


@dataclass(frozen=True)
class FirstReport:
    """One graduate's destination came into force where none was."""

    graduate_id: int
    year: int
    version: int


@dataclass(frozen=True)
class DestinationsReported:
    """Destinations of graduates who had none in force were reported: now they confirm."""

    school_id: int
    reports: Sequence[FirstReport]
    by: str
    """As in RegistrationsChanged."""
    at: datetime


@dataclass(frozen=True)
class VoidedDestination:
    """One graduate whose destination was put out of force."""

    graduate_id: int
    registration_id: int
    """The version that was in force."""
    authorization_ended: bool
    """Whether a verification she had authorized ended by it."""


@dataclass(frozen=True)
class DestinationsVoided:
    """The system where destinations are registered voided some of a school."""

    school_id: int
    voided: Sequence[VoidedDestination]
    by: str
    """As in RegistrationsChanged."""
    at: datetime


@dataclass(frozen=True)
class ConfirmationAnswered:
    """A graduate answered the confirmation page."""

    school_id: int
    graduate_id: int
    answer: str
    """A `registry.record.tables.Answer`."""
    items: Sequence[str]
    """The blocks that a dispute names (`registry.record.fields.Block`)."""
    at: datetime


@dataclass(frozen=True)
class VoidAsked:
    """A graduate asked to have her destination voided."""

    school_id: int
    graduate_id: int
    at: datetime


@dataclass(frozen=True)
class NumbersLapsed:
    """Numbers of graduates lapsed, since what they show has changed."""

    kinds: Mapping[int, Sequence[str]]
    """By id of graduate: each a `registry.numbers.shape.Kind`."""
    at: datetime


HeardElsewhere = ConfirmationAnswered | VoidAsked | NumbersLapsed
"""Told to no graduate: she did it herself, or is told of what it followed from."""


@dataclass(frozen=True)
class Decided:
    """What was decided on one application."""

    application_id: int
    graduate_id: int
    revision: int
    """The application's, made by the decision."""
    purpose: str
    """A `registry.review.states.Purpose`."""
    passed: bool
    closed: bool
    """Whether nothing more is decided on it: not after a return to be mended."""
    next_level: str
    """Who decides next, a `registry.review.states.Level`; empty where nobody has to."""
    year: int
    confirmation: str
    """The graduate's afterwards, a `registry.record.confirmation.states.ConfirmationState`."""
    authorization_ended: bool
    """Whether a verification she had authorized ended by it."""


@dataclass(frozen=True)
class ReviewDecided:
    """A level of review passed applications, or returned them with a reason."""

    school_id: int
    level: str
    """A `registry.review.states.Level`."""
    decisions: Sequence[Decided]
    reason: str
    at: datetime


@dataclass(frozen=True)
class Returned:
    """One graduate, whose registration in force the province returned."""

    graduate_id: int
    year: int


@dataclass(frozen=True)
class ProvinceReturned:
    """The province returned a batch of a school, or one graduate whom it had filed."""

    school_id: int
    batch_id: int
    returns: Sequence[Returned]
    at: datetime


@dataclass(frozen=True)
class SentInvitation:
    """One invitation that an employer sent to a graduate."""

    graduate_id: int
    invitation_id: int
    unit: str
    post: str
    answer_by: datetime


@dataclass(frozen=True)
class InvitationsSent:
    """An employer invited graduates of a school to sign."""

    school_id: int
    sent: Sequence[SentInvitation]
    at: datetime


@dataclass(frozen=True)
class EndedInvitation:
    """One invitation that ended without her answer."""

    graduate_id: int
    invitation_id: int
    unit: str


@dataclass(frozen=True)
class InvitationsEnded:
    """Invitations of a school's graduates were withdrawn, were stopped, or lapsed."""

    school_id: int
    state: str
    """What they are now, a `registry.signing.states.InvitationState`."""
    ended: Sequence[EndedInvitation]
    reason: str
    at: datetime


@dataclass(frozen=True)
class MovedAgreement:
    """One agreement to which something happened outside its review."""

    graduate_id: int
    invitation_id: int | None
    request_id: int | None
    """Of one on paper; one of both is set."""
    unit: str
    post: str
    revision: int
    """Of its review; 0 where there is none yet."""
    due_by: datetime | None
    """Until when she has to answer, where she has to."""


@dataclass(frozen=True)
class AgreementsMoved:
    """To agreements of a school's graduates something happened that was not her doing."""

    school_id: int
    event: str
    """A `registry.signing.states.AgreementEvent`."""
    moved: Sequence[MovedAgreement]
    reason: str
    at: datetime


@dataclass(frozen=True)
class PaperAnswered:
    """A school issued the paper that a graduate asked for, or returned what she asked."""

    school_id: int
    graduate_id: int
    request_id: int
    unit: str
    issued: bool
    hint: str
    """What to do now, or why it was returned."""
    at: datetime


@dataclass(frozen=True)
class SupplementMoved:
    """An employer proposed a supplement to a signed agreement, or the proposal ended unanswered."""

    school_id: int
    graduate_id: int
    supplement_id: int
    unit: str
    post: str
    state: str
    """What it is now, a `registry.signing.supplement_states.SupplementState`."""
    answer_by: datetime
    at: datetime


@dataclass(frozen=True)
class BreachAnswered:
    """A graduate's report was answered."""

    school_id: int
    graduate_id: int
    report_id: int
    final: bool
    """Whether it was her second look: she cannot ask for another."""
    at: datetime


@dataclass(frozen=True)
class TerminationMoved:
    """A request to end an agreement was made, answered, decided on, or taken back."""

    school_id: int
    graduate_id: int
    termination_id: int
    unit: str
    year: int
    """The graduate's cohort."""
    state: str
    """What it is now, a `registry.signing.termination_states.TerminationState`."""
    asked_by: str
    """The party that asked, a `registry.signing.termination_states.Party`."""
    done_by: str
    """The party that did this; `school`; empty for the clock."""
    text: str
    """What was said with it."""
    answer_by: datetime
    voided: bool
    """Whether a destination was voided by it."""
    authorization_ended: bool
    at: datetime


ToldEvent = (
    RegistrationsChanged
    | DestinationsReported
    | DestinationsVoided
    | ReviewDecided
    | ProvinceReturned
    | PeopleChanged
    | InvitationsSent
    | InvitationsEnded
    | TerminationMoved
    | AgreementsMoved
    | PaperAnswered
    | SupplementMoved
    | PhonesChanged
    | BreachAnswered
)
"""Of which a graduate may be told."""
RecordEvent = ToldEvent | HeardElsewhere
Listener = Callable[[Session, Sequence[RecordEvent]], None]
"""Hears all events of a transaction at once, in their order."""


def announce(session: Session, happened: RecordEvent) -> None:
    """Say on the session that something happened; listeners hear of it when the door commits."""
    session.info.setdefault(_KEY, []).append(happened)


def tell_before_commit(
    sessions: sessionmaker[Session], listener: Listener, last: Listener | None = None
) -> None:
    """Have `listener` hear the events of these sessions, inside their transaction.

    `last` hears them behind it: it may take what other transactions wait for.
    """

    def before_commit(session: Session) -> None:
        all_of_it = session.info.pop(_KEY, [])
        for hears in filter(None, (listener, last)) if all_of_it else ():
            hears(session, all_of_it)

    def after_rollback(session: Session) -> None:
        session.info.pop(_KEY, None)

    event.listen(sessions, "before_commit", before_commit)
    event.listen(sessions, "after_rollback", after_rollback)
