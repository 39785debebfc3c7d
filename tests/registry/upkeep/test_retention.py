"""What is kept has a term, every table has one, and nothing is kept longer or shorter."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session, sessionmaker

from migrations.metadata import metadata
from notifier.campaigns import expiry as campaign_expiry
from notifier.ledger.states import CampaignState, MessageState
from notifier.ledger.tables import Binding, Campaign, Follower, Message
from registry.accounts.tables import AuditEntry
from registry.base import retention
from registry.base.files import Incoming, store
from registry.base.retention import DEFAULT, NOBODYS, OF_STAFF, TERMS, Kept
from registry.numbers.tables import Lookup
from registry.record.tables import Graduate, Registration
from registry.review.evidence import keep_until
from registry.review.tables import Application, Evidence
from registry.upkeep import expiry
from tests.clock import StandingClock
from tests.registry.review.at_once import after_another
from tests.wxapp.school.records import Campus, open_campus

AT = datetime(2031, 4, 2, 2, tzinfo=UTC)


@pytest.fixture
def campus(session: Session, clock: StandingClock) -> Campus:
    clock.set(AT)
    return open_campus(session, AT)


def count(session: Session, table: type) -> int:
    return session.scalars(select(func.count()).select_from(table)).one()


def test_every_table_has_a_term_or_is_nobodys() -> None:
    kept = {table for term in TERMS for table in term.tables}
    assert kept | NOBODYS | OF_STAFF == set(metadata.tables)
    assert not kept & (NOBODYS | OF_STAFF)


def test_the_docs_show_the_table(repository: Path) -> None:
    page = (repository / "docs" / "privacy.md").read_text(encoding="utf-8")
    assert retention.as_markdown() in page


def test_a_term_is_lengthened_and_never_shortened() -> None:
    assert retention.longer({"evidence": 60}).months[Kept.EVIDENCE] == 60
    assert retention.longer({}).months == retention.LEAST
    for wrong in ({"evidence": 35}, {"lookups": 5}, {"nonsense": 99}):
        with pytest.raises(ValueError, match=r"not less|nothing is called"):
            retention.longer(wrong)


def test_evidence_stays_full_years_after_graduation_and_upload() -> None:
    uploaded = datetime(2026, 5, 1, tzinfo=UTC)
    assert keep_until(2026, uploaded).date() == date(2030, 1, 1)
    longer = retention.longer({"evidence": 48})
    assert keep_until(2026, uploaded, longer).date() == date(2031, 1, 1)


@pytest.mark.parametrize(
    ("day", "last"),
    [(date(2030, 3, 31), 2025), (date(2030, 4, 1), 2026), (date(2030, 12, 31), 2026)],
)
def test_a_cohort_goes_three_years_after_its_service_ended(day: date, last: int) -> None:
    at = datetime(day.year, day.month, day.day, 4, tzinfo=UTC)
    assert DEFAULT.last_cohort(at) == last
    assert DEFAULT.goes_on(2026) == date(2030, 4, 1)


def test_old_lookups_go_and_those_of_six_months_stay(session: Session) -> None:
    rows = {"kind": "file", "result": "unknown", "by_link": False, "address_index": "x"}
    moments = [datetime(2030, 10, 1, tzinfo=UTC), datetime(2030, 10, 5, tzinfo=UTC)]
    session.execute(insert(Lookup), [rows | {"at": each} for each in moments])
    assert expiry.lookups(session, DEFAULT, AT) == 1
    assert session.scalars(select(Lookup.at)).all() == moments[1:]
    assert expiry.lookups(session, DEFAULT, AT) == 0


def reminder(campus: Campus, state: CampaignState, at: datetime) -> Campaign:
    added = Campaign(
        school_id=campus.school.id,
        created_by="staff:x",
        title="提醒",
        kind="confirmation_reminder",
        state=state,
        created_at=at,
        audience={"year": 2029, "student_numbers": ["1"]},
    )
    campus.session.add(added)
    campus.session.flush()
    return added


def message(campus: Campus, campaign: Campaign, state: MessageState, at: datetime) -> None:
    key = f"{campaign.id} {state} {at}"
    about = {"client_msg_id": f"{abs(hash(key)):032}"[:32], "business_key": key[:80]}
    campus.session.add(
        Message(
            **about,
            kind=campaign.kind,
            school_id=campus.school.id,
            campaign_id=campaign.id,
            state=state,
            next_at=at,
            created_at=at,
        )
    )
    campus.session.flush()


def test_what_waits_since_long_ago_keeps_nothing_behind_it(campus: Campus) -> None:
    old = AT - timedelta(days=370)
    paused = reminder(campus, CampaignState.PAUSED, old)
    common = {"kind": paused.kind, "school_id": campus.school.id, "campaign_id": paused.id}
    common |= {"next_at": old, "created_at": old}
    rows = [
        common | {"client_msg_id": f"{each:032}", "business_key": str(each), "state": "waiting"}
        for each in range(expiry.BATCH)
    ]
    campus.session.execute(insert(Message), rows)
    message(campus, reminder(campus, CampaignState.FINISHED, old), MessageState.DELIVERED, old)
    assert campaign_expiry.messages(campus.session, DEFAULT, AT) == 1
    assert campaign_expiry.messages(campus.session, DEFAULT, AT) == 0
    assert count(campus.session, Message) == expiry.BATCH


def test_messages_and_reminders_go_after_a_year_but_not_what_is_still_to_be_sent(
    campus: Campus,
) -> None:
    old, new = AT - timedelta(days=370), AT - timedelta(days=300)
    gone = reminder(campus, CampaignState.FINISHED, old)
    message(campus, gone, MessageState.DELIVERED, old)
    waits = reminder(campus, CampaignState.FINISHED, old)
    message(campus, waits, MessageState.WAITING, old)
    stays = reminder(campus, CampaignState.FINISHED, new)
    message(campus, stays, MessageState.DELIVERED, new)
    session = campus.session
    assert campaign_expiry.messages(session, DEFAULT, AT) == 1
    assert campaign_expiry.reminders(session, DEFAULT, AT) == 1
    kept = session.scalars(select(Campaign.id).order_by(Campaign.id)).all()
    assert kept == [waits.id, stays.id]
    assert count(session, Message) == 2


def test_a_draft_that_is_started_meanwhile_keeps_its_messages(
    campus: Campus, sessions: sessionmaker[Session]
) -> None:
    draft = reminder(campus, CampaignState.DRAFT, AT - timedelta(days=370))
    campus.save()

    def start_and_finish(session: Session) -> None:
        started = replace(campus, session=session)
        session.get_one(Campaign, draft.id).state = CampaignState.FINISHED
        message(started, draft, MessageState.DELIVERED, AT)

    def forget(session: Session) -> int:
        return campaign_expiry.reminders(session, DEFAULT, AT)

    assert after_another(sessions, start_and_finish, forget) == 0
    assert count(campus.session, Campaign) == 1


def test_who_follows_no_more_is_forgotten_unless_bound(campus: Campus) -> None:
    her = campus.graduate()
    long_ago = AT - timedelta(days=40)
    for openid, follows in (("left", False), ("bound", False), ("here", True)):
        campus.session.add(Follower(openid=openid, subscribed=follows, changed_at=long_ago))
    campus.session.add(Binding(openid="bound", graduate_id=her.id, bound_at=long_ago))
    campus.session.flush()
    assert campaign_expiry.followers(campus.session, DEFAULT, AT) == 1
    left = campus.session.scalars(select(Follower.openid).order_by(Follower.openid)).all()
    assert left == ["bound", "here"]


def test_a_cohort_goes_whole_and_the_log_says_how_many(campus: Campus) -> None:
    session = campus.session
    for year in (2026, 2026, -2026, 2027, 2028):
        campus.report(campus.graduate(year=abs(year))) if year > 0 else campus.graduate(year=year)
    held = campus.graduate(year=2026)
    incoming = Incoming(campus.school.id, "佐证", "image/png", b"x")
    stored = store(session, campus.vault, incoming, AT, AT + timedelta(days=1))
    application = Application(
        graduate_id=held.id,
        school_id=campus.school.id,
        department_id=held.department_id,
        year=2026,
        state="draft",
        created_at=AT,
        updated_at=AT,
    )
    session.add(application)
    session.flush()
    about = {"kind": "x", "name": "x", "media_type": "x", "size": 1, "sha256": "x", "added_at": AT}
    session.add(
        Evidence(application_id=application.id, graduate_id=held.id, file_id=stored.id, **about)
    )
    session.flush()
    assert campaign_expiry.cohorts(session, DEFAULT, AT) == 4
    assert campaign_expiry.cohorts(session, DEFAULT, AT) == 0
    left = session.scalars(select(Graduate.year).order_by(Graduate.year)).all()
    assert left == [2026, 2028], "whose evidence has to be kept stays, and who is of a later cohort"
    assert count(session, Registration) == 1
    logged = session.execute(select(AuditEntry.action, AuditEntry.subject, AuditEntry.details))
    assert {(each.action, each.subject, each.details["graduates"]) for each in logged} == {
        ("cohort_forgotten", "year:2026", 3),
        ("cohort_forgotten", "year:2027", 1),
    }
