"""One cohort of a school (届): who reviews, and until when graduates may register and update.

Source: the registration notice of 2023, clause 1.3: changes are entered by 31 August of the cohort;
afterwards the school does it, with a reason.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import bindparam, exists, select
from sqlalchemy.orm import Session

from registry.accounts.school_tables import School
from registry.base.clock import SHANGHAI
from registry.base.counting import Counting, Query, columns
from registry.base.database import BigId
from registry.base.detached import Detached
from registry.base.errors import RuleError
from registry.record.cohort import last_day
from registry.record.scope import lock_school
from registry.review import states as review
from registry.review.states import LEVEL_CHOICES, Level
from registry.review.tables import Application
from registry.review.tables import Season as SeasonRow


@dataclass(frozen=True)
class SeasonRules:
    """The rules of one school and year."""

    year: int
    levels: tuple[Level, ...]
    opens_on: date | None
    """None: open as soon as the graduate is in the record."""
    closes_on: date
    reminds: bool = True
    """Whether those who have not confirmed are reminded of the last day, by and by."""
    offers_papers: bool = True
    """Whether the school issues agreements on paper (线下签约)."""

    def refusal(self, at: datetime) -> RuleError | None:
        """Return why a graduate may not register or change anything now; None where she may.

        The days are Asia/Shanghai's, both included.
        """
        today = at.astimezone(SHANGHAI).date()
        if self.opens_on and today < self.opens_on:
            day = f"{self.opens_on.month}月{self.opens_on.day}日"
            return RuleError("not_open_yet", f"本届登记从 {day} 开始，请到时再来。")
        if today > self.closes_on:
            day = f"{self.closes_on.year}年{self.closes_on.month}月{self.closes_on.day}日"
            sentence = f"本届登记和更新已于 {day} 截止。如需更改，请向学校说明原因，由学校办理。"
            return RuleError("season_closed", sentence)
        return None


OF_YEAR = (
    SeasonRow.school_id == bindparam("school", type_=BigId),
    SeasonRow.year == bindparam("year", type_=BigId),
)
"""Which row a statement finds that was made once."""
_READ = Detached(SeasonRow)
_ONE = select(*_READ.columns).where(*OF_YEAR)


def season(session: Session, school_id: int, year: int) -> SeasonRules:
    """Return the rules of a school's year; department and school review where nothing is set."""
    rows = _READ.read(session, _ONE, {"school": school_id, "year": year})
    return rules_of(rows[0][0] if rows else None, year)


def rules_of(row: SeasonRow | None, year: int) -> SeasonRules:
    """Return the rules of a year as a row says them; the usual ones where there is none."""
    return _read(row) if row else _default(year)


_SOME = select(SeasonRow).where(
    SeasonRow.school_id == bindparam("school", type_=BigId),
    SeasonRow.year.in_(bindparam("years", expanding=True, type_=BigId)),
)


def settings_of(school_id: int, year: int) -> Counting:
    """Return the query of whether a school has set the rules of a year: of one or none."""
    return Counting(_SET, {"school": school_id, "year": year})


_SET: Query = select(*columns()).where(*OF_YEAR)


def hold(session: Session, school_id: int, year: int) -> None:
    """Have the rules of a school's year stand as they are until the transaction ends.

    Who changes them meanwhile waits, and who is changing them is waited for.
    """
    wanted = select(SeasonRow.id).where(SeasonRow.school_id == school_id, SeasonRow.year == year)
    session.execute(wanted.with_for_update(read=True))


def seasons(session: Session, school_id: int, years: Iterable[int]) -> dict[int, SeasonRules]:
    """Return the rules of several years of a school."""
    wanted = set(years)
    rows = session.scalars(_SOME, {"school": school_id, "years": sorted(wanted)})
    return {year: _default(year) for year in wanted} | {row.year: _read(row) for row in rows}


