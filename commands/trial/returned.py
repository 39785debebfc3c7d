"""One registration that waits for its graduate: it was returned before the trial begins."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from notifier.ledger.tables import Binding
from registry.accounts.tables import Staff
from registry.record.confirmation.states import ConfirmationState
from registry.record.scope import Scope
from registry.record.tables import Graduate
from registry.review import applications, decide
from registry.review.application_moves import Writer
from registry.review.decisions import Decision, Verdict, reviewer
from runtime.resources import Resources

RETURNED = "已退回"
SEEKING = {"category": "70", "file_type": "转回生源地", "household_type": "户口不在学校"}
REASON = "已与单位签约的，请按就业协议登记"


def return_one(session: Session, resources: Resources, teacher: Staff) -> str | None:
    """Have a department's teacher return what one of its graduates sent; return her openid.

    None where nobody of the department is bound and has nothing registered yet.
    """
    found = session.execute(
        select(Graduate, Binding.openid)
        .join(Binding, Binding.graduate_id == Graduate.id)
        .where(
            *(Graduate.department_id == teacher.department_id, Binding.ended_at.is_(None)),
            Graduate.confirmation == ConfirmationState.NOT_REPORTED,
        )
        .order_by(Graduate.id)
        .limit(1)
    ).first()
    if found is None:
        return None
    graduate, openid = found
    writer = Writer(graduate, resources.clock())
    draft = applications.save(session, writer, SEEKING, applications.NEW)
    sent = applications.submit(session, resources.vault, writer, draft.revision)
    scope = Scope(graduate.school_id, teacher.department_id)
    verdict = Verdict(Decision.RETURN, REASON)
    seen = {sent.key: sent.revision}
    decide.decide(session, scope, reviewer(teacher), seen, verdict, writer.at)
    return str(openid)
