"""Whether the province's own system has read what a graduate says is wrong."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry.interface.feed import ChangeKind
from registry.interface.tables import FeedChange, FeedHead
from registry.record.tables import Graduate


def has_read_dispute(session: Session, graduate: Graduate) -> bool | None:
    """Say whether her last dispute was stored there; None where no feed carried it.

    `graduate` comes with her school loaded.
    """
    hers = (FeedChange.graduate_id == graduate.id, FeedChange.kind == ChangeKind.DISPUTED)
    seq = session.scalar(
        select(func.max(FeedChange.seq)).where(
            FeedChange.province == graduate.school.province, *hers
        )
    )
    read = session.scalar(
        select(FeedHead.read_seq).where(FeedHead.province == graduate.school.province)
    )
    return None if seq is None or read is None else read >= seq
