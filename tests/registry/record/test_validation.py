"""What a category asks for, what is refused and what is only pointed out, as a list of facts."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.codes import categories, transfer_types
from registry.codes.code_tables import CATEGORY
from registry.record import comparison, fields, requirements, validation
from registry.record.registration import COLUMNS
from registry.record.validation import GraduateFacts, Severity, as_registration, problems
from tests.registry.review.casework import AGREEMENT, CREDIT_CODE, SEEKING

PERSON = GraduateFacts(name="李娟", year=2026, phone="19900001234")
DIRECTED = GraduateFacts(name="李娟", year=2026, training_mode="2", training_unit="西藏自治区")
COMMISSIONED = GraduateFacts(name="李娟", year=2026, training_mode="4", training_unit="某研究所")
ABROAD = {
    "category": "85",
    "study_country": "英国",
    "study_school": "北岸大学",
    "study_school_foreign": "Northshore University",
    "study_major": "数据科学",
    "study_major_foreign": "Data Science",
    "file_type": "转回生源地",
    "household_type": "户口不在学校",
}
STUDY = {
    "category": "801",
    "unit_name": "测试大学",
    "file_type": "升学外校接收",
    "file_unit": "测试大学研究生院",
    "file_address": "青岛市示例路 1 号",
    "file_phone": "0532-86981234",
    "household_type": "户口不在学校",
}


def found(
    values: Mapping[str, object], person: GraduateFacts = PERSON
) -> dict[str, tuple[str, Severity]]:
    return {each.field: (each.code, each.severity) for each in problems(values, person)}


@pytest.mark.parametrize("values", [AGREEMENT, SEEKING, ABROAD, STUDY])
def test_a_whole_form_has_no_problem(values: Mapping[str, object]) -> None:
    assert problems(values, PERSON) == []


MOVING = {**AGREEMENT, "file_location": "青岛市", "household_type": "迁回生源地"}
WRONG_CODE = CREDIT_CODE[:-1] + "4"
PLACE, HOUSEHOLD = "unit_location_code", "household_type"
REFUSE, WARN = Severity.REFUSE, Severity.WARN


@pytest.mark.parametrize(
    ("base", "changed", "field", "code", "severity"),
    [
        (AGREEMENT, {"category": ""}, "category", "category_missing", REFUSE),
        (AGREEMENT, {"category": "99"}, "category", "category_missing", REFUSE),
        (AGREEMENT, {"unit_name": " "}, "unit_name", "missing", REFUSE),
        (AGREEMENT, {"signed_on": ""}, "signed_on", "missing", REFUSE),
        (AGREEMENT, {"signed_on": "2026-02-30"}, "signed_on", "date_form", REFUSE),
        (AGREEMENT, {"signed_on": "2062-05-20"}, "signed_on", "day_out_of_range", REFUSE),
        (AGREEMENT, {"unit_code": WRONG_CODE}, "unit_code", "credit_code_check", REFUSE),
        (AGREEMENT, {"unit_code": "12345678-9"}, "unit_code", "old_unit_code", REFUSE),
        (AGREEMENT, {"unit_nature": "77"}, "unit_nature", "code_unknown", REFUSE),
        (AGREEMENT, {PLACE: "370200"}, PLACE, "region_not_whole", REFUSE),
        (AGREEMENT, {PLACE: "370204"}, PLACE, "region_not_whole", REFUSE),
        (AGREEMENT, {"unit_phone": "123"}, "unit_phone", "phone_form", REFUSE),
        (AGREEMENT, {"unit_name": "某" * 121}, "unit_name", "too_long", REFUSE),
        (AGREEMENT, {"file_type": ""}, "file_type", "transfer_missing", WARN),
        (AGREEMENT, {"file_type": "邮寄"}, "file_type", "transfer_unknown", REFUSE),
        (AGREEMENT, {"file_type": "升学外校接收"}, "file_type", "transfer_impossible", REFUSE),
        (AGREEMENT, {HOUSEHOLD: "升学外校接收"}, HOUSEHOLD, "transfer_impossible", REFUSE),
        (AGREEMENT, {HOUSEHOLD: "迁回生源地"}, "household_location_code", "place_missing", REFUSE),
        (SEEKING, {"file_type": "签约单位接收"}, "file_type", "transfer_odd", WARN),
        (STUDY, {"file_phone": ""}, "file_phone", "place_missing", REFUSE),
        (STUDY, {"file_address": ""}, "file_address", "place_missing", REFUSE),
        (STUDY, {"file_unit": "李娟"}, "file_unit", "receiver_is_graduate", REFUSE),
        (STUDY, {"file_contact": "李 娟"}, "file_contact", "receiver_is_graduate", REFUSE),
        (STUDY, {"file_phone": "+86 19900001234"}, "file_phone", "receiver_is_graduate", REFUSE),
        (ABROAD, {"study_major_foreign": ""}, "study_major_foreign", "missing", REFUSE),
    ],
)  # fmt: skip
def test_what_is_missing_impossible_or_odd_is_said_beside_its_field(
    base: Mapping[str, object], changed: dict[str, str], field: str, code: str, severity: Severity
) -> None:
    assert found({**base, **changed})[field] == (code, severity)


def test_a_private_firm_that_takes_the_file_is_pointed_out() -> None:
    values = {**AGREEMENT, **STUDY, **AGREEMENT, "unit_nature": "39", "file_type": "签约单位接收"}
    assert found(values) == {"file_type": ("file_rights_unlikely", WARN)}


@pytest.mark.parametrize("code", ["441900", "810000", "370102", "110101", "429004"])
def test_a_place_without_counties_is_whole(code: str) -> None:
    assert found({**AGREEMENT, "unit_location_code": code}) == {}


@pytest.mark.parametrize(
    ("person", "changed", "expected"),
    [
        (DIRECTED, {}, {"unit_name": ("agreement_unit", REFUSE)}),
        (DIRECTED, {"unit_location_code": "540102"}, {}),
        (DIRECTED, SEEKING, {"category": ("agreement_category", REFUSE)}),
        (COMMISSIONED, {"unit_name": "某 研究所"}, {}),
        (COMMISSIONED, {}, {"unit_name": ("agreement_unit", REFUSE)}),
        (GraduateFacts(training_mode="2"), {}, {"unit_name": ("agreement_unknown", WARN)}),
        (GraduateFacts(training_mode="1", training_unit="某研究所"), {}, {}),
    ],
)
def test_directed_and_commissioned_graduates_are_held_to_their_agreement(
    person: GraduateFacts, changed: dict[str, str], expected: dict[str, tuple[str, Severity]]
) -> None:
    assert found({**AGREEMENT, **changed}, person) == expected


def test_only_what_the_category_asks_for_is_registered() -> None:
    registered = as_registration({**AGREEMENT, "category": "70"})
    assert (registered["unit_name"], registered["signed_on"]) == ("", None)
    assert registered["file_type"] == "转回生源地"


def test_abroad_the_institution_and_the_country_are_unit_and_place() -> None:
    registered = as_registration(ABROAD)
    assert (registered["unit_name"], registered["unit_location"]) == ("北岸大学", "英国")


def test_a_place_that_is_chosen_is_named_by_its_code() -> None:
    registered = as_registration({**MOVING, "household_location_code": "370202"})
    assert registered["household_location"] == "山东省青岛市市南区"
    assert registered["file_location"] == "青岛市", "what a file named without a code is kept"
    assert registered["file_location_code"] == ""


def test_a_place_named_without_a_code_is_enough() -> None:
    assert found({**MOVING, "household_location": "青岛市"}) == {}
    assert "household_location_code" in found(MOVING)


def test_a_registration_says_every_column_of_the_table() -> None:
    assert set(as_registration(AGREEMENT)) == set(COLUMNS) == set(fields.REGISTRATION)


def test_each_code_offered_is_official_and_every_official_group_is_offered() -> None:
    assert set(CATEGORY.codes) >= requirements.OFFERED
    assert {code[:2] for code in requirements.OFFERED} == set(categories.GROUPS)


@pytest.mark.parametrize("category", sorted(requirements.OFFERED))
def test_each_category_is_offered_transfers_that_fit_it(category: str) -> None:
    assert transfer_types.files_for(category)
    assert transfer_types.households_for(category)
    kinds = [each.title for each in transfer_types.files_for(category)]
    for kind in kinds:
        values = {"category": category, "file_type": kind}
        assert found(values).get("file_type", ("", WARN))[0] != "transfer_impossible"


@pytest.mark.parametrize(
    ("category", "kinds", "enough"),
    [
        ("10", {"agreement"}, True),
        ("10", {"contract"}, False),
        ("12", {"income"}, True),
        ("75", {"shop"}, False),
        ("75", {"shop", "income"}, True),
        ("76", {"statement", "income", "offer"}, True),
        ("70", set(), True),
    ],
)
def test_some_sets_of_evidence_are_enough(
    category: str,
    kinds: set[str],
    enough: bool,  # noqa: FBT001 - a column of the table above
) -> None:
    assert (not requirements.missing_evidence(category, frozenset(kinds))) is enough


def test_two_states_are_read_out_side_by_side() -> None:
    before, after = as_registration(AGREEMENT), as_registration({**AGREEMENT, "job_class": "24"})
    changed = [each for each in comparison.side_by_side(before, after) if each.changed]
    assert [(each.title, each.before, each.after) for each in changed] == [
        ("工作职位类别", "工程技术人员", "教学人员")
    ]


ANYTHING = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.text(),
    st.binary(),
    st.lists(st.text(), max_size=2),
    st.sampled_from([*AGREEMENT.values(), "85", "46", "\ud800", "\0", "19900001234"]),
)


@given(
    typed=st.dictionaries(st.sampled_from([*fields.REGISTRATION, "evidence", "x"]), ANYTHING),
    mode=st.sampled_from(["", "1", "2", "4"]),
    unit=st.text(),
)
def test_whatever_is_typed_ends_in_sentences(
    typed: dict[str, object], mode: str, unit: str
) -> None:
    person = GraduateFacts("李娟", 2026, mode, unit)
    said = problems(typed, person)
    assert all(each.sentence and each.field in fields.REGISTRATION for each in said)
    assert problems({**AGREEMENT, **typed}, person) == problems({**AGREEMENT, **typed}, person)
    for text in validation.cleaned(typed).values():
        text.encode()
        assert "\0" not in text


@given(typed=st.dictionaries(st.sampled_from(list(fields.REGISTRATION)), ANYTHING))
def test_what_has_no_refused_problem_fits_the_table(typed: dict[str, object]) -> None:
    values = {**AGREEMENT, **typed}
    if not validation.refused(problems(values, PERSON)):
        registered = as_registration(values)
        for name, field in fields.REGISTRATION.items():
            assert not field.limit or len(registered[name]) <= field.limit
