"""What a graduate has of what few have: her home page asks further only for that.

In the topmost room that it looks into.
"""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import BindParameter, ColumnElement, bindparam, exists, or_, select
from sqlalchemy.orm import Session

from registry.base.database import BigId
from registry.base.detached import read_rows
from registry.base.listed import is_listed
from registry.numbers.posting.tables import Posting
from registry.record.contact_tables import ContactChange
from registry.record.province_tables import ProvinceEntry
from registry.signing.tables import Invitation, OfflineRequest
from registry.signing.termination_tables import Termination


class Has(NamedTuple):
    """What there is of a graduate, or was."""

    returned: bool
    """Something that a province has sent back."""
    invitations: bool
    papers: bool
    """Requests for agreements on paper."""
    postings: bool
    terminations: bool
    contact_changes: bool
    """Of one of her records, or while it was bound to her WeChat."""


_HER: BindParameter[int] = bindparam("graduate", type_=BigId)
_CONTACT = or_(
    is_listed(ContactChange.graduate_id, "records"), ContactChange.openid == bindparam("openid")
)
_RETURNED: ColumnElement[bool] = (ProvinceEntry.graduate_id == _HER) & (
    ProvinceEntry.returned_at.is_not(None)
)
_HAS = select(
    exists().where(_RETURNED),
    exists().where(Invitation.graduate_id == _HER),
    exists().where(OfflineRequest.graduate_id == _HER),
    exists().where(Posting.graduate_id == _HER),
    exists().where(Termination.graduate_id == _HER),
    exists().where(_CONTACT),
)


def has(session: Session, graduate_id: int, records: Sequence[int], openid: str) -> Has:
    """Return what there is of a graduate, who is all of these records."""
    asked = {"graduate": graduate_id, "records": records, "openid": openid}
    [found] = read_rows(session, _HAS, asked)
    return Has(*found)
