"""Schools and departments are merged: whatever names one names the other, and nothing is lost."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from sqlalchemy import Column, delete, func, select, update
from sqlalchemy.orm import Session

from migrations import cohort_triggers
from migrations.metadata import metadata
from notifier.campaigns import audience as audiences
from notifier.campaigns import campaigns, merge
from notifier.campaigns.audience import Audience
from notifier.campaigns.campaigns import Draft
from notifier.campaigns.merge import Decision
from notifier.ledger import kinds
from notifier.ledger.states import CampaignState
from notifier.ledger.tables import Campaign, Message, ProvinceReminder
from registry.accounts import audit
from registry.accounts.audit import AuditRecord
from registry.accounts.audit_log import reading
from registry.accounts.audit_log.reading import AuditScope, LogFilter
from registry.accounts.school_tables import Department, School
from registry.accounts.tables import StaffCharge
from registry.base.errors import RuleError
from registry.base.paging import Place
from registry.record.scope import Scope
from registry.record.tables import Graduate
from registry.review import reasons, seasons
from registry.review.seasons import SeasonRules
from registry.review.states import ApplicationState, Level
from registry.review.tables import Application, ReviewReason, Season
from registry.tasks.states import TaskKind, TaskState
from registry.tasks.tables import Task
from registry.upkeep import merge as record_merge
from tests.clock import StandingClock
from tests.registry.review.casework import Casework
from tests.rows import a_row
from tests.wxapp.school.records import Campus, open_campus

COUNTS = {"graduate_count", "number_count", "application_count"}
FOLLOWING = {"audit_entry", *COUNTS, *cohort_triggers.TABLES}
"""Tables that need no merge: of the first see `keep_merged`; the others follow graduates."""


@dataclass
class Two:
    """Two schools of one province, and whoever merges them."""

    session: Session
    source: Campus
    target: Campus

    @property
    def decided(self) -> Decision:
        return Decision("command", "两校合并", self.source.at)

    def merge(self) -> merge.Foreseen:
        return merge.merge_schools(
            self.session, self.source.school, self.target.school, self.decided
        )

    def refused(self) -> list[str]:
        found = merge.conflicts(self.session, self.source.school, self.target.school)
        return [each.code for each in found]

    def reminder(self, campus: Campus, **about: object) -> Campaign:
        draft = Draft("提醒", "confirmation_reminder", Audience(2026), {"deadline": "2026-06-30"})
        scope = Scope(campus.school.id)
        columns = campaigns.columns(scope, draft, by="system", at=campus.at)
        campaign = Campaign(**{**columns, **about})
        self.session.add(campaign)
        self.session.flush()
        return campaign


@pytest.fixture
def two(session: Session, clock: StandingClock) -> Two:
    source = open_campus(session, clock(), "10001")
    return Two(session, source, open_campus(session, clock(), "10002"))


def naming(table: str) -> set[Column[object]]:
    """Return every column there is that names a school or a department."""
    return {
        column
        for each in metadata.sorted_tables
        for column in each.columns
        if (column.name == f"{table}_id" and each.name not in FOLLOWING)
        or any(key.column.table.name == table for key in column.foreign_keys)
    }


@pytest.mark.parametrize(
    ("table", "moved"),
    [
        ("school", (*record_merge.SCHOOL_COLUMNS, *merge.SCHOOL_COLUMNS)),
        ("department", (*record_merge.DEPARTMENT_COLUMNS, *merge.DEPARTMENT_COLUMNS)),
    ],
)
def test_a_merge_knows_every_column_that_names_one(
    table: str, moved: tuple[record_merge.Column, ...]
) -> None:
    assert {each.property.columns[0] for each in moved} == naming(table)


def test_a_row_of_every_table_goes_along(two: Two) -> None:
    columns = naming("school")
    for column in columns:
        a_row(two.session, column.table, **{column.name: two.source.school.id, **_ended(column)})
    number, target = two.source.school.id, two.target.school.id
    two.merge()
    for column in columns:
        counted = select(func.count()).select_from(column.table)
        assert two.session.scalar(counted.where(column == number)) == 0, column
        assert two.session.scalar(counted.where(column == target)), column
    assert two.session.get(School, number) is None


def _ended(column: Column[object]) -> dict[str, object]:
    """Return what makes a row of a table stand in nobody's way."""
    if column.table.name == "task":
        return {"state": TaskState.FINISHED}
    return {"levels": ["school"]} if column.table.name == "season" else {}