def closing(session: Session, first: date, last: date) -> list[tuple[int, SeasonRules]]:
    """Return every school's id and year whose last day is among these, both included.

    A year nobody set rules for closes on its usual last day.
    """
    found = session.scalars(select(SeasonRow).where(SeasonRow.closes_on.between(first, last)))
    set_ones = [(row.school_id, _read(row)) for row in found]
    usual = [
        (school_id, _default(year))
        for year in range(first.year, last.year + 1)
        if first <= last_day(year) <= last
        for school_id in _without_rules(session, year)
    ]
    return set_ones + usual


def _without_rules(session: Session, year: int) -> Sequence[int]:
    set_by_school = exists().where(SeasonRow.school_id == School.id, SeasonRow.year == year)
    return session.scalars(select(School.id).where(~set_by_school)).all()


def _read(row: SeasonRow) -> SeasonRules:
    levels = tuple(Level(each) for each in row.levels)
    told = (row.reminds, row.offers_papers)
    return SeasonRules(row.year, levels, row.opens_on, row.closes_on, *told)


def _default(year: int) -> SeasonRules:
    cohort = abs(year)  # an ended record keeps its cohort below zero
    return SeasonRules(cohort, LEVEL_CHOICES[0], None, last_day(cohort))


def set_season(
    session: Session, school_id: int, wanted: SeasonRules, by: str, at: datetime
) -> SeasonRow:
    """Set the rules of a school's year.

    Raises RuleError `levels_unknown`, `day_implausible`, `closes_too_late`,
    `closes_before_it_opens`, or `levels_in_use` where an application waits for a level that would
    be no more.
    """
    _check(wanted)
    # Whoever changes the rules of a school's years does so one at a time.
    lock_school(session, school_id)
    _refuse_stranding(session, school_id, wanted)
    row = session.scalar(
        select(SeasonRow).where(SeasonRow.school_id == school_id, SeasonRow.year == wanted.year)
    )
    if row is None:
        row = SeasonRow(school_id=school_id, year=wanted.year)
        session.add(row)
    row.levels, row.updated_by, row.updated_at = list(wanted.levels), by, at
    row.opens_on, row.closes_on, row.reminds = wanted.opens_on, wanted.closes_on, wanted.reminds
    row.offers_papers = wanted.offers_papers
    session.flush()
    return row


def _check(wanted: SeasonRules) -> None:
    if wanted.levels not in LEVEL_CHOICES:
        raise RuleError("levels_unknown", "请从列表中选择审核的级次，学校审核不能省去。", "levels")
    earliest = date(wanted.year - 1, 1, 1)  # graduates sign contracts a year ahead, no earlier
    for name, day in (("opens_on", wanted.opens_on), ("closes_on", wanted.closes_on)):
        if day and day < earliest:
            sentence = f"{wanted.year} 届的日期不能早于 {earliest.year}年1月1日，请核对年份。"
            raise RuleError("day_implausible", sentence, name)
    if wanted.closes_on > last_day(wanted.year):
        sentence = f"截止日期不能晚于 {wanted.year}年8月31日，之后由学校说明原因后更改。"
        raise RuleError("closes_too_late", sentence, "closes_on")
    if wanted.opens_on and wanted.opens_on > wanted.closes_on:
        raise RuleError("closes_before_it_opens", "截止日期早于开始日期，请核对。", "closes_on")


def _refuse_stranding(session: Session, school_id: int, wanted: SeasonRules) -> None:
    stranded = stranded_states(wanted.levels)
    waiting = select(Application.id).where(
        Application.school_id == school_id,
        Application.year == wanted.year,
        Application.state.in_(stranded),
    )
    if stranded and session.scalar(waiting.limit(1)) is not None:
        sentence = "还有申请在等待要取消的级次审核，请先处理完再改。"
        raise RuleError("levels_in_use", sentence, "levels")


def stranded_states(levels: Sequence[Level]) -> frozenset[review.ApplicationState]:
    """Return the states nobody would decide on under these levels."""
    return frozenset(each for each in review.WAITING if review.level_of(each, levels) is None)
