"""Schools, departments, graduates and staff for tests, made through the record's own rules."""

from dataclasses import dataclass
from datetime import datetime
from itertools import count

from argon2 import PasswordHasher
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.accounts.employer_tables import Employer
from registry.accounts.school_tables import Department, School
from registry.accounts.tables import Role, Staff
from registry.base.crypto import Vault
from registry.record.registration import Origin, Proposal, record
from registry.record.scope import Scope
from registry.record.tables import Graduate, Source
from registry.signing.qualified import VALID
from registry.signing.states import QualificationState
from registry.signing.tables import Qualification
from tests.sealing import seal

VAULT = Vault({"k1": b"1" * 32}, b"i" * 32)
IDENTITY = "11010120030307123X"
PHONE = "19900001234"
AGREEMENT = {
    "category": "10",
    "unit_name": "青岛海纳软件有限公司",
    "unit_location": "山东省青岛市",
    "file_type": "签约单位接收",
    "file_unit": "青岛市人才服务中心",
    "household_type": "迁回生源地",
}
NOBODYS_PASSWORD = "a password that hardly anybody types"
NOBODYS_HASH = PasswordHasher(1, 8, 1).hash(NOBODYS_PASSWORD)
_numbers = count(1)


@dataclass
class Campus:
    """A school with two departments, ready for graduates."""

    session: Session
    at: datetime
    school: School
    departments: list[Department]
    vault: Vault = VAULT

    @property
    def scope(self) -> Scope:
        """Return what the whole school sees."""
        return Scope(self.school.id)

    def department_scope(self, which: int = 0) -> Scope:
        """Return what one department sees."""
        return Scope(self.school.id, self.departments[which].id)

    def save(self) -> None:
        """Commit; what was made stays readable without holding the database."""
        self.session.flush()
        for each in list(self.session):
            self.session.refresh(each)
        self.session.commit()

    def graduate(
        self,
        name: str = "李娟",
        department: int = 0,
        **about: object,
    ) -> Graduate:
        """Add a graduate who has reported nothing."""
        number, phone = next(_numbers), str(about.pop("phone", PHONE))
        values: dict[str, object] = {
            "school_id": self.school.id,
            "department_id": self.departments[department].id,
            "year": 2026,
            "student_number": f"2022{number:06}",
            "name": name,
            "identity_index": self.vault.index("identity", IDENTITY),
            "phone_index": self.vault.index("phone", PHONE),
            "sex": "2",
            "level": "31",
            "major": "软件工程",
            "class_name": "软件2201",
            "graduation_month": "202606",
            "created_at": self.at,
            "updated_at": self.at,
        }
        graduate = Graduate(**{**values, **about})
        secrets = {"number": "" if "identity_sealed" in about else IDENTITY}
        secrets["phone"] = "" if "phone_sealed" in about else phone
        return seal(self.session, self.vault, graduate, **secrets)

    def report(
        self,
        graduate: Graduate,
        source: Source = Source.IMPORT,
        by: str = "学校",
        **changed: str,
    ) -> Graduate:
        """Record a destination, or a change of it."""
        origin = Origin(self.school.id, source, "学校", by, "system", self.at)
        record(self.session, origin, [Proposal(graduate.id, {**AGREEMENT, **changed})])
        self.session.refresh(graduate)
        return graduate

    def correct(self, graduate: Graduate, **basics: str) -> Graduate:
        """Record a change of her own particulars."""
        origin = Origin(self.school.id, Source.IMPORT, "学校", "学校", "system", self.at)
        record(self.session, origin, [Proposal(graduate.id, basics=basics)])
        self.session.refresh(graduate)
        return graduate

    def staff(self, role: Role = Role.SCHOOL, department: int | None = None) -> Staff:
        """Add a member of staff."""
        member = Staff(
            login=f"staff{next(_numbers)}",
            name="王老师",
            role=role,
            school_id=self.school.id if role in SCHOOLS_OWN else None,
            department_id=None if department is None else self.departments[department].id,
            province="370000" if role is Role.PROVINCE else None,
            employer_id=self.employer().id if role is Role.EMPLOYER else None,
            password_hash=NOBODYS_HASH,
            created_at=self.at,
        )
        self.session.add(member)
        self.session.flush()
        return member

    def employer(self, unit_code: str = "91350100M000100Y43") -> Employer:
        """Return the employer of a credit code, qualified by the school when first asked for."""
        wanted = select(Employer).where(Employer.unit_code == unit_code)
        found = self.session.scalar(wanted)
        if found is None:
            found = Employer(**UNIT, unit_code=unit_code, school_id=self.school.id)
            found.created_at = self.at
            self.session.add(found)
            self.session.flush()
        self._qualify(found)
        return found

    def _qualify(self, employer: Employer) -> None:
        row = {"employer_id": employer.id, "school_id": self.school.id}
        if self.session.scalar(select(Qualification).filter_by(**row)) is None:
            times = {"created_at": self.at, "updated_at": self.at, "valid_until": self.at + VALID}
            state = QualificationState.QUALIFIED
            self.session.add(Qualification(**row, **times, state=state))
            self.session.flush()


UNIT = {
    "unit_name": "青岛海纳软件有限公司",
    "unit_nature": "31",
    "unit_industry": "34",
    "unit_location_code": "370202",
    "unit_address": "香港中路1号",
    "unit_contact": "孙经理",
    "unit_phone": "0532-86981234",
}
SCHOOLS_OWN = {Role.SCHOOL, Role.DEPARTMENT, Role.COUNSELLOR}


def open_campus(
    session: Session, at: datetime, code: str = "10425", vault: Vault = VAULT
) -> Campus:
    """Add a school with two departments."""
    school = School(code=code, name=f"测试大学{code}", province="370000", created_at=at)
    session.add(school)
    session.flush()
    names = ("计算机学院", "化工学院")
    departments = [Department(school_id=school.id, name=name) for name in names]
    session.add_all(departments)
    session.flush()
    return Campus(session, at, school, departments, vault)
