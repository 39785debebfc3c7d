"""The commands that do the work: people, rosters, campaigns, the account, and what is wrong."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session, sessionmaker

from commands import opening
from commands.campaigns import COUNTS
from commands.story.rosters import export_csv, national_xlsx, somebody
from notifier.campaigns.audience import Audience, reach
from notifier.campaigns.campaigns import scope_of
from notifier.ledger.kinds import kinds
from notifier.ledger.tables import Binding, Campaign, Follower, Message
from registry.base.clock import utc_now
from registry.record.tables import Graduate
from sandbox.config import Config
from sandbox.testing import RunningSandbox
from tests.commands.conftest import Quxiang
from tests.configuration import SECRET

SCHOOL = "99001"


@pytest.fixture
def platform(environment: pytest.MonkeyPatch) -> Iterator[RunningSandbox]:
    """Run the stand-in for WeChat with the account of the settings."""
    with RunningSandbox(Config(app_id="wx0123456789abcdef", app_secret=SECRET)) as sandbox:
        environment.setenv("QUXIANG_WECHAT_API_URL", sandbox.url)
        yield sandbox


@pytest.fixture
def people(command: Quxiang) -> None:
    """Make a school with people, most of them reachable."""
    said = command(
        *("population", "create", "--school", SCHOOL, "--graduates", "50", "--bound", "0.8")
    )
    assert said.status == 0, said.messages


def test_a_population_has_the_shares_that_were_asked_for(
    command: Quxiang, sessions: sessionmaker[Session]
) -> None:
    words = ("population", "create", "--school", SCHOOL, "--graduates", "400")
    said = command(*words, "--bound", "0.5", "--reported", "0.25")
    assert said.status == 0
    assert said.facts["graduates"] == 400
    assert 150 < said.facts["bound"] < 250
    assert 70 < said.facts["reported"] < 130
    with sessions() as session:
        assert session.scalar(select(func.count()).select_from(Graduate)) == 400
        for table in (Binding, Follower):
            counted = session.scalar(select(func.count()).select_from(table))
            assert counted == said.facts["bound"]


@pytest.mark.parametrize("share", ["1.5", "-0.1", "half"])
def test_a_share_is_between_none_and_all(command: Quxiang, share: str) -> None:
    words = ("population", "create", "--school", SCHOOL, "--graduates", "4")
    assert command(*words, "--bound", share).status == 2


def test_a_dry_run_changes_nothing_and_says_what_would(
    command: Quxiang, people: None, sessions: sessionmaker[Session], tmp_path: Path
) -> None:
    file = tmp_path / "名单.xlsx"
    file.write_bytes(national_xlsx([somebody(1, "李娟"), somebody(2, "王芳")]))
    said = command("roster", "import", str(file), "--school", SCHOOL, "--dry-run")
    assert (said.status, said.facts["counts"]["new"]) == (0, 2)
    with sessions() as session:
        assert session.scalar(select(func.count()).select_from(Graduate)) == 50
    said = command("roster", "import", str(file), "--school", SCHOOL)
    assert (said.status, said.facts["state"]) == (0, "finished")
    with sessions() as session:
        assert session.scalar(select(func.count()).select_from(Graduate)) == 52


def test_a_department_that_the_school_has_not_is_made_only_where_that_was_said(
    command: Quxiang, people: None, sessions: sessionmaker[Session], tmp_path: Path
) -> None:
    file = tmp_path / "名单.xlsx"
    file.write_bytes(national_xlsx([replace(somebody(1, "李娟"), department="计算机学愿")]))
    words = ("roster", "import", str(file), "--school", SCHOOL)
    said = command(*words)
    assert (said.status, said.facts["refused"]) == (1, "import_refused")
    assert "计算机学愿" in said.facts["message"]
    with sessions() as session:
        assert session.scalar(select(func.count()).select_from(Graduate)) == 50
    assert command(*words, "--new-departments").facts["counts"]["new"] == 1


def test_a_roster_that_is_none_is_refused(command: Quxiang, people: None, tmp_path: Path) -> None:
    file = tmp_path / "名单.csv"
    file.write_bytes(b"%PDF-1.7 no roster")
    said = command("roster", "import", str(file), "--school", SCHOOL)
    assert said.status == 1
    assert said.facts["reason"]
    said = command("roster", "import", str(tmp_path / "none.csv"), "--school", SCHOOL)
    assert (said.status, said.facts["refused"]) == (1, "no_such_file")


def test_one_bad_row_keeps_all_out_where_that_was_asked(
    command: Quxiang, people: None, tmp_path: Path
) -> None:
    file = tmp_path / "名单.csv"
    file.write_bytes(export_csv([somebody(1, "李娟"), somebody(2, "")]))
    words = ("roster", "import", str(file), "--school", SCHOOL)
    said = command(*words, "--all-or-nothing")
    assert (said.status, said.facts["refused"]) == (1, "import_refused")
    assert command(*words).status == 0


def test_an_import_is_undone_once_with_a_reason(
    command: Quxiang, people: None, sessions: sessionmaker[Session], tmp_path: Path
) -> None:
    file = tmp_path / "名单.csv"
    file.write_bytes(export_csv([somebody(1, "李娟"), somebody(2, "王芳")]))
    key = command("roster", "import", str(file), "--school", SCHOOL).facts["import"]
    words = ("roster", "undo", key, "--school", SCHOOL, "--reason")
    assert command(*words, " ").facts["refused"] == "reason_missing"
    assert command(*words, "导错了").facts["removed"] == 2
    with sessions() as session:
        assert session.scalar(select(func.count()).select_from(Graduate)) == 50
    assert command(*words, "导错了").facts["refused"] == "import_undone"
    assert command("roster", "undo", "none", *words[3:], "x").facts["refused"] == "not_found"


def test_who_is_in_the_way_of_undoing_is_printed(
    command: Quxiang, people: None, sessions: sessionmaker[Session], tmp_path: Path
) -> None:
    file = tmp_path / "名单.csv"
    file.write_bytes(export_csv([somebody(1, "李娟")]))
    key = command("roster", "import", str(file), "--school", SCHOOL).facts["import"]
    with sessions.begin() as session:
        session.execute(update(Graduate).values(answered_at=utc_now()))
    said = command("roster", "undo", key, "--school", SCHOOL, "--reason", "导错了")
    assert (said.status, said.facts["refused"], said.facts["people"]) == (1, "undo_blocked", 1)
    (first,) = said.facts["first"]
    assert first["student_number"] == somebody(1, "李娟").student_number


@pytest.fixture
def templates(command: Quxiang, platform: RunningSandbox) -> None:
    """Match the account's templates."""
    said = command("wechat", "templates", "sync")
    assert (said.status, set(said.facts["kinds"].values())) == (0, {"matched"})


