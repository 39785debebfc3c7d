"""What is sealed for a row, once the row is there: values are bound to it."""

import base64
import secrets

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy.orm import Session

from registry.base.crypto import Vault
from registry.codes import identity
from registry.record.tables import Graduate


def seal(
    session: Session, vault: Vault, graduate: Graduate, *, number: str = "", phone: str = ""
) -> Graduate:
    """Seal a new graduate's numbers; the indexes are the caller's."""
    if not graduate.identity_sealed:
        graduate.identity_sealed = ""
    session.add(graduate)
    session.flush()
    if number:
        graduate.identity_sealed = vault.seal(identity.IDENTITY, graduate.id, number)
    if phone:
        graduate.phone_sealed = vault.seal(identity.PHONE, graduate.id, phone)
    session.flush()
    return graduate


def sealed_unbound(key: bytes, kid: str, purpose: str, value: str) -> str:
    """Seal a text as versions did that bound values to their column alone."""
    derived = HKDF(SHA256(), 32, salt=None, info=b"quxiang encryption").derive(key)
    nonce = secrets.token_bytes(12)
    sealed = nonce + AESGCM(derived).encrypt(nonce, value.encode(), purpose.encode())
    return f"v1:{kid}:{base64.b64encode(sealed).decode()}"
