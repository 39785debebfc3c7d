"""The newest number of a graduate is found by her, however many numbers there are."""

import pytest

from registry.base.paging import Place
from registry.numbers import listing
from registry.numbers.listing import NumberFilter
from registry.numbers.shape import Issue, Kind
from registry.numbers.verification.authorize import own
from registry.record.graduate_filter import GraduateFilter
from registry.record.scope import Scope
from tests.registry.numbers.office import Case
from tests.registry.plans import plans, read_through


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_numbers_are_issued_listed_and_lapse_by_person(case: Case) -> None:
    case.report()
    wanted = NumberFilter(GraduateFilter(case.graduate.year), Issue.TRANSFER, Kind.FILE)
    with plans(case.session) as found:
        case.generate()
        assert listing.page(case.session, Scope(case.school.id), wanted, Place(), case.clock()).rows
        own(case.session, case.graduate.id, case.clock())
        case.report(unit_name="远山建设有限公司")
        case.generate()
    assert not read_through(found, "issued_number")
    assert sum("uq_issued_number_newest" in each for each in found) > 2
