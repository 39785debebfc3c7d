"""How many files of all who are reported stand in each stage of posting."""

from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, literal, or_, select, union_all

from registry.base.prepared import Rows
from registry.base.written_out import is_one_of
from registry.codes import transfer_types
from registry.numbers.posting.states import STANDING, PostingStage
from registry.numbers.posting.tables import Posting
from registry.record import counts as kept_counts
from registry.record.count_tables import GraduateCount
from registry.record.graduate_filter import GraduateFilter, matching
from registry.record.scope import MADE, Scope, of_school
from registry.record.tables import Graduate, Registration

STAYING = [each.title for each in transfer_types.FILES if each.stays]
EVERYBODY = ""
"""Stands for a stage, or a kind of numbers, where all the people are counted."""


@lru_cache(MADE)
def query(scope: Scope, people: GraduateFilter) -> Select[*tuple[Any, ...]] | None:
    """Return the query of how many stand in each stage: few are posted, and few stay."""
    everybody = kept_counts.kept(scope, people)
    if everybody is None:
        return None
    hers = and_(Posting.graduate_id == Graduate.id, is_one_of(Posting.state, sorted(STANDING)))
    posted = (
        select(Posting.state, func.count())
        .join(Graduate, hers)
        .join(Registration, Registration.id == Graduate.registration_id)  # a filter may ask for it
        .where(Posting.school_id == scope.school_id, matching(scope, people))
        .group_by(Posting.state)
    )
    staying = (
        select(literal(PostingStage.STAYS.value), func.count())
        .select_from(Registration)
        .join(Graduate, Graduate.registration_id == Registration.id)
        .where(
            of_school(Registration.school_id, scope),
            Registration.year == people.year,
            _stays(),
            matching(scope, people),
            ~exists().where(hers),
        )
    )
    served = select(literal(EVERYBODY), kept_counts.people())
    served = served.where(everybody, GraduateCount.category != "")
    return select(union_all(posted, staying, served).subquery())


def _stays() -> ColumnElement[bool]:
    return or_(*(Registration.file_type == each for each in STAYING))


def read(rows: Rows) -> dict[str, int]:
    """Return how many files stand in each stage, of the rows of `query`."""
    numbers: dict[str, int] = {stage: number or 0 for stage, number in rows}
    found = {PostingStage(stage): number for stage, number in numbers.items() if stage}
    found[PostingStage.NOT_POSTED] = numbers[EVERYBODY] - sum(found.values())
    return {each: found.get(each, 0) for each in PostingStage}
