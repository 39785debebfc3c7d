"""Every life of the product, with the column that holds its state.

Whoever adds a state table adds it here: the tests of the moves and of the writes read this list,
and `tests/architecture/test_state_columns.py` fails where a table or a column is missing from it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import InstrumentedAttribute

from notifier.ledger import states as ledger
from notifier.ledger.mini_tables import MiniNotice
from notifier.ledger.tables import Campaign, Message
from registry.base.state_table import StateTable
from registry.breaches.states import BREACH
from registry.breaches.tables import BreachReport
from registry.numbers.posting.states import POSTING
from registry.numbers.posting.tables import Posting
from registry.numbers.states import ISSUED_NUMBER
from registry.numbers.tables import IssuedNumber
from registry.numbers.transfer.states import TRANSFER
from registry.numbers.verification.states import AUTHORIZATION
from registry.province.forwarding_states import FORWARDING
from registry.province.forwarding_tables import Forwarding
from registry.province.states import BATCH
from registry.record.confirmation.states import CONFIRMATION
from registry.record.contact_states import CONTACT_CHANGE, NOTICE
from registry.record.contact_tables import ContactChange
from registry.record.province_tables import ProvinceBatch
from registry.record.tables import Graduate
from registry.review import states as review
from registry.review.states import REGISTER, VOID, Purpose
from registry.review.tables import Application
from registry.second_factor.states import RESET
from registry.second_factor.tables import FactorReset
from registry.signing.employer_papers import (
    Certification,
    EmployerListing,
    EmployerTakeover,
)
from registry.signing.employer_states import CERTIFICATION, LISTING, TAKEOVER
from registry.signing.employer_text_tables import EmployerText
from registry.signing.states import (
    AGREEMENT,
    INVITATION,
    OFFLINE_REQUEST,
    QUALIFICATION,
    VOIDING,
)
from registry.signing.supplement_states import SUPPLEMENT
from registry.signing.supplement_tables import Supplement
from registry.signing.tables import Agreement, Invitation, OfflineRequest, Qualification, Voiding
from registry.signing.termination_states import TERMINATION
from registry.signing.termination_tables import Termination
from registry.tasks.states import TASK
from registry.tasks.tables import Task


@dataclass(frozen=True)
class Life:
    """A state table and the column that holds the state."""

    name: str
    table: StateTable[Any, Any]
    column: InstrumentedAttribute[str]
    rows: Mapping[str, Any] = field(default_factory=dict)
    """Which rows live by it, where a column holds the states of several tables."""


LIVES = (
    Life("confirmation", CONFIRMATION, Graduate.confirmation),
    Life("application to register", REGISTER, Application.state, {"purpose": Purpose.REGISTER}),
    Life("application to void", VOID, Application.state, {"purpose": Purpose.VOID}),
    Life(
        *("review of an agreement", review.AGREEMENT, Application.state),
        {"purpose": Purpose.AGREEMENT},
    ),
    Life("qualification", QUALIFICATION, Qualification.state),
    Life("papers of an employer", CERTIFICATION, Certification.state),
    Life("take-over of an employer's accounts", TAKEOVER, EmployerTakeover.state),
    Life("listing of an employer", LISTING, EmployerListing.state),
    Life("invitation", INVITATION, Invitation.state),
    Life("agreement", AGREEMENT, Agreement.state),
    Life("request for an agreement on paper", OFFLINE_REQUEST, OfflineRequest.state),
    Life("supplement to an agreement", SUPPLEMENT, Supplement.state),
    Life("voiding of an agreement", VOIDING, Voiding.state),
    Life("report of a breach", BREACH, BreachReport.state),
    Life("termination", TERMINATION, Termination.state),
    Life("batch", BATCH, ProvinceBatch.state),
    Life("forwarding", FORWARDING, Forwarding.state),
    Life("task", TASK, Task.state),
    Life("reset of a second factor", RESET, FactorReset.state),
    Life("change of contact", CONTACT_CHANGE, ContactChange.state),
    Life("notice of a change of contact", NOTICE, ContactChange.notice_state),
    Life("short message to an employer", NOTICE, EmployerText.state),
    Life("issued number", ISSUED_NUMBER, IssuedNumber.standing),
    Life("posting of a file", POSTING, Posting.state),
    Life("message", ledger.MESSAGE, Message.state),
    Life("one-time notice", ledger.MINI_NOTICE, MiniNotice.state),
    Life("campaign", ledger.CAMPAIGN, Campaign.state),
)

DERIVED = (AUTHORIZATION, TRANSFER)
"""No column holds these: they follow from the issued number's own state and its last day."""