def test_the_account_gets_its_menu_and_tells_its_followers(
    command: Quxiang, platform: RunningSandbox
) -> None:
    with platform.control as control:
        control.add_phones([{"following": True}] * 3)
    said = command("wechat", "menu", "push")
    assert (said.status, len(said.facts["button"])) == (0, 3)
    said = command("wechat", "followers", "sync")
    assert (said.status, said.facts["followers"]) == (0, 3)


def test_wechat_being_away_is_a_refusal(command: Quxiang) -> None:
    said = command("wechat", "menu", "push")
    assert said.status == 1
    assert SECRET not in said.messages


def test_a_campaign_is_made_started_paused_and_ended(
    command: Quxiang, people: None, templates: None, sessions: sessionmaker[Session]
) -> None:
    words = ("campaign", "create", "--school", SCHOOL, "--kind", "confirmation_reminder")
    said = command(*words, "--where", "confirmation=unconfirmed", "--text", "deadline=2027-06-30")
    assert (said.status, said.facts["state"]) == (0, "draft"), said.messages
    key = said.facts["campaign"]
    assert command("campaign", "start", key).facts["state"] == "scheduled"
    assert command("campaign", "start", key).status == 0
    refused = command("campaign", "resume", key)
    assert (refused.status, refused.facts["refused"]) == (1, "campaign_state")
    shown = command("campaign", "show", key)
    assert set(COUNTS) < set(shown.facts)
    assert command("campaign", "cancel", key).facts["state"] == "cancelled"
    with sessions() as session:
        assert session.scalar(select(func.count()).select_from(Message)) == 0


@pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)
def test_a_command_does_not_wait_without_end_for_what_somebody_else_holds(
    command: Quxiang,
    people: None,
    sessions: sessionmaker[Session],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(opening, "LOCK_SECONDS", 1)
    words = ("campaign", "create", "--school", SCHOOL, "--kind", "confirmation_reminder")
    key = command(*words).facts["campaign"]
    with sessions.begin() as session:
        session.execute(select(Campaign.id).with_for_update())
        said = command("campaign", "cancel", key)
    assert (said.status, said.facts["refused"]) == (1, "database")
    assert "Try again" in said.facts["reason"]


def test_a_campaign_needs_no_more_than_a_school_and_a_kind(
    command: Quxiang, people: None, sessions: sessionmaker[Session]
) -> None:
    words = ("campaign", "create", "--school", SCHOOL, "--kind")
    said = command(*words, "confirmation_reminder")
    assert (said.status, said.facts["state"]) == (0, "draft"), said.messages
    with sessions() as session:
        assert "年" in session.scalars(select(Campaign.texts)).one()["deadline"]
    said = command(*words, "review_result")
    assert (said.status, said.facts["refused"]) == (1, "kind_not_for_many")


def test_a_campaign_is_for_those_with_a_wechat_or_without(
    command: Quxiang, people: None, sessions: sessionmaker[Session]
) -> None:
    words = ("campaign", "create", "--school", SCHOOL, "--kind", "confirmation_reminder")
    assert command(*words, "--where", "bound=yes").status == 0
    assert command(*words, "--where", "bound=no").status == 0
    with sessions() as session:
        bound = session.scalar(select(func.count()).select_from(Binding)) or 0
        kind = kinds()["confirmation_reminder"]
        counted = [
            reach(session, scope_of(each), Audience.from_json(each.audience), kind, utc_now())
            for each in session.scalars(select(Campaign).order_by(Campaign.id))
        ]
    assert [each.not_bound for each in counted] == [0, 50 - bound]
    assert [each.recipients for each in counted] == [bound, 50 - bound]


def test_a_campaign_is_for_those_whose_authorization_stands_so(
    command: Quxiang, people: None, sessions: sessionmaker[Session]
) -> None:
    words = ("campaign", "create", "--school", SCHOOL, "--kind", "authorization_invitation")
    both = ("--where", "authorization=file:not_authorized", "--where", "authorization=file:expired")
    assert command(*words, *both).status == 0
    with sessions() as session:
        kept = session.scalars(select(Campaign.audience)).one()
    assert kept["authorization"] == ["file:not_authorized", "file:expired"]
    said = command(*words, "--where", "authorization=file:lost")
    assert (said.status, said.facts["refused"]) == (1, "audience_state_unknown")


def test_a_text_nobody_shows_is_misuse(command: Quxiang, people: None) -> None:
    words = ("campaign", "create", "--school", SCHOOL, "--kind", "confirmation_reminder")
    said = command(*words, "--text", "deadlin=2026-06-30")
    assert said.status == 2
    assert "deadline" in said.messages


def test_start_says_whether_it_starts_now_or_later(
    command: Quxiang, people: None, templates: None
) -> None:
    words = ("campaign", "create", "--school", SCHOOL, "--kind", "confirmation_reminder")
    said = command("campaign", "start", command(*words).facts["campaign"])
    assert (said.facts["state"], said.facts["reason"]) == ("scheduled", "starting")
    later = command(*words, "--start-at", "2099-01-01T08:00").facts["campaign"]
    said = command("campaign", "start", later)
    assert said.facts["reason"] == "scheduled"
    assert said.facts["wait_until"] == "2099-01-01T00:00:00+00:00"


def test_show_names_a_pause_of_the_whole_account(
    command: Quxiang, people: None, sessions: sessionmaker[Session]
) -> None:
    words = ("campaign", "create", "--school", SCHOOL, "--kind", "confirmation_reminder")
    key = command(*words).facts["campaign"]
    until = datetime(2099, 1, 1, tzinfo=UTC)
    with sessions.begin() as session:
        held = {"state": "waiting", "reason": "quota_used_up", "wait_until": until}
        session.execute(update(Campaign).values(held))
    shown = command("campaign", "show", key)
    assert (shown.facts["state"], shown.facts["reason"]) == ("waiting", "quota_used_up")
    assert shown.facts["wait_until"] == until.isoformat()


@pytest.mark.parametrize(
    "where", ["shoe_size=43", "confirmation", "=x", "year=next", "bound=maybe"]
)
def test_a_filter_nobody_knows_is_misuse(command: Quxiang, people: None, where: str) -> None:
    words = ("campaign", "create", "--school", SCHOOL, "--kind", "confirmation_reminder")
    assert command(*words, "--where", where).status == 2


def test_a_campaign_nobody_made_is_not_found(command: Quxiang) -> None:
    said = command("campaign", "show", "nobody-made-it")
    assert (said.status, said.facts["refused"]) == (1, "not_found")


def test_check_says_what_is_wrong_and_what_to_do(command: Quxiang) -> None:
    said = command("check")
    assert said.status == 1
    assert (said.facts["database"], said.facts["redis"]) == ("ok", "ok")
    assert "QUXIANG_SMS_APP_ID" in said.facts["text messages"]
    assert "refuses" in said.facts["wechat"]
    assert "templates sync" in said.facts["templates"]
    assert SECRET not in said.messages


def test_check_names_settings_that_nothing_reads(
    command: Quxiang, environment: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    environment.setenv("QUXIANG_SEND_RAT", "40")
    given = tmp_path / "settings.env"
    given.write_text("QUXIANG_QUIET_HOUR=22:00-08:00\n")
    environment.setenv("QUXIANG_ENV_FILE", str(given))
    said = command("check").facts["settings"]
    assert "QUXIANG_QUIET_HOUR, QUXIANG_SEND_RAT" in said


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)  # PostgreSQL has two roles
def test_check_is_content_where_all_is_right(
    command: Quxiang, templates: None, environment: pytest.MonkeyPatch
) -> None:
    texts = ("TEMPLATE_ID", "NOTICE_TEMPLATE_ID")
    for name in ("SECRET_ID", "SECRET_KEY", "APP_ID", "SIGN_NAME", *texts):
        environment.setenv(f"QUXIANG_SMS_{name}", "made up")
    said = command("check")
    assert said.status == 0, said.messages
    facts = {
        name: fact for name, fact in said.facts.items() if name not in {"working days", "console"}
    }
    assert set(facts.values()) == {"ok"}  # holidays come out in November; nobody can ask a console
