"""Two who decide, write or import at the same moment: exactly one is heard, nothing is lost."""

from collections.abc import Callable

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from registry.accounts.tables import Role
from registry.base.database import open_readers
from registry.base.errors import RuleError
from registry.province import batch_decisions
from registry.province.batches import send_batch, signature
from registry.record.registration import Origin, Proposal, record
from registry.record.tables import Graduate, Registration, Source
from registry.review import applications, correction, decide, decisions, evidence
from registry.review.application_moves import Writer
from registry.review.correction import CorrectionForm
from registry.review.decisions import Decision, Outcome, Reviewer, Verdict
from registry.review.states import ApplicationState, Level
from registry.review.tables import Application, ReviewStep
from tests.registry.review.at_once import after_another, together
from tests.registry.review.casework import AGREEMENT, SEEKING, Casework


def deciding(
    work: Casework, given: list[Application], decision: Decision
) -> Callable[[Session], object]:
    seen = {each.key: each.revision for each in given}
    who = decisions.reviewer(work.staff(Role.DEPARTMENT))
    scope, verdict = work.campus.department_scope(), Verdict(decision, "缺少协议")
    return lambda session: decide.decide(session, scope, who, seen, verdict, work.at)


def test_of_two_reviewers_exactly_one_is_heard(
    work: Casework, sessions: sessionmaker[Session]
) -> None:
    given = [work.submit(work.campus.graduate(), SEEKING) for _ in range(40)]
    passing = deciding(work, given, Decision.PASS)
    returning = deciding(work, given[::-1], Decision.RETURN)
    work.campus.save()
    first, second = together(sessions, passing, returning)
    assert isinstance(first, dict)
    assert isinstance(second, dict)
    for each in given:
        answers = {first[each.key], second[each.key]}
        assert Outcome.CHANGED_MEANWHILE in answers
        assert answers & {Outcome.PASSED, Outcome.RETURNED}
    with sessions.begin() as session:
        decided = session.scalars(select(ReviewStep).where(ReviewStep.level != "")).all()
        assert len(decided) == len(given)


def test_of_two_tabs_exactly_one_is_kept(
    work: Casework, sessions: sessionmaker[Session], graduate: Graduate
) -> None:
    saved = work.save(graduate, {})
    work.campus.save()

    def save(values: dict[str, str]) -> Callable[[Session], object]:
        def deed(session: Session) -> object:
            try:
                writer = Writer(graduate, work.at)
                applications.save(session, writer, values, saved.revision)
            except RuleError as refusal:
                return refusal.code
            return "kept"

        return deed

    assert sorted(map(str, together(sessions, save(AGREEMENT), save(SEEKING)))) == [
        "changed_meanwhile",
        "kept",
    ]


def test_two_first_drafts_become_one(
    work: Casework, sessions: sessionmaker[Session], graduate: Graduate
) -> None:
    work.campus.save()

    def begin(session: Session) -> object:
        try:
            applications.save(session, Writer(graduate, work.at), SEEKING, applications.NEW)
        except RuleError as refusal:
            return refusal.code
        return "kept"

    assert sorted(map(str, together(sessions, begin, begin))) == ["changed_meanwhile", "kept"]
    with sessions.begin() as session:
        assert len(session.scalars(select(Application)).all()) == 1


def test_a_review_and_an_import_of_the_same_people_both_end(
    work: Casework, sessions: sessionmaker[Session]
) -> None:
    given = [work.submit(work.campus.graduate(), SEEKING) for _ in range(60)]
    for each in given:
        work.decide(Role.DEPARTMENT, each)
    who = decisions.reviewer(work.staff(Role.SCHOOL))
    seen = {each.key: each.revision for each in given}
    people = [each.graduate_id for each in given]
    scope, at = work.campus.scope, work.at
    work.campus.save()

    def review(session: Session) -> object:
        return decide.decide(session, scope, who, seen, Verdict(Decision.PASS), at)

    def bring_in(session: Session) -> object:
        origin = Origin(scope.school_id, Source.IMPORT, "", "学校", "system", at)
        values = {"category": "71"}
        return record(session, origin, [Proposal(each, values) for each in people[::-1]])

    answers, _ = together(sessions, review, bring_in)
    assert isinstance(answers, dict)
    with sessions.begin() as session:
        passed = {
            each.key
            for each in session.scalars(
                select(Application).where(Application.state == ApplicationState.PASSED)
            )
        }
        versions = session.scalars(select(Registration)).all()
    assert passed == {key for key, what in answers.items() if what is Outcome.PASSED}
    assert len(versions) == len(people) + len(passed)


