"""What is worth a look of a province's destinations is found by one query a rule."""

import pytest

from registry.accounts.tables import Role
from registry.province import batch_decisions, flags
from registry.province.batches import signature
from registry.province.flags import FEWEST, FLAGS, MANY_AT_ONE_FIRM, MANY_FIRMS
from registry.record.tables import Source
from tests.registry.province.test_batches import SHANDONG, YEAR, file, import_employer, send
from tests.registry.review.casework import Casework
from tests.wxapp.school.records import Campus, open_campus


def found(work: Casework, key: str) -> list[tuple[str | None, int, str]]:
    figure = flags.look(work.session, FLAGS[key], SHANDONG, YEAR)
    assert figure.number == len(figure.cases)
    return [(each.school or each.unit_code, each.number, each.percent) for each in figure.cases]


def report_many(campus: Campus, number: int, **said: str) -> None:
    for _ in range(number):
        campus.report(campus.graduate(), Source.IMPORT, "学校", **said)


@pytest.fixture
def second(work: Casework) -> Campus:
    """Give the province a second school, with thirty ordinary destinations."""
    campus = open_campus(work.session, work.at, "10001")
    report_many(campus, 30)
    return campus


def test_a_school_with_twice_the_provinces_share_is_named(work: Casework, second: Campus) -> None:
    key, category = "freelance", "76"
    report_many(work.campus, FEWEST - 1, category=category)
    assert found(work, key) == []
    report_many(work.campus, 1, category=category)
    assert found(work, key) == [(work.campus.school.name, FEWEST, "100.0%")]
    report_many(second, 3 * FEWEST, category=category)
    assert found(work, key) == []


def test_many_at_one_private_firm_are_counted_over_all_schools(
    work: Casework, second: Campus
) -> None:
    firm = {"unit_nature": "39", "unit_code": "91370200MA3CQ3QX7T"}
    report_many(second, MANY_AT_ONE_FIRM - 1, **firm)
    report_many(work.campus, MANY_AT_ONE_FIRM, unit_nature="31", unit_code="9137020016305")
    assert found(work, "one_firm") == []
    report_many(work.campus, 1, **firm)
    assert found(work, "one_firm") == [(firm["unit_code"], MANY_AT_ONE_FIRM, "")]


def test_one_telephone_of_many_firms_is_named_by_its_last_digits(work: Casework) -> None:
    for which in range(MANY_FIRMS):
        said = {"unit_code": f"9137{which}", "unit_phone": "0532-55501234"}
        report_many(work.campus, 2, unit_name=f"公司{which}", **said)
    (case,) = flags.look(work.session, FLAGS["one_phone"], SHANDONG, YEAR).cases
    assert (case.unit_code, case.number) == ("电话尾号 1234", MANY_FIRMS)
    assert {f"公司{which}" for which in range(MANY_FIRMS)} == set(
        (case.unit_name or "").split("、")
    )


def test_who_is_changed_after_filing_is_counted_and_who_was_changed_before_is_not(
    work: Casework,
) -> None:
    before, after = work.campus.graduate("甲"), work.campus.graduate("乙")
    for each in (before, after):
        work.register(each)
    batch = send(work)
    import_employer(work, before, "别的公司", Source.IMPORT)
    file(work, batch)
    assert found(work, "after_filing") == []
    by = signature(work.staff(Role.PROVINCE))
    batch_decisions.release(work.session, SHANDONG, after.key, by, "更正", work.at)
    import_employer(work, after, "别的公司", Source.IMPORT)
    assert found(work, "after_filing") == [(work.campus.school.name, 1, "")]


def test_nothing_of_another_province_or_cohort_is_counted(work: Casework) -> None:
    report_many(work.campus, FEWEST, category="12")
    for elsewhere in (("110000", YEAR), (SHANDONG, 2025)):
        assert not any(flags.look(work.session, each, *elsewhere).number for each in FLAGS.values())
