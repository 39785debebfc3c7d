"""The code that a graduate gives to an employer: hers, once, for ten minutes, not to be guessed."""

from datetime import timedelta

import pytest

from registry.accounts.tables import Role, Staff
from registry.base.errors import RuleError
from registry.record.tables import Graduate
from registry.signing import employers, given_codes, naming, qualified
from tests.registry.signing.signwork import OTHER_CODE, Signwork


def made(work: Signwork, graduate: Graduate) -> str:
    return given_codes.make(work.session, work.campus.vault, graduate, "browser", work.at).code


def found(work: Signwork, code: str, staff: Staff | None = None) -> object:
    who, vault = staff or work.recruiter(), work.campus.vault
    answer = given_codes.find_graduate(work.session, vault, who, code, work.at)
    return answer.code if isinstance(answer, RuleError) else answer.id


def used(work: Signwork, code: str) -> None:
    given_codes.use_up(work.session, work.campus.vault, code, work.at)


def test_it_names_her_however_it_is_written(work: Signwork, graduate: Graduate) -> None:
    code = made(work, graduate)
    for typed in (code, f"{code[:4]}-{code[4:]}", f" {code.lower()} ", f"{code[:4]} － {code[4:]}"):
        assert found(work, typed) == graduate.id


def test_it_is_used_once(work: Signwork, graduate: Graduate) -> None:
    code = made(work, graduate)
    used(work, code)
    assert found(work, code) == "code_unknown"
    with pytest.raises(RuleError):
        used(work, code)


def test_it_is_over_after_ten_minutes(work: Signwork, graduate: Graduate) -> None:
    code = made(work, graduate)
    work.at += given_codes.LASTS - timedelta(seconds=1)
    assert found(work, code) == graduate.id
    work.at += timedelta(seconds=1)
    assert found(work, code) == "code_unknown"


def test_the_last_one_holds(work: Signwork, graduate: Graduate) -> None:
    first, second = made(work, graduate), made(work, graduate)
    assert (found(work, first), found(work, second)) == ("code_unknown", graduate.id)


def test_another_of_hers_does_not_end_somebody_elses(work: Signwork, graduate: Graduate) -> None:
    other = work.campus.graduate("王芳")
    code = made(work, other)
    made(work, graduate)
    assert found(work, code) == other.id


def test_an_employer_that_may_not_invite_at_her_school_is_told_so(
    work: Signwork, graduate: Graduate
) -> None:
    other = work.recruiter(OTHER_CODE)
    school = work.campus.school.id
    theirs = employers.find(work.session, school, work.campus.employer(OTHER_CODE).key)
    employers.suspend(work.session, work.staff(Role.SCHOOL), theirs, "虚假招聘", work.at)
    assert found(work, made(work, graduate), other) == "not_qualified"


def test_an_employer_whose_qualification_is_over_is_told_so(
    work: Signwork, graduate: Graduate
) -> None:
    staff = work.recruiter()
    work.at += qualified.VALID
    assert found(work, made(work, graduate), staff) == "not_qualified"


def test_an_employer_that_is_listed_is_told_so(work: Signwork, graduate: Graduate) -> None:
    staff = work.recruiter()
    work.list_employer(work.at + timedelta(days=30))
    assert found(work, made(work, graduate), staff) == "not_qualified"


def test_guesses_wait_with_the_wrong_names_of_the_employer(
    work: Signwork, graduate: Graduate
) -> None:
    staff, code = work.recruiter(), made(work, graduate)
    assert found(work, "O0O0O0O0", staff) == "code_form"
    answers = [found(work, "22222222", staff) for _ in range(naming.OF_EMPLOYER.free + 1)]
    assert answers == ["code_unknown"] * naming.OF_EMPLOYER.free + ["too_many_attempts"]
    assert found(work, code, staff) == "too_many_attempts"
    assert found(work, code, work.recruiter(OTHER_CODE)) == graduate.id
