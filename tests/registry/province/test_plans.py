"""Reporting a year to the province costs by who is reported, not by its square."""

import pytest

from registry.accounts.tables import Role
from registry.province import batch_decisions
from registry.province.batches import send_batch, signature
from registry.province.selection import left_out, prepare
from registry.record.province_lock import locked_ids
from registry.record.tables import Graduate
from tests.registry.plans import plans, read_through
from tests.registry.review.casework import Casework

SHANDONG = "370000"
YEAR = 2026


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_who_stands_with_the_province_is_found_by_person(
    work: Casework, graduate: Graduate
) -> None:
    session, scope = work.session, work.campus.scope
    school, province = (signature(work.staff(role)) for role in (Role.SCHOOL, Role.PROVINCE))
    work.register(graduate)
    with plans(session) as found:
        assert prepare(session, scope, YEAR).goes == 1
        batch = send_batch(session, scope, YEAR, school, work.at)
        assert len(left_out(session, scope, YEAR)) == 1
        batch_decisions.file_batch(session, SHANDONG, batch.key, province, work.at)
        assert len(locked_ids(session, [graduate.id])) == 1
    assert not read_through(found, "province_entry")
    assert sum("uq_province_entry_standing" in each for each in found) > 2
