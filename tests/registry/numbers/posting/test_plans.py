"""Postings are found by person and by unit, however many a school has; nothing is read through."""

from datetime import date

import pytest

from registry.base.paging import Place
from registry.numbers import listing
from registry.numbers.listing import NumberFilter
from registry.numbers.posting import directory, lists, noting
from registry.numbers.posting.directory import FileReceiver
from registry.numbers.posting.noting import PostRoom
from registry.numbers.posting.states import PostingWay
from registry.numbers.posting.waybill import Waybill
from registry.numbers.shape import Issue, Kind
from registry.record.graduate_filter import GraduateFilter
from registry.record.scope import Scope
from tests.registry.numbers.office import Case
from tests.registry.plans import plans, read_through

CENTRE = FileReceiver("青岛市人才服务中心", "福州南路8号")


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_no_page_reads_all_postings(case: Case) -> None:
    case.report()
    session, scope, school = case.session, Scope(case.school.id), case.school.id
    room = PostRoom(scope, "staff:x", case.clock())
    wanted = NumberFilter(GraduateFilter(2026), Issue.TRANSFER, Kind.FILE, posting="posted")
    with plans(session) as found:
        bill = Waybill(PostingWay.EMS, "12345", date(2026, 7, 1))
        noting.post(session, room, case.graduate.key, bill, CENTRE)
        assert listing.page(session, scope, wanted, Place(), case.clock()).rows
        assert listing.posting_counts(session, scope, wanted, case.clock())["posted"] == 1
        assert lists.own(session, case.graduate.id, case.clock())
        assert directory.page(session, school, "", Place()).rows
        assert directory.known(session, school, CENTRE.unit) == CENTRE
        assert directory.names(session, school) == [CENTRE.unit]
    assert not read_through(found, "posting")
    of_a_unit = [each for each in found if "ix_posting_unit (school_id=? AND unit=?" in each]
    assert len(of_a_unit) == 3, "what a unit's newest posting is takes no look at the others"
