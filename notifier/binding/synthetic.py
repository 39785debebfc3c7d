"""Gives synthetic graduates a made-up WeChat identity that follows the account."""

from collections.abc import Sequence
from datetime import datetime
from random import Random
from secrets import token_urlsafe

from sqlalchemy import insert
from sqlalchemy.orm import Session

from notifier.ledger.tables import Binding, Follower


def made_up_openid() -> str:
    """Return an openid of the usual shape: 28 characters that begin with o."""
    return f"o{token_urlsafe(21)[:27]}"


def bind_share(
    session: Session, graduate_ids: Sequence[int], share: float, at: datetime, seed: int = 0
) -> dict[int, str]:
    """Bind a share of the graduates; return the openids by graduate."""
    chance = Random(f"{seed}:{graduate_ids[:1]}")  # noqa: S311 - who of the made-up people, no secret
    bound = {ident: made_up_openid() for ident in graduate_ids if chance.random() < share}
    if bound:
        session.execute(
            insert(Follower),
            [{"openid": each, "subscribed": True, "changed_at": at} for each in bound.values()],
        )
        session.execute(
            insert(Binding),
            [
                {"openid": openid, "graduate_id": ident, "bound_at": at}
                for ident, openid in bound.items()
            ],
        )
    return bound