def test_a_row_of_every_table_goes_along_with_a_department(two: Two) -> None:
    columns, (source, target) = naming("department"), two.source.departments
    for column in columns:
        a_row(two.session, column.table, **{column.name: source.id})
    number, target_id = source.id, target.id
    merge.merge_departments(two.session, source, target, two.decided)
    for column in columns:
        counted = select(func.count()).select_from(column.table)
        assert two.session.scalar(counted.where(column == number)) == 0, column
        assert two.session.scalar(counted.where(column == target_id)), column
    assert two.session.get(Department, number) is None


def test_departments_of_one_name_become_one(two: Two) -> None:
    her = two.source.graduate("王芳")
    other = two.source.departments[1]
    other.name = "海洋学院"
    two.source.graduate("李娟", 1)
    foreseen = merge.foresee_schools(
        two.session, two.source.school, two.target.school, two.source.at
    )
    assert (foreseen.people, foreseen.same_named) == (2, ("计算机学院",))
    two.merge()
    names = select(Department.name).where(Department.school_id == two.target.school.id)
    assert sorted(two.session.scalars(names)) == ["化工学院", "海洋学院", "计算机学院"]
    assert two.session.get_one(Graduate, her.id).department_id == two.target.departments[0].id


def test_a_number_that_both_gave_in_one_cohort_refuses(two: Two) -> None:
    for campus in (two.source, two.target):
        code = campus.school.code
        campus.graduate(student_number="1", candidate_number="9", identity_index=code)
    other_year = two.target.graduate(student_number="2", year=2025)
    two.source.graduate(student_number=other_year.student_number, identity_index="third")
    found = merge.conflicts(two.session, two.source.school, two.target.school)
    assert [(each.code, each.number, list(each.named)) for each in found] == [
        ("student_number_taken", 1, ["2026 届 1"]),
        ("candidate_number_taken", 1, ["2026 届 9"]),
    ]
    with pytest.raises(RuleError, match="merge_conflicts"):
        two.merge()
    assert two.session.scalars(select(func.count()).select_from(School)).one() == 2


def test_a_person_of_one_cohort_in_both_refuses_until_one_record_is_ended(two: Two) -> None:
    two.source.graduate(student_number="1", identity_index="her")
    hers = two.target.graduate(student_number="2", identity_index="her")
    found = merge.conflicts(two.session, two.source.school, two.target.school)
    assert [(each.code, list(each.named)) for each in found] == [("person_twice", ["2026 届 1"])]
    hers.year = -2026
    two.session.flush()
    assert two.refused() == []
    two.merge()
    theirs = select(func.count()).where(Graduate.school_id == two.target.school.id)
    assert two.session.scalars(theirs).one() == 2


@pytest.mark.parametrize("province", ["110000", ""])
def test_schools_of_two_provinces_are_not_merged(two: Two, province: str) -> None:
    two.target.school.province = province
    assert two.refused() == ["other_province"]


def test_work_under_way_is_waited_for(two: Two) -> None:
    about = {"school_id": two.source.school.id, "kind": TaskKind.GRADUATES}
    two.session.add(Task(**about, state=TaskState.WAITING, created_at=two.source.at))
    assert two.refused() == ["tasks_open"]


def test_no_application_is_left_without_a_reviewer(two: Two) -> None:
    key = Casework(two.source, two.source.at).submit(two.source.graduate()).key
    assert two.refused() == []
    mine = two.session.scalars(select(Application).where(Application.key == key)).one()
    passed_by_school = {"state": ApplicationState.SCHOOL_PASSED}
    two.session.execute(update(Application).where(Application.id == mine.id), passed_by_school)
    assert two.refused() == []  # the other school has nobody of the year: the rules go along
    two.target.graduate(identity_index="another")
    assert two.refused() == ["reviews_open"]  # by its rules no province reviews


