"""Two at the same moment: on PostgreSQL two real transactions, on SQLite one after the other.

Who meets whom in signing, and which test plays it in both orders (this module, those of
`test_races_of_agreements`, `test_races_of_years`, `test_termination_races`, `test_fulfilment`,
`test_end_of_the_year`, `tests.registry.accounts.test_employer_people` and
`tests.registry.breaches.test_races`):

| the one | the other | tests |
|---|---|---|
| accepts | withdraws | test_accepted_before_it_is_taken_back, test_taken_back_before_it_is_accepted |
| accepts | the clock lets it lapse | test_accepted_while_the_clock_ends_it, test_ended_by_the_clock_while_she_accepts |
| accepts | suspends the employer | test_accepted_while_the_employer_is_suspended, test_accepted_before_the_employer_is_suspended_it_is_reviewed_with_a_warning |
| accepts | accepts another's | test_of_two_invitations_one_is_accepted |
| accepts | taps twice | test_the_same_tapped_twice_is_one_agreement |
| accepts | by her other record | test_two_records_of_a_person_sign_once |
| accepts | sends a form | test_accepted_while_a_form_is_sent, test_a_form_is_sent_while_she_accepts |
| accepts | ends her record | test_her_record_is_ended_while_she_accepts, test_she_accepts_while_her_record_is_ended |
| accepts | closes her year | test_her_year_is_closed_while_she_accepts, test_she_accepts_while_her_year_is_closed |
| invites | invites her too | test_two_people_of_an_employer_invite_once |
| invites | suspends the employer | test_invited_while_the_employer_is_suspended |
| takes it back | passes | test_taken_back_or_passed_but_never_both, test_passed_while_she_takes_it_back_too_late |
| amends | gives up | test_amended_while_she_gives_it_up, test_given_up_while_it_is_amended |
| amends | amends | test_two_of_an_employer_amend_it_once |
| agrees | the employer gives up | test_agreed_to_and_given_up_by_the_employer_the_first_holds |
| agrees | the clock lets it lapse | test_agreed_to_while_the_clock_ends_it, test_ended_by_the_clock_while_she_agrees |
| agrees | taps twice | test_the_same_agreement_said_twice_is_one |
| passes as department | returns | test_of_two_in_a_department_the_first_decides |
| passes as school | returns | test_of_two_reviewers_the_first_decides, test_returned_while_it_is_passed |
| passes | the province files | test_the_province_files_while_it_is_passed, test_it_is_passed_while_the_province_files |
| passes | lists the employer | test_its_employer_is_listed_while_it_is_passed, test_it_is_passed_while_its_employer_is_listed |
| passes | voids | test_voided_while_it_is_passed, test_passed_while_it_is_voided |
| passes | asks to terminate | test_a_termination_asked_while_it_is_passed_comes_after_it |
| voids | voids | test_two_confirm_one_voiding |
| asks to terminate | asks too | test_what_both_ask_at_once_is_one_request_agreed_to, test_what_she_asks_while_the_employer_does_is_no_consent, test_the_same_asked_twice_at_once_is_one_request |
| passes a termination | withdraws it | test_passed_before_it_is_taken_back, test_taken_back_before_it_is_passed |
| agrees to it | withdraws it | test_agreed_to_before_it_is_taken_back, test_taken_back_before_it_is_agreed_to |
| answers it | the clock escalates | test_agreed_to_while_the_clock_brings_it_before_the_school, test_brought_before_the_school_while_it_is_agreed_to, test_brought_before_the_school_while_it_is_refused |
| passes a termination | registers study | test_study_registered_while_it_is_passed_stands, test_passed_while_study_is_registered |
| passes a termination | accepts another's | test_another_invitation_is_accepted_after_it_is_passed_and_not_before |
| the clock fulfils | asks to terminate | test_asked_while_the_clock_ends_it_the_first_holds |
| imports a destination | accepts, passes | test_a_destination_comes_in_while_she_accepts, test_she_accepts_while_a_destination_comes_in, test_a_destination_comes_in_while_it_is_passed |
| sends a file | sends it again | test_the_same_rows_sent_by_two_at_once_are_sent_once |
| ends a manager | ends the other | test_two_managers_who_end_each_other_leave_one |
| reports a breach | reports it too | test_a_form_pressed_twice_at_once_is_one_report, test_of_two_filed_at_once_the_one_too_many_is_refused |
| answers a report | withdraws it | test_answered_and_withdrawn_at_once_the_first_holds |
"""  # noqa: E501 - a line a race

import re
from collections.abc import Callable
from pathlib import Path

from sqlalchemy.orm import Session, sessionmaker

