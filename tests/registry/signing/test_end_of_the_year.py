"""An invitation is answered while her year registers: not after its last day, nor once closed."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy.orm import Session, sessionmaker

from registry.base.clock import SHANGHAI
from registry.base.errors import RuleError
from registry.record.own_record import graduate_afresh
from registry.record.tables import Graduate
from registry.review.seasons import season, set_season
from registry.signing import invitation_ends, inviting
from registry.signing.inviting import Offer
from registry.signing.states import InvitationState
from tests.registry.review.at_once import after_another
from tests.registry.signing.signwork import TERMS, Signwork
from tests.registry.signing.test_races import state_of


def close_on(work: Signwork, day: date, year: int = 2026) -> None:
    """Set the last day of a year."""
    school = work.campus.school.id
    rules = replace(season(work.session, school, year), closes_on=day)
    set_season(work.session, school, rules, "staff:x", work.at)


def today(work: Signwork) -> date:
    return work.at.astimezone(SHANGHAI).date()


def test_the_answer_is_due_on_the_last_day_of_her_year_at_the_latest(
    work: Signwork, graduate: Graduate
) -> None:
    close_on(work, today(work) + timedelta(days=1))
    until = work.invite(graduate).answer_by
    assert until == datetime(2026, 6, 11, 23, 59, tzinfo=SHANGHAI)
    assert inviting.sooner(until) == "该校本届登记于6月11日截止，应约截止提前到这一天"


def test_nobody_is_invited_who_could_not_answer_any_more(
    work: Signwork, graduate: Graduate
) -> None:
    close_on(work, today(work))
    work.at = datetime(2026, 6, 10, 23, 59, tzinfo=SHANGHAI)
    with pytest.raises(RuleError) as refused:
        work.invite(graduate)
    assert refused.value.code == "cannot_sign"


def test_what_waits_is_stopped_when_her_year_closes_sooner(
    work: Signwork, graduate: Graduate
) -> None:
    other = work.campus.graduate("王芳", identity_index="another")
    other.year = 2027
    invitation, next_year = work.invite(graduate), work.invite(other)
    close_on(work, today(work))
    assert invitation_ends.stop_closed(work.session, work.at) == 0
    work.at += timedelta(days=1)
    assert invitation_ends.stop_closed(work.session, work.at) == 1
    assert invitation_ends.stop_closed(work.session, work.at) == 0
    work.session.commit()
    assert state_of(work, invitation) == InvitationState.CANCELLED
    assert state_of(work, next_year) == InvitationState.OPEN
    said = work.facts("signing_result")[-1]
    assert (said["result"], said["hint"]) == ("已停止", "本届登记已截止")


def test_the_same_rows_sent_by_two_at_once_are_sent_once(
    work: Signwork, sessions: sessionmaker[Session], graduate: Graduate
) -> None:
    staff, at, school = work.recruiter(), work.at, work.campus.school
    until = inviting.last_moment(inviting.default_day(at), at)
    work.campus.save()

    def send(session: Session) -> list[str]:
        her = graduate_afresh(session, graduate.id)
        offers = [Offer(her, TERMS, until, row=2)]
        sent = inviting.send_all(session, staff, offers, at, f"{school.id}")
        return [each.code if isinstance(each, RuleError) else "sent" for each in sent]

    assert after_another(sessions, send, send) == ["already_invited"]
