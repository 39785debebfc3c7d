"""People of one school who say who they are, each in a browser and a WeChat of her own."""

import threading

from sqlalchemy.orm import Session

from notifier.binding import bind, sms_after_commit
from notifier.binding.bind import ClaimedIdentity, Proof
from registry.accounts import puzzles
from registry.accounts.school_tables import Department, School
from registry.base.crypto import Vault
from registry.base.errors import RuleError
from registry.codes import identity
from registry.record.tables import Graduate
from runtime.resources import Resources
from tests.clock import StandingClock
from tests.sealing import seal
from tests.waiting import PATIENCE

NUMBER, OTHER_NUMBER, NOBODYS = "110101200301010012", "110101200301020018", "110101200301030013"
PHONE, OTHER_PHONE = "19900001234", "19900005678"


class Phones:
    """Phones that keep the codes sent to them."""

    def __init__(self) -> None:
        self.codes: list[tuple[str, str]] = []
        self.reachable = threading.Event()
        self.reachable.set()

    def send_code(self, phone: str, code: str, minutes: int) -> None:
        assert minutes == 5
        self.reachable.wait(PATIENCE)
        self.codes.append((phone, code))

    def last(self, phone: str) -> str:
        sms_after_commit.settle()
        return [code for number, code in self.codes if number == phone][-1]


def add_people(session: Session, vault: Vault, clock: StandingClock) -> None:
    school = School(code="10001", name="某某大学", created_at=clock())
    session.add(school)
    session.flush()
    department = Department(school_id=school.id, name="计算机学院")
    session.add(department)
    session.flush()
    people = [
        ("S1", 2026, "阿依古丽·买买提", NUMBER, PHONE),
        ("S0", 2022, "阿依古丽·买买提", NUMBER, OTHER_PHONE),
        ("S2", 2026, "李娟", OTHER_NUMBER, OTHER_PHONE),
        ("S3", 2026, "王无机", NOBODYS, None),
    ]
    for student_number, year, name, number, phone in people:
        seal(
            session,
            vault,
            Graduate(
                school_id=school.id,
                department_id=department.id,
                year=year,
                student_number=student_number,
                name=name,
                identity_index=identity.identity_index(vault, number),
                graduation_month=f"{year}06",
                created_at=clock(),
                updated_at=clock(),
            ),
            number=number,
            phone=phone or "",
        )


class Person:
    """Somebody in a browser of her own, with a WeChat of her own."""

    def __init__(self, resources: Resources, phones: Phones, openid: str = "o-mine") -> None:
        self.resources = resources
        self.phones = phones
        self.openid = openid
        self.session_hash = f"session of {openid}"

    def claim(
        self,
        name: str = "阿依古丽·买买提",
        number: str = NUMBER,
        address: str = "10.0.0.1",
        puzzle: str = "",
    ) -> str | None:
        """Say who she is; return the code of the refusal."""
        claimed = ClaimedIdentity(name, number, self.openid, self.session_hash, address, puzzle)
        r = self.resources
        with r.sessions.begin() as session:
            refusal = bind.begin(session, r.vault, self.phones, claimed, r.clock())
        return refusal.code if refusal else None

    def claim_solving(self, name: str = "阿依古丽·买买提", number: str = NUMBER) -> str | None:
        """Say who she is as somebody does who reads each puzzle and answers it right."""
        r = self.resources
        with r.sessions.begin() as session:
            digits = puzzles.give_out(session, self.session_hash, r.clock())
        return self.claim(name, number, puzzle=digits)

    def prove_solving(self, code: str) -> str:
        """Type a code and the answer to a puzzle."""
        r = self.resources
        with r.sessions.begin() as session:
            digits = puzzles.give_out(session, self.session_hash, r.clock())
        return self.prove(code, digits)

    def prove(self, code: str, puzzle: str = "") -> str:
        """Type a code; return the code of the refusal, or the student number of who is bound."""
        proof = Proof(code, self.openid, self.session_hash, "10.0.0.1", puzzle)
        r = self.resources
        with r.sessions.begin() as session:
            found = bind.finish(session, r.vault, proof, r.clock())
            return found.code if isinstance(found, RuleError) else found.student_number