def test_who_is_being_written_about_is_passed_over_without_waiting(
    work: Casework, sessions: sessionmaker[Session], graduate: Graduate
) -> None:
    sent = work.submit(graduate, SEEKING)
    passing = deciding(work, [sent], Decision.PASS)
    work.campus.save()
    engine = sessions.kw["bind"]
    with open_readers(engine).begin() as writing, sessions.begin() as session:
        writing.execute(select(Graduate.id).with_for_update())
        came = passing(session)
    heard = {"postgresql": Outcome.CHANGED_MEANWHILE, "sqlite": Outcome.PASSED}
    assert came == {sent.key: heard[engine.dialect.name]}


def test_what_is_sent_anew_while_it_is_weighed_is_not_decided_unseen(
    work: Casework, graduate: Graduate
) -> None:
    sent = work.submit(graduate, SEEKING)
    scope, who = work.campus.department_scope(), Reviewer(Level.DEPARTMENT, "staff:x")
    weighed = decide._weighed(work.session, scope, [sent.key], [graduate.id], work.at)
    applications.withdraw(work.session, work.writer(graduate), sent.revision)
    work.submit(graduate, {**SEEKING, "category": "71"})
    sitting = decide._Sitting(scope, who, Verdict(Decision.PASS), work.at)
    assert decide._move(work.session, sitting, weighed) == []


def test_a_batch_is_not_filed_past_a_change_that_is_under_way(
    work: Casework, sessions: sessionmaker[Session], graduate: Graduate
) -> None:
    work.register(graduate)
    signed = signature(work.staff(Role.SCHOOL))
    batch = send_batch(work.session, work.campus.scope, 2026, signed, work.at)
    work.campus.save()
    origin = Origin(work.campus.school.id, Source.IMPORT, "", "学校", "system", work.at)
    proposal = Proposal(graduate.id, {"unit_name": "远山建设有限公司"})
    came = after_another(
        sessions,
        lambda session: record(session, origin, [proposal]),
        lambda session: batch_decisions.file_batch(session, "370000", batch.key, signed, work.at),
    )
    assert came == batch_decisions.Filed(filed=0, overtaken=1)


def test_nothing_is_sent_past_evidence_that_is_being_taken_off(
    work: Casework, sessions: sessionmaker[Session], graduate: Graduate
) -> None:
    saved = work.save(graduate, AGREEMENT)
    work.prove(graduate)
    (proof,) = evidence.listed(work.session, saved.id)
    work.campus.save()
    writer, vault = work.writer(graduate), work.campus.vault
    came = after_another(
        sessions,
        lambda session: evidence.remove(session, writer, proof.key),
        lambda session: applications.submit(session, vault, writer, saved.revision),
    )
    assert came == "evidence_missing"


def test_of_two_who_correct_one_registration_at_once_the_second_is_told(
    work: Casework, sessions: sessionmaker[Session]
) -> None:
    graduate = work.campus.report(work.campus.graduate())
    staff, seen = work.staff(Role.SCHOOL), correction.seen_of(work.session, graduate)
    stood = applications.first_values(work.session, graduate)
    work.campus.save()

    def correcting(**changed: str) -> Callable[[Session], object]:
        form = CorrectionForm({**stood, **changed}, "本人来函", seen)
        scope = work.campus.scope
        return lambda session: correction.correct(
            session, scope, staff, graduate.key, form, work.at
        )

    one, other = correcting(unit_name="甲公司"), correcting(unit_phone="0532-86981234")
    assert after_another(sessions, one, other) == "changed_meanwhile"
    with sessions.begin() as session:
        newest = session.scalars(select(Registration).order_by(Registration.id.desc())).first()
        assert newest is not None
        assert newest.unit_name == "甲公司"