def test_the_years_of_the_other_school_hold(two: Two) -> None:
    for campus, year, day in (
        *((two.source, 2025, 5), (two.source, 2026, 5), (two.source, 2027, 5)),
        (two.target, 2025, 9),
    ):
        closes = seasons.season(two.session, campus.school.id, year).closes_on.replace(day=day)
        rules = SeasonRules(year, (Level.SCHOOL,), None, closes)
        seasons.set_season(two.session, campus.school.id, rules, "system", campus.at)
    two.target.graduate()  # of 2026: under the usual rules
    assert two.merge().overruled_years == (2025, 2026)
    found = select(Season.year, Season.closes_on).where(Season.school_id == two.target.school.id)
    days = {year: day.day for year, day in two.session.execute(found)}
    assert days == {2025: 9, 2027: 5}


def test_a_reason_that_both_keep_is_kept_once(two: Two) -> None:
    for campus, words in ((two.source, "材料不清"), (two.target, "材料不清"), (two.source, "缺章")):
        reasons.add(two.session, Scope(campus.school.id), words, "system", campus.at)
    two.merge()
    kept = two.session.scalars(select(ReviewReason.text).order_by(ReviewReason.text)).all()
    assert kept == ["材料不清", "缺章"]


def test_a_reminder_that_is_being_written_still_means_its_own_people(two: Two) -> None:
    two.source.departments[1].name = "海洋学院"
    mine = two.reminder(two.source)
    two.merge()
    two.session.refresh(mine)
    assert mine.school_id == two.target.school.id
    assert set(mine.audience["departments"]) == {
        two.source.departments[1].key,
        two.target.departments[0].key,
    }


@pytest.mark.parametrize("whose", ["source", "target"])
def test_no_reminder_that_starts_by_itself_goes_to_others_than_it_was_written_for(
    two: Two, whose: str
) -> None:
    mine = two.reminder(getattr(two, whose), state=CampaignState.SCHEDULED, reason="scheduled")
    assert two.refused() == ["reminders_scheduled"]
    campaigns.cancel(two.session, campaigns.scope_of(mine), mine.key, at=two.source.at)
    assert two.refused() == []


def test_nor_one_to_a_department_that_is_merged(two: Two) -> None:
    source, target = two.source.departments
    mine = two.reminder(two.source, state=CampaignState.SCHEDULED, reason="scheduled")
    mine.audience = {**mine.audience, "departments": [target.key]}
    two.session.flush()
    with pytest.raises(RuleError) as refused:
        merge.merge_departments(two.session, source, target, two.decided)
    assert "1 个提醒已定时" in refused.value.sentence


def test_no_counsellor_sees_the_class_of_the_same_name_of_another_department(two: Two) -> None:
    source, target = two.source.departments
    for department in (0, 1):
        two.source.graduate(department=department, class_name="1班", identity_index=str(department))
    a_row(two.session, metadata.tables["staff_charge"], department_id=target.id, class_name="1班")
    with pytest.raises(RuleError) as refused:
        merge.merge_departments(two.session, source, target, two.decided)
    assert "“1班”" in refused.value.sentence
    two.session.execute(delete(StaffCharge))
    merge.merge_departments(two.session, source, target, two.decided)


def test_a_reminder_of_a_school_without_people_reaches_nobody(two: Two) -> None:
    for each in two.source.departments:
        two.session.delete(each)
    two.session.flush()
    two.target.graduate()
    mine = two.reminder(two.source)
    two.merge()
    audience, kind = Audience.from_json(mine.audience), kinds.kinds()[mine.kind]
    people = audiences.conditions(campaigns.scope_of(mine), audience, kind, mine.created_at)
    held = select(func.count()).select_from(Graduate).where(*people)
    assert two.session.scalars(held).one() == 0


def test_an_audience_names_the_department_it_went_to(two: Two) -> None:
    source, target = two.source.departments
    mine = two.reminder(two.source)
    mine.audience = {**mine.audience, "departments": [source.key, target.key]}
    two.session.flush()
    merge.merge_departments(two.session, source, target, two.decided)
    two.session.refresh(mine)
    assert mine.audience["departments"] == [target.key]


def test_a_reminder_made_for_one_day_is_made_for_both(two: Two) -> None:
    for campus in (two.source, two.target):
        two.reminder(campus, occasion="season:2026:2026-06-30:7", started_at=campus.at)
    two.merge()
    occasions = two.session.scalars(select(Campaign.occasion).order_by(Campaign.id)).all()
    assert occasions == ["season:2026:2026-06-30:7:10001", "season:2026:2026-06-30:7"]


