"""Graduates' pages: what is registered of her, her answer to it, her messages."""

from wxapp.graduate import (
    agreeing,
    agreeing_face,
    authorization_door,
    authorizing,
    binding,
    breach,
    breach_receipt,
    confirmation,
    contact,
    employer_lookup,
    evidence,
    given_code,
    guide,
    inbox,
    privacy,
    proving,
    record,
    registering,
    sending,
    sheet,
    signed_in,
    signing,
    signing_face,
    terminating,
    unbinding,
    voiding,
)

PAGES = (authorizing, proving, given_code, signing_face, agreeing_face)
"""Imported so that their routes exist."""

blueprints = (
    record.blueprint,
    confirmation.blueprint,
    inbox.blueprint,
    guide.blueprint,
    binding.blueprint,
    unbinding.blueprint,
    signed_in.blueprint,
    *(contact.blueprint, contact.link),
    *{each.blueprint for each in (registering, employer_lookup, sending)},
    evidence.blueprint,
    voiding.blueprint,
    sheet.blueprint,
    signing.blueprint,
    *(breach.blueprint, breach_receipt.blueprint),
    terminating.blueprint,
    agreeing.blueprint,
    authorization_door.blueprint,
    privacy.blueprint,
)