from registry.accounts.tables import Role, Staff
from registry.record.own_record import graduate_afresh
from registry.record.tables import Graduate
from registry.review import applications, decide, decisions
from registry.review.application_moves import Writer
from registry.review.decisions import Decision, Outcome, Verdict
from registry.signing import answering, employers, invitation_ends, inviting
from registry.signing.inviting import Offer
from registry.signing.states import LIVE, InvitationState
from registry.signing.tables import Agreement, Invitation
from tests.registry.review.at_once import after_another
from tests.registry.review.casework import SEEKING
from tests.registry.signing.signwork import OTHER_CODE, RETRACT, TERMS, Signwork

Deed = Callable[[Session], object]


def accepting(work: Signwork, graduate: Graduate, invitation: Invitation) -> Deed:
    writer, vault, key = Writer(graduate, work.at), work.campus.vault, invitation.key
    return lambda session: answering.accept(session, vault, writer, key, RETRACT)


def retracting(work: Signwork, graduate: Graduate, invitation: Invitation) -> Deed:
    writer, key = Writer(graduate, work.at), invitation.key
    return lambda session: answering.retract(session, writer, key)


def withdrawing(work: Signwork, staff: Staff, invitation: Invitation) -> Deed:
    employer_id, key, at = staff.employer_id or 0, invitation.key, work.at
    return lambda session: invitation_ends.withdraw(session, employer_id, key, "岗位取消", at)


def suspending(work: Signwork) -> Deed:
    school, school_id = work.staff(Role.SCHOOL), work.campus.school.id
    key, at = work.campus.employer().key, work.at

    def deed(session: Session) -> object:
        found = employers.find(session, school_id, key)
        return employers.suspend(session, school, found, "虚假招聘", at)

    return deed


def inviting_her(work: Signwork, staff: Staff, graduate: Graduate) -> Deed:
    at, until = work.at, inviting.last_moment(inviting.default_day(work.at), work.at)

    def deed(session: Session) -> object:
        her = graduate_afresh(session, graduate.id)
        return inviting.send(session, staff, Offer(her, TERMS, until), at)

    return deed


def passing(work: Signwork, agreement: Agreement) -> Deed:
    review = work.review_of(agreement)
    seen = {review.key: review.revision}
    who = decisions.reviewer(work.staff(Role.SCHOOL))
    scope, at = work.campus.scope, work.at
    verdict = Verdict(Decision.PASS)
    return lambda session: decide.decide(session, scope, who, seen, verdict, at)[review.key]


def state_of(work: Signwork, invitation: Invitation) -> str:
    work.session.expire_all()
    return invitation.state


def live(work: Signwork) -> int:
    return sum(each.state in LIVE for each in work.agreements())


def test_every_race_of_the_table_is_played(repository: Path) -> None:
    folders = (repository / "tests/registry").rglob("test_*.py")
    code = "\n".join(each.read_text(encoding="utf-8") for each in folders)
    played = set(re.findall(r"^def (test_\w+)", code, re.MULTILINE))
    rows = [each for each in (__doc__ or "").splitlines() if each.startswith("| ")]
    named = set(re.findall(r"\btest_\w+", "".join(rows)))
    assert len(named) > 40
    assert named <= played


def test_accepted_before_it_is_taken_back(
    work: Signwork, sessions: sessionmaker[Session], graduate: Graduate
) -> None:
    staff = work.recruiter()
    invitation = work.invite(graduate, staff)
    work.campus.save()
    first = accepting(work, graduate, invitation)
    assert after_another(sessions, first, withdrawing(work, staff, invitation)) == (
        "invitation_ended"
    )
    assert (state_of(work, invitation), live(work)) == (InvitationState.ACCEPTED, 1)


def test_taken_back_before_it_is_accepted(
    work: Signwork, sessions: sessionmaker[Session], graduate: Graduate
) -> None:
    staff = work.recruiter()
    invitation = work.invite(graduate, staff)
    work.campus.save()
    first = withdrawing(work, staff, invitation)
    came = after_another(sessions, first, accepting(work, graduate, invitation))
    assert came == "invitation_ended"
    assert (state_of(work, invitation), live(work)) == (InvitationState.WITHDRAWN, 0)


def test_accepted_while_the_clock_ends_it(
    work: Signwork, sessions: sessionmaker[Session], graduate: Graduate
) -> None:
    invitation = work.invite(graduate)
    work.campus.save()
    over = invitation.answer_by
    first = accepting(work, graduate, invitation)
    assert after_another(sessions, first, lambda s: invitation_ends.lapse(s, over)) == 0
    assert (state_of(work, invitation), live(work)) == (InvitationState.ACCEPTED, 1)


def test_ended_by_the_clock_while_she_accepts(
    work: Signwork, sessions: sessionmaker[Session], graduate: Graduate
) -> None:
    invitation = work.invite(graduate)
    work.campus.save()
    over = invitation.answer_by
    second = accepting(work, graduate, invitation)
    came = after_another(sessions, lambda s: invitation_ends.lapse(s, over), second)
    assert came == "answered_late"
    assert (state_of(work, invitation), live(work)) == (InvitationState.LAPSED, 0)


