"""An agreement as its reviewer sees it: the terms, what was amended, how the employer stands."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.review.tables import Application
from registry.signing import employer_standing, terms, versions
from registry.signing.tables import Agreement
from registry.signing.terms import TermLine
from registry.signing.versions import TermChange


@dataclass(frozen=True)
class ReviewedAgreement:
    """What is reviewed of an agreement besides the destination that it registers."""

    agreement: Agreement
    lines: list[TermLine]
    amended: list[TermChange]
    """What differs from the terms she agreed to before; empty where there were none."""
    warnings: list[str]
    """How the employer stands now, where that is to be looked at."""


def reviewed_agreement(
    session: Session, application: Application, school_id: int, at: datetime
) -> ReviewedAgreement:
    """Return the agreement that an application is the review of."""
    wanted = select(Agreement).where(Agreement.application_id == application.id)
    agreement = session.scalars(wanted).one()
    agreed = [each.terms for each in versions.of(session, agreement) if each.agreed_at]
    return ReviewedAgreement(
        agreement,
        terms.lines(agreement.terms),
        versions.differences(agreed[1], agreed[0]) if len(agreed) > 1 else [],
        employer_standing.of_agreement(session, agreement, school_id, at),
    )
