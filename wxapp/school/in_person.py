"""On a graduate's page: where her verification stands, and that she was seen in person, with card.

The other way of real-person authentication beside the face: staff record what they saw, and she
authorizes by herself in WeChat that day. No number is shown here: it is hers alone.
"""

from typing import Any

from flask import redirect, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from registry.accounts import audit
from registry.base.errors import RuleError
from registry.numbers import shape
from registry.numbers.verification import authentication, authorize
from registry.numbers.verification import states as authorization
from registry.numbers.verification.authentication import DOCUMENT_TITLES, IdentityDocument
from registry.record import graduate_page
from registry.record.tables import Graduate
from wxapp.core.db import writing
from wxapp.core.resources import now
from wxapp.school.door import blueprint, staff_context


def shown(session: Session, graduate: Graduate) -> dict[str, Any]:
    """Return what the tab shows."""
    return {
        "verified": authorize.own(session, graduate.id, now()),
        "verified_titles": authorization.TITLES,
        "kind_titles": shape.KIND_TITLES,
        "document_titles": DOCUMENT_TITLES,
        "seen_in_person": authentication.in_person_today(session, graduate.id, now()),
    }


@blueprint.post("/graduates/<key>/in-person")
def record_in_person(key: str) -> Response:
    """Keep that she and her document were seen; a second press changes nothing."""
    document = _document(request.form.get("document", ""), seen=request.form.get("seen", ""))
    with writing() as session:
        graduate = graduate_page.find(session, staff_context().scope, key)
        if authentication.in_person_today(session, graduate.id, now()) is None:
            authentication.record_in_person(
                session, graduate.id, document, staff_context().actor, now()
            )
            details = {"reason": DOCUMENT_TITLES[document]}
            record = staff_context().audit_record(
                "seen_in_person", graduate_page.subject(key), details
            )
            audit.note(session, record, now())
    return redirect(url_for("school.graduate", key=key, tab="authorization"), 303)


def _document(name: str, *, seen: str) -> IdentityDocument:
    if name not in set(IdentityDocument):
        raise RuleError("document_missing", "请选择本人出示的证件。", "document")
    if not seen:
        sentence = "请先当面核对本人与证件，并勾选“本人到场，人证一致”。"
        raise RuleError("not_seen", sentence, "seen")
    return IdentityDocument(name)
