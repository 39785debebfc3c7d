"""After a termination, in one tap: registered as looking for work (登记为求职中).

Nothing is registered by itself; what her file and household did before goes on where it may.
"""

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.base.crypto import Vault
from registry.base.errors import RuleError
from registry.codes import transfer_types
from registry.codes.categories import category_group
from registry.record import validation
from registry.record.fields import FILE_BLOCK, HOUSEHOLD_BLOCK
from registry.record.tables import Registration
from registry.review import application_moves, applications
from registry.review.application_moves import Writer
from registry.review.tables import Application
from registry.signing.states import AgreementState
from registry.signing.tables import Agreement

CATEGORY = "70"
"""求职中."""


def may_seek(session: Session, writer: Writer, agreement: Agreement) -> bool:
    """Say whether she, whose agreement is over, has registered nothing and may do so now."""
    if agreement.state != AgreementState.TERMINATED or writer.graduate.registration_id is not None:
        return False
    if application_moves.current(session, writer.graduate.id) is not None:
        return False
    try:
        applications.refuse_writing(session, writer)
    except RuleError:
        return False
    return True


def seek(session: Session, vault: Vault, writer: Writer) -> Application:
    """Send her registration as looking for work to review.

    Raises what `applications.save` and `submit` raise, or RuleError `something_registered`.
    """
    if writer.graduate.registration_id is not None:
        sentence = "您已登记其他去向，如需更改，请在“更改去向”中办理。"
        raise RuleError("something_registered", sentence)
    values = {"category": CATEGORY, **_goes_on(_last(session, writer))}
    draft = applications.save(session, writer, values, applications.NEW)
    return applications.submit(session, vault, writer, draft.revision)


def _last(session: Session, writer: Writer) -> dict[str, str]:
    """Return the version that was in force before there was none."""
    hers = select(Registration).where(Registration.graduate_id == writer.graduate.id)
    newest = session.scalar(hers.order_by(Registration.version.desc()).limit(1))
    return validation.cleaned(applications.said(newest)) if newest else {}


def _goes_on(kept: Mapping[str, str]) -> dict[str, str]:
    """Return what of file and household fits one who looks for work."""
    found = dict[str, str]()
    group = category_group(CATEGORY)
    for block, kind, find in (
        (FILE_BLOCK, "file_type", transfer_types.file_type),
        (HOUSEHOLD_BLOCK, "household_type", transfer_types.household_type),
    ):
        transfer = find(kept.get(kind, ""))
        if transfer is not None and group in transfer.fits:
            found |= {name: kept[name] for name in block if kept.get(name)}
    return found
