"""Numbers follow the month of graduation as printed, whatever the cohort."""

import pytest
from sqlalchemy import update

from registry.numbers.shape import Issue
from registry.record.tables import Graduate
from tests.registry.numbers.office import Case


@pytest.mark.parametrize("issue", list(Issue))
def test_a_number_begins_with_the_year_of_the_month(case: Case, issue: Issue) -> None:
    case.session.execute(update(Graduate).values(year=2027, graduation_month="202612"))
    case.report()
    case.confirm()
    case.prove()
    case.authorize()
    case.generate()
    assert case.number(issue).startswith(f"26{case.school.code}")