def test_accepted_while_the_employer_is_suspended(
    work: Signwork, sessions: sessionmaker[Session], graduate: Graduate
) -> None:
    invitation = work.invite(graduate)
    suspend = suspending(work)
    work.campus.save()
    came = after_another(sessions, suspend, accepting(work, graduate, invitation))
    assert came == "invitation_ended"
    assert (state_of(work, invitation), live(work)) == (InvitationState.CANCELLED, 0)


def test_invited_while_the_employer_is_suspended(
    work: Signwork, sessions: sessionmaker[Session], graduate: Graduate
) -> None:
    staff, suspend = work.recruiter(), suspending(work)
    work.campus.save()
    came = after_another(sessions, suspend, inviting_her(work, staff, graduate))
    assert came == "not_qualified"


def test_of_two_invitations_one_is_accepted(
    work: Signwork, sessions: sessionmaker[Session], graduate: Graduate
) -> None:
    one, two = work.invite(graduate), work.invite(graduate, work.recruiter(OTHER_CODE))
    work.campus.save()
    first = accepting(work, graduate, one)
    assert after_another(sessions, first, accepting(work, graduate, two)) == "already_accepted"
    assert (state_of(work, two), live(work)) == (InvitationState.OPEN, 1)


def test_the_same_tapped_twice_is_one_agreement(
    work: Signwork, sessions: sessionmaker[Session], graduate: Graduate
) -> None:
    invitation = work.invite(graduate)
    work.campus.save()
    tap = accepting(work, graduate, invitation)
    came = after_another(sessions, tap, tap)
    assert isinstance(came, Agreement)
    assert [each.id for each in work.agreements()] == [came.id]


def test_two_records_of_a_person_sign_once(
    work: Signwork, sessions: sessionmaker[Session], graduate: Graduate
) -> None:
    twin = work.campus.graduate("李娟", department=1)
    one, two = work.invite(graduate), work.invite(twin, work.recruiter(OTHER_CODE))
    work.campus.save()
    first = accepting(work, graduate, one)
    assert after_another(sessions, first, accepting(work, twin, two)) == "already_accepted"
    assert live(work) == 1


def test_accepted_while_a_form_is_sent(
    work: Signwork, sessions: sessionmaker[Session], graduate: Graduate
) -> None:
    draft = work.save(graduate, SEEKING)
    invitation = work.invite(graduate)
    work.campus.save()
    writer, vault, seen = Writer(graduate, work.at), work.campus.vault, draft.revision
    came = after_another(
        sessions,
        lambda session: applications.submit(session, vault, writer, seen),
        accepting(work, graduate, invitation),
    )
    assert came in {"application_open", "changed_meanwhile"}
    assert (state_of(work, invitation), live(work)) == (InvitationState.OPEN, 0)


def test_a_form_is_sent_while_she_accepts(
    work: Signwork, sessions: sessionmaker[Session], graduate: Graduate
) -> None:
    draft = work.save(graduate, SEEKING)
    invitation = work.invite(graduate)
    work.campus.save()
    writer, vault, seen = Writer(graduate, work.at), work.campus.vault, draft.revision
    came = after_another(
        sessions,
        accepting(work, graduate, invitation),
        lambda session: applications.submit(session, vault, writer, seen),
    )
    assert came == "changed_meanwhile"
    assert live(work) == 1


def test_two_people_of_an_employer_invite_once(
    work: Signwork, sessions: sessionmaker[Session], graduate: Graduate
) -> None:
    one, two = work.recruiter(), work.recruiter()
    work.campus.save()
    first = inviting_her(work, one, graduate)
    assert after_another(sessions, first, inviting_her(work, two, graduate)) == "already_invited"


def test_taken_back_or_passed_but_never_both(
    work: Signwork, sessions: sessionmaker[Session], graduate: Graduate
) -> None:
    invitation = work.invite(graduate)
    agreement = work.accept(graduate, invitation)
    work.decide(Role.DEPARTMENT, work.review_of(agreement))
    work.campus.save()
    early = passing(work, agreement)
    assert early(work.session) is Outcome.TOO_EARLY
    work.campus.save()
    take_back = retracting(work, graduate, invitation)
    work.at += RETRACT
    late = passing(work, agreement)
    work.campus.save()
    came = after_another(sessions, take_back, late)
    assert came is Outcome.CHANGED_MEANWHILE
    assert live(work) == 0
    assert work.versions(graduate) == []


def test_passed_while_she_takes_it_back_too_late(
    work: Signwork, sessions: sessionmaker[Session], graduate: Graduate
) -> None:
    invitation = work.invite(graduate)
    agreement = work.accept(graduate, invitation)
    work.decide(Role.DEPARTMENT, work.review_of(agreement))
    work.campus.save()
    work.at += RETRACT
    late, passes = retracting(work, graduate, invitation), passing(work, agreement)
    work.campus.save()
    assert after_another(sessions, passes, late) == "retract_over"
    assert live(work) == 1
    assert len(work.versions(graduate)) == 1