@pytest.fixture
def of_province(two: Two) -> ProvinceReminder:
    reminder = ProvinceReminder(
        province="370000",
        schools=[two.source.school.key, two.target.school.key],
        signed_name="省老师",
        created_by="system",
        title="提醒",
        kind="confirmation_reminder",
        created_at=two.source.at,
    )
    two.session.add(reminder)
    two.session.flush()
    return reminder


def test_what_the_province_sent_to_both_is_one(two: Two, of_province: ProvinceReminder) -> None:
    for campus in (two.source, two.target):
        campaign = two.reminder(campus, drive_id=of_province.id, state=CampaignState.SCHEDULED)
        a_message(two.session, campus, campaign)
    assert two.refused() == ["reminders_open", "reminders_scheduled"]
    for campaign in two.session.scalars(select(Campaign)):
        campaigns.cancel(two.session, campaigns.scope_of(campaign), campaign.key, at=two.source.at)
    two.merge()
    (left,) = two.session.scalars(select(Campaign)).all()
    assert set(two.session.scalars(select(Message.campaign_id))) == {left.id}
    two.session.refresh(of_province)
    assert of_province.schools == [two.target.school.key]


def test_what_the_province_may_still_send_in_either_stands_against_it(
    two: Two, of_province: ProvinceReminder
) -> None:
    of = {"drive_id": of_province.id}
    two.reminder(two.source, state=CampaignState.FINISHED, **of)
    two.reminder(two.target, state=CampaignState.PAUSED, **of)
    assert two.refused() == ["reminders_open"], "her who had it would have it again"


def a_message(session: Session, campus: Campus, campaign: Campaign) -> None:
    graduate = campus.graduate(identity_index=campus.school.code)
    session.add(
        Message(
            client_msg_id=f"m{graduate.id}",
            business_key=f"test:{graduate.id}",
            kind=campaign.kind,
            school_id=campus.school.id,
            campaign_id=campaign.id,
            graduate_id=graduate.id,
            next_at=campus.at + timedelta(days=1),
            created_at=campus.at,
        )
    )
    session.flush()


def test_the_log_says_who_merged_what_and_why(two: Two) -> None:
    two.source.graduate()
    school = two.target.school
    two.merge()
    entry = audit.find(two.session, school.id, "school_merge", f"school:{school.key}")
    assert entry is not None
    assert entry.details["reason"] == "两校合并"
    assert (entry.details["code"], entry.details["people"]) == ("10001", 1)


def test_what_was_logged_of_the_school_is_the_other_s_to_read(two: Two) -> None:
    source, target, clock = two.source.school.id, two.target.school.id, two.source.at
    earlier = AuditRecord("staff:k", "season_set", "year:2026", source)
    audit.note(two.session, earlier, clock)
    two.merge()
    audit.note(two.session, replace(earlier, action="sign_in"), clock)  # of a new school: SQLite
    scope = AuditScope(school_id=target)
    found = reading.page(two.session, scope, LogFilter(), Place()).rows
    assert [each.action for each in found] == ["school_merge", "season_set"]
    own = reading.page(two.session, AuditScope(school_id=source), LogFilter(), Place()).rows
    assert [each.action for each in own] == ["sign_in"], "what was another's is not a new school's"


@pytest.fixture
def acts(two: Two) -> Callable[[], object]:
    source, target = two.source.departments
    return lambda: merge.merge_departments(two.session, source, target, two.decided)


def test_a_file_that_is_coming_in_is_waited_for(two: Two, acts: Callable[[], object]) -> None:
    about = {"school_id": two.source.school.id, "kind": TaskKind.ROSTER_IMPORT}
    two.session.add(Task(**about, state=TaskState.APPROVED, created_at=two.source.at))
    two.session.flush()
    with pytest.raises(RuleError, match="import_under_way"):
        acts()


def test_departments_of_two_schools_are_not_merged(two: Two) -> None:
    source, target = two.source.departments[0], two.target.departments[0]
    with pytest.raises(RuleError, match="same_department"):
        merge.merge_departments(two.session, source, target, two.decided)
