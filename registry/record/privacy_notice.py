"""The text on the use of personal data that holds now: a school's own, or the default.

The default is the template `privacy/default.html`; its version is the day it was written. A test
holds that the text is not changed without another version.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BindParameter, bindparam, exists, func, select
from sqlalchemy.orm import Session, aliased

from registry.accounts.school_tables import School
from registry.base.counting import Counting, Query, columns
from registry.base.database import BigId
from registry.base.errors import RuleError
from registry.record.privacy_tables import PrivacyNotice
from registry.record.scope import lock_school

DEFAULT_VERSION = "2026-11-29"
MOST_CHARACTERS = 20_000


@dataclass(frozen=True)
class Notice:
    """A text and its version."""

    version: str
    """The day of the default text, or `SCHOOL-NUMBER` of a school's own."""
    school: School | None
    """Whose graduates it is for; None where that is not known yet."""
    text: str = ""
    """The school's own; empty for the default."""
    published_at: datetime | None = None

    @property
    def paragraphs(self) -> list[str]:
        """Return the school's own text, a line each."""
        return [each.strip() for each in self.text.splitlines() if each.strip()]


def before_binding(session: Session) -> Notice:
    """Return what somebody is shown whose school is not known: of the only school, its own."""
    schools = session.scalars(select(School).order_by(School.id).limit(2)).all()
    if len(schools) == 1:
        return of_school(session, schools[0])
    return Notice(DEFAULT_VERSION, None)


def of_school(session: Session, school: School) -> Notice:
    """Return the text that holds for a school's graduates now."""
    own = session.scalar(
        select(PrivacyNotice)
        .where(PrivacyNotice.school_id == school.id)
        .order_by(PrivacyNotice.version.desc())
        .limit(1)
    )
    if own is None or not own.text:
        return Notice(DEFAULT_VERSION, school)
    return Notice(f"{school.code}-{own.version}", school, own.text, own.published_at)


def published(school_id: int) -> Counting:
    """Return the query of whether a school's own text holds: of one or none."""
    return Counting(_PUBLISHED, {_SCHOOL.key: school_id})


_SCHOOL: BindParameter[int] = bindparam("of_school", type_=BigId)
_newer = aliased(PrivacyNotice)
_PUBLISHED: Query = select(*columns()).where(
    PrivacyNotice.school_id == _SCHOOL,
    PrivacyNotice.text != "",
    ~exists().where(
        _newer.school_id == PrivacyNotice.school_id, _newer.version > PrivacyNotice.version
    ),
)


def publish(session: Session, school: School, text: str, by: str, at: datetime) -> Notice:
    """Have a text hold from now on; an empty one brings the default back.

    Raises RuleError `notice_too_long`, or `notice_unchanged`.
    """
    text = text.replace("\r\n", "\n").strip()
    if len(text) > MOST_CHARACTERS:
        raise RuleError("notice_too_long", f"最多 {MOST_CHARACTERS:,} 个字。", "text")
    lock_school(session, school.id)  # two versions are published one after the other
    before = of_school(session, school)
    if text == before.text:
        raise RuleError("notice_unchanged", "内容没有变化，未发布新版本。", "text")
    newest = select(func.max(PrivacyNotice.version)).where(PrivacyNotice.school_id == school.id)
    version = (session.scalar(newest) or 0) + 1
    session.add(
        PrivacyNotice(
            school_id=school.id, version=version, text=text, published_at=at, published_by=by
        )
    )
    session.flush()
    return of_school(session, school)
