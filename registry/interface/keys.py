"""Keys of the provinces' systems: made, ended, believed, and how much each may send in a minute."""

import base64
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import case, delete, or_, select, update
from sqlalchemy.orm import Session

from registry.accounts import audit
from registry.accounts.audit import AuditRecord
from registry.base.crypto import Vault
from registry.base.database import insert_new
from registry.base.errors import RuleError
from registry.codes import regions
from registry.interface import signatures
from registry.interface.signatures import NONCE_KEPT, Algorithm, SignatureClaim, SignedRequest
from registry.interface.tables import FeedHead, ProvinceKey, SpentNonce

PURPOSE = "province_key"
ROWS_A_MINUTE = 200_000
"""Of one key: 3,333 records a second, so that half a million are reconciled within four minutes."""
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class KeyHolder:
    """Which key signed a request, and for which province."""

    id: int
    keyid: str
    province: str


@dataclass(frozen=True)
class Refusal:
    """Why a signature was not believed; only the sandbox says so to who asked."""

    faults: list[str]
    base: str
    """As it was built here; empty where the headers could not be read."""


@dataclass(frozen=True)
class RowLimit:
    """What is left of a key's rows in this minute."""

    left: int
    resets_in: int
    """Seconds until it is whole again."""
    granted: bool


def create(
    session: Session,
    vault: Vault,
    province: str,
    algorithm: Algorithm,
    valid: tuple[datetime, datetime | None],
    at: datetime,
) -> tuple[ProvinceKey, str]:
    """Make a key for a province, valid from and until; return it and its secret in base64.

    The secret is shown this once. Raises RuleError `no_such_province` or `never_valid`.
    """
    if not regions.is_province(province):
        raise RuleError("no_such_province", f"{province} 不是省级行政区划代码（如 370000）。")
    since, until = valid
    if until is not None and until <= max(since, at):
        raise RuleError("never_valid", "失效时间应晚于生效时间和现在。")
    secret = base64.b64encode(secrets.token_bytes(signatures.SECRET_BYTES)).decode()
    keyid = f"{province[:2]}-{secrets.token_hex(4)}"
    key = ProvinceKey(
        keyid=keyid,
        province=province,
        algorithm=algorithm,
        secret_sealed=vault.seal(PURPOSE, keyid, secret),
        valid_from=since,
        valid_until=until,
        minute_rows=0,
        created_at=at,
    )
    session.add(key)
    _begin_feed(session, province)
    session.flush()
    _note(session, key, "province_key_create", at)
    return key, secret


def _begin_feed(session: Session, province: str) -> None:
    """Have the province's feed begin with its first key."""
    fresh = {"province": province, "epoch": secrets.token_hex(4)}
    session.execute(insert_new(session, FeedHead).values(**fresh, seq=0, floor=0, read_seq=0))


def end(session: Session, keyid: str, at: datetime) -> bool:
    """End a key; say whether it was good until now. Raises RuleError `no_such_key`."""
    key = session.scalar(select(ProvinceKey).where(ProvinceKey.keyid == keyid).with_for_update())
    if key is None:
        raise RuleError("no_such_key", f"没有编号为 {keyid} 的密钥。")
    if key.ended_at is not None:
        return False
    key.ended_at = at
    _note(session, key, "province_key_end", at)
    return True


def _note(session: Session, key: ProvinceKey, action: str, at: datetime) -> None:
    said = {"keyid": key.keyid, "algorithm": key.algorithm}
    subject = f"province_key:{key.keyid}"
    record = AuditRecord("command", action, subject, None, said, province=key.province)
    audit.note(session, record, at)


def believe(
    session: Session, vault: Vault, request: SignedRequest, at: datetime
) -> KeyHolder | Refusal:
    """Say who signed a request, and spend its nonce: last, or anybody could fill the table."""
    claim = signatures.read_claim(request)
    if claim is None:
        return Refusal(["headers"], "")
    key = session.scalar(select(ProvinceKey).where(ProvinceKey.keyid == claim.keyid))
    held = (Algorithm(key.algorithm), _secret(vault, key)) if key and _is_good(key, at) else None
    faults = signatures.faults_of(request, claim, held, at)
    if key is None or faults or not _spend(session, key, claim, at):
        return Refusal(faults or ["nonce"], signatures.base_of(request, claim.params))
    return KeyHolder(key.id, key.keyid, key.province)


def _secret(vault: Vault, key: ProvinceKey) -> bytes:
    return base64.b64decode(vault.open(PURPOSE, key.keyid, key.secret_sealed))


def _is_good(key: ProvinceKey, at: datetime) -> bool:
    begun = key.valid_from <= at and (key.valid_until is None or at < key.valid_until)
    return begun and key.ended_at is None


def _spend(session: Session, key: ProvinceKey, claim: SignatureClaim, at: datetime) -> bool:
    """Spend a nonce and note that the key is used; say whether the nonce was new."""
    row = {"key_id": key.id, "nonce": claim.nonce, "spent_at": at}
    spent = insert_new(session, SpentNonce).values(row).returning(SpentNonce.id)
    if session.scalar(spent) is None:
        return False
    session.execute(
        update(ProvinceKey)
        .where(ProvinceKey.id == key.id)
        .values(last_used_at=at)
        .execution_options(synchronize_session=False)
    )
    return True


def take_rows(session: Session, holder: KeyHolder, rows: int, at: datetime) -> RowLimit:
    """Take rows out of what a key may send in this minute, before anything is done with them."""
    is_over = or_(ProvinceKey.minute_began_at.is_(None), ProvinceKey.minute_began_at <= at - MINUTE)
    has_room = ProvinceKey.minute_rows + rows <= ROWS_A_MINUTE
    taken = session.execute(
        update(ProvinceKey)
        .where(ProvinceKey.id == holder.id, or_(is_over, has_room))
        .values(
            minute_rows=case((is_over, rows), else_=ProvinceKey.minute_rows + rows),
            minute_began_at=case((is_over, at), else_=ProvinceKey.minute_began_at),
        )
        .returning(ProvinceKey.minute_rows, ProvinceKey.minute_began_at)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    stands = (
        taken
        or session.execute(
            select(ProvinceKey.minute_rows, ProvinceKey.minute_began_at).where(
                ProvinceKey.id == holder.id
            )
        ).one()
    )
    began = stands.minute_began_at or at
    resets_in = max(1, round((began + MINUTE - at).total_seconds()))
    return RowLimit(ROWS_A_MINUTE - stands.minute_rows, resets_in, taken is not None)


def listed(session: Session, province: str | None = None) -> list[ProvinceKey]:
    """Return the keys of a province, or all, the newest first."""
    wanted = select(ProvinceKey).order_by(ProvinceKey.id.desc())
    if province is not None:
        wanted = wanted.where(ProvinceKey.province == province)
    return list(session.scalars(wanted))


def forget_nonces(session: Session, at: datetime) -> None:
    """Delete nonces whose signatures are too old to be believed again."""
    session.execute(
        delete(SpentNonce)
        .where(SpentNonce.spent_at < at - NONCE_KEPT)
        .execution_options(synchronize_session=False)
    )
