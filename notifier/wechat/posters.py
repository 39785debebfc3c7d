"""Posters of classes (绑定海报): their codes asked of WeChat, and what a scan of one is answered.

WeChat's limits (reference: "Generating a Parametric QR Code"): a temporary code holds thirty days,
an account has 100,000 permanent ones for ever and 100,000 calls a day. So codes are temporary, and
made anew with the same scene (docs/decisions/0076-posters-of-classes.md).
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import BindParameter, bindparam, exists, select, update
from sqlalchemy.orm import Session, aliased

from notifier.ledger import bindings
from notifier.ledger.poster_tables import Poster
from notifier.ledger.tables import StoredPush
from notifier.wechat.callback import CallbackEvent
from notifier.wechat.gateway import SceneCode
from notifier.wechat.menu import LOGIN_PATH
from registry.accounts.school_tables import Department, School
from registry.base.counting import Counting, Query, columns
from registry.base.database import BigId, UtcDateTime, random_key
from registry.record.scope import Scope, lock_school

GOOD_FOR = timedelta(days=30)
"""The longest WeChat gives a temporary code: 2,592,000 seconds."""
ENDS_SOON = timedelta(days=7)
"""So long before its end a code is made anew."""
MOST_AT_ONCE = 20
"""Codes asked for in one request: each is a call to WeChat."""
SCANNED = frozenset({"subscribe", "SCAN"})
_NO_MARKUP = str.maketrans("", "", "<>]")
"""A name from a roster brings no link of its own, and ends no CDATA."""
_FOLLOWED_BY = "qrscene_"
"""What stands before the scene where the scan made somebody follow."""


class CodeMaker(Protocol):
    """Whoever makes scene codes: notifier.wechat.gateway.Gateway."""

    def scene_code(self, scene: str, seconds: int) -> SceneCode:
        """Return a temporary code that holds so many seconds; raise GatewayError."""
        ...


@dataclass(frozen=True)
class PosterClass:
    """A class of a school's cohort."""

    department_id: int
    name: str


@dataclass(frozen=True)
class WantedCode:
    """A code that is to be asked for: of a new poster, or of one whose code ends."""

    of_class: PosterClass
    scene: str


def of_classes(session: Session, scope: Scope, year: int) -> dict[PosterClass, Poster]:
    """Return the newest poster of each class of a cohort of the scope's school."""
    wanted = select(Poster).where(Poster.school_id == scope.school_id, Poster.year == year)
    if scope.department_id is not None:
        wanted = wanted.where(Poster.department_id == scope.department_id)
    found = session.scalars(wanted.order_by(Poster.id))
    return {PosterClass(each.department_id, each.class_name): each for each in found}


def is_good(poster: Poster | None, at: datetime) -> bool:
    """Say whether a poster's code holds beyond the next days."""
    return poster is not None and poster.expires_at - at > ENDS_SOON


def wanted(
    posters: dict[PosterClass, Poster], classes: Iterable[PosterClass], at: datetime
) -> list[WantedCode]:
    """Return the codes these classes lack or soon will."""
    lacking = [each for each in classes if not is_good(posters.get(each), at)]
    return [
        WantedCode(each, posters[each].scene if each in posters else random_key())
        for each in lacking
    ]


def ask(maker: CodeMaker, codes: Sequence[WantedCode]) -> Iterable[tuple[WantedCode, SceneCode]]:
    """Ask WeChat for codes, yielding each as it comes; raise GatewayError. Nothing is open."""
    for each in codes:
        yield each, maker.scene_code(each.scene, int(GOOD_FOR.total_seconds()))


def keep(
    session: Session,
    scope: Scope,
    year: int,
    made: Collection[tuple[WantedCode, SceneCode]],
    by: str,
    at: datetime,
) -> None:
    """Keep codes that WeChat gave: a class that has a poster keeps its row.

    Of two who ask for the same class at once the first one's is kept.
    """
    lock_school(session, scope.school_id)
    present = of_classes(session, scope, year)
    for code, given in made:
        ends = at + timedelta(seconds=given.seconds)
        values = {"address": given.address, "expires_at": ends, "made_by": by, "made_at": at}
        row = present.get(code.of_class)
        if row is None:
            about = {"department_id": code.of_class.department_id, "year": year}
            names = {"class_name": code.of_class.name, "scene": code.scene}
            session.add(Poster(school_id=scope.school_id, **about, **names, **values))
        elif row.scene == code.scene:
            session.execute(update(Poster).where(Poster.id == row.id).values(values))
    session.flush()


def scene_of(event: CallbackEvent | StoredPush) -> str:
    """Return the scene of a scan; empty for what is none."""
    if event.event not in SCANNED:
        return ""
    key = str(event.content.get("EventKey", ""))
    if event.event == "SCAN":
        return key
    return key.removeprefix(_FOLLOWED_BY) if key.startswith(_FOLLOWED_BY) else ""


def answer(session: Session, event: CallbackEvent, public_url: str) -> str:
    """Return what whoever scans a poster reads, with the link that binds; "" for other scans."""
    scene = scene_of(event)
    named = session.execute(
        select(Poster, School.name)
        .join(School, School.id == Poster.school_id)
        .where(Poster.scene == scene)
    ).first()
    if not scene or named is None:
        return ""
    poster, school = named
    address = f"{public_url}{LOGIN_PATH}?to=home"
    if bindings.records_of(session, event.openid):
        return f'您已绑定微信，可以办理去向登记。\n<a href="{address}">进入去向登记</a>'
    whom = f"{school} {poster.year} 届{poster.class_name}".translate(_NO_MARKUP)
    return f'欢迎{whom}的毕业生。请绑定微信，登记和确认毕业去向。\n<a href="{address}">绑定微信</a>'


def count_scans(session: Session, events: Iterable[StoredPush]) -> None:
    """Add scans to the posters they were of."""
    counted = Counter(scene for each in events if (scene := scene_of(each)))
    for scene, number in counted.items():
        session.execute(
            update(Poster)
            .where(Poster.scene == scene)
            .values(scans=Poster.scans + number)
            .execution_options(synchronize_session=False)
        )


def made(scope: Scope, year: int, at: datetime) -> Counting:
    """Return the query of how many posters a school has for a cohort.

    Late are those whose codes are over or soon will be (`is_good`).
    """
    values = {_SCHOOL.key: scope.school_id, _YEAR.key: year, _ENDS.key: at + ENDS_SOON}
    return Counting(_MADE, values)


_SCHOOL: BindParameter[int] = bindparam("of_school", type_=BigId)
_YEAR: BindParameter[int] = bindparam("posters_of", type_=BigId)
_ENDS = bindparam("posters_end", type_=UtcDateTime())
_newer = aliased(Poster)
_REPLACED = exists().where(
    *(_newer.school_id == Poster.school_id, _newer.year == Poster.year),
    *(_newer.department_id == Poster.department_id, _newer.class_name == Poster.class_name),
    _newer.id > Poster.id,
)
_MADE: Query = select(*columns(late=(Poster.expires_at <= _ENDS) & ~_REPLACED)).where(
    Poster.school_id == _SCHOOL, Poster.year == _YEAR
)


def of_scope(
    session: Session, scope: Scope, year: int, at: datetime, department: str = ""
) -> list[tuple[Poster, str]]:
    """Return the posters whose codes hold, with the names of their departments, in order."""
    chosen = (
        select(Poster, Department.name)
        .join(Department, Department.id == Poster.department_id)
        .where(Poster.school_id == scope.school_id, Poster.year == year, Poster.expires_at > at)
        .order_by(Department.name, Poster.class_name)
    )
    if scope.department_id is not None:
        chosen = chosen.where(Poster.department_id == scope.department_id)
    if department:
        chosen = chosen.where(Department.key == department)
    return [(poster, name) for poster, name in session.execute(chosen)]
