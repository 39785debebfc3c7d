"""The people of a trial: two schools, their graduates, staff, and phones in the sandbox."""

import json
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from commands.trial import past, provincial
from commands.trial.home import Home
from commands.trial.private import write_private
from commands.trial.returned import RETURNED, return_one
from notifier.binding.synthetic import bind_share
from notifier.ledger.tables import Binding
from notifier.wechat.followers import reconcile
from notifier.wechat.gateway import open_gateway
from notifier.wechat.menu import push_menu
from notifier.wechat.templates import sync_templates
from registry.accounts import campus_accounts
from registry.accounts.school_tables import Department, School
from registry.accounts.staff import NewStaff, create_staff
from registry.accounts.tables import Role, Staff
from registry.codes.identity import IDENTITY, PHONE
from registry.codes.regions import region_name
from registry.population.create import NewSchool, PopulationSize, create
from registry.record.cohort import cohort_in_season
from registry.record.confirmation.states import ConfirmationState
from registry.record.tables import Graduate
from registry.signing import employers
from runtime.resources import Resources
from sandbox.control import Control

SEED = 20260601
BOUND = 0.9
REPORTED = 0.8
POSTED = 0.3
"""Share of the files that leave the school which were posted."""
READY = 3
"""How many people with a phone of their own wait to be bound."""
UNBOUND = "未绑定"
SHOWS = {
    ConfirmationState.UNCONFIRMED: "去向待确认",
    ConfirmationState.CONFIRMED: "去向已确认",
    ConfirmationState.DISPUTED: "信息有误，已反馈",
    ConfirmationState.NOT_REPORTED: "尚未登记去向",
}
"""What a phone can show when the trial begins."""
WORK_NUMBERS = {"qinghe": "T2019007", "taiyue": "T2020011"}
"""The accounts that the sandbox's campuses sign in, too, and their numbers there (工号)."""
SMALLER = 5
"""The second school has one in so many of the graduates."""

EMPLOYER = {
    "unit_name": "北京清泉软件有限公司",
    "unit_code": "91350100M000100Y43",
    "unit_nature": "39",
    "unit_industry": "34",
    "unit_location_code": "110108",
    "unit_address": "学院路1号",
    "unit_contact": "人力资源部",
    "unit_phone": "010-55500200",
}
"""The employer that signs with graduates of the first school."""

NATIONAL = "https://dj.ncss.cn/"
"""The national system, whose pages take reports of breaches of the four don'ts."""

SCHOOLS = (
    NewSchool(
        code="99001",
        name="青禾大学",
        province="110000",
        helpline="010-5550 0100",
        breach_url=NATIONAL,
    ),
    NewSchool(
        code="99002",
        name="泰岳学院",
        province="370000",
        helpline="0531-5550 0100",
        correction_system="山东省高校毕业生就业信息网",
        correction_url="http://www.sdgxbys.cn/",
        breach_url=NATIONAL,
    ),
)
"""Made up, with codes that no school has."""


@dataclass(frozen=True)
class Account:
    """Somebody who may sign in to the console."""

    login: str
    password: str
    title: str


@dataclass(frozen=True)
class Person:
    """A graduate whose phone waits in the sandbox, with what binding asks for. Made up."""

    openid: str
    name: str
    identity_number: str
    phone_number: str
    student_number: str
    school: str


@dataclass(frozen=True)
class People:
    """Whom the demo knows by name."""

    accounts: Sequence[Account]
    persons: Sequence[Person]

    def account(self, login: str) -> Account:
        """Return the account of a login; raise LookupError where there is none."""
        return next(each for each in self.accounts if each.login == login)


def read(home: Home) -> People:
    """Return whom an earlier run made."""
    kept = json.loads(home.people_file.read_text(encoding="utf-8"))
    return People(
        [Account(**each) for each in kept["accounts"]],
        [Person(**each) for each in kept["persons"]],
    )


def forget_half_made(home: Home) -> None:
    """Remove what a first run left that never came to its end."""
    if home.people_file.exists():
        return
    for path in (*home.folder.glob(f"{home.database.name}*"), *home.sandbox.glob("*")):
        path.unlink()


def make(home: Home, resources: Resources, control: Control, graduates: int) -> People:
    """Make everybody up, and tell the account its menu, its templates and its followers."""
    smaller = max(1, graduates // SMALLER)
    for school, number in zip(SCHOOLS, (graduates - smaller, smaller), strict=True):
        _make_graduates(resources, control, school, number)
    with resources.sessions.begin() as session:
        accounts = _make_accounts(session, resources)
        persons = _wait_with_phones(session, resources, control)
        provincial.connect(home, session, resources, SCHOOLS[1].code)
        returned = return_one(session, resources, _teacher(session))
    if returned is not None:
        control.change_phone(returned, tags=[RETURNED])
    _introduce(resources)
    made = People(accounts, persons)
    write_private(home.people_file, json.dumps(asdict(made), ensure_ascii=False, indent=2))
    return made


def _make_graduates(resources: Resources, control: Control, school: NewSchool, number: int) -> None:
    """Make a school with its graduates, most of them bound to phones that follow."""
    now = resources.clock()
    at = now - past.BEGAN
    phones: list[dict[str, object]] = []

    def bind(session: Session, ids: Sequence[int]) -> None:
        bound = bind_share(session, ids, BOUND, at, SEED)
        past.live_through(session, list(bound), now, SEED)
        found = session.execute(
            select(Graduate.id, Graduate.name, Graduate.confirmation)
            .where(Graduate.id.in_(bound))
            .order_by(Graduate.id)
        )
        phones.extend(
            {
                "openid": bound[ident],
                "label": name,
                "about": school.name,
                "tags": [SHOWS[ConfirmationState(state)]],
            }
            for ident, name, state in found
        )

    wanted = PopulationSize(
        year=cohort_in_season(now),
        graduates=number,
        reported=REPORTED,
        posted=POSTED,
        seed=SEED,
    )
    create(resources.sessions, resources.vault, school, wanted, at, bind)
    with resources.sessions.begin() as session:
        past.note_sync(session, school.code, now)
    control.add_phones(phones)


def _introduce(resources: Resources) -> None:
    """Set the menu and read the templates and the followers."""
    gateway = open_gateway(resources.settings, resources.redis, resources.clock)
    push_menu(gateway, resources.settings)
    with resources.sessions.begin() as session:
        sync_templates(session, gateway, resources.clock())
    reconcile(resources, gateway)


def _make_accounts(session: Session, resources: Resources) -> list[Account]:
    """Make staff of every kind, with passwords of this trial alone."""
    first, second = (_school(session, each.code) for each in SCHOOLS)
    department = session.scalars(
        select(Department).where(Department.school_id == first.id).order_by(Department.id)
    ).first()
    assert department is not None, "a school has departments"
    wanted = (
        NewStaff("qinghe", "王老师", Role.SCHOOL, first.id),
        NewStaff("qinghe-yx", "刘老师", Role.DEPARTMENT, first.id, department.id),
        NewStaff("taiyue", "孙老师", Role.SCHOOL, second.id),
        NewStaff("beijing", "周老师", Role.PROVINCE, province=first.province),
        NewStaff("operator", "运维", Role.OPERATOR),
        NewStaff("jiaoyubu", "陈老师", Role.MINISTRY),
    )
    titles = (
        f"{first.name} · 学校",
        f"{first.name} · {department.name}",
        f"{second.name} · 学校（{second.correction_system}）",
        f"{region_name(first.province)} · 省级就业工作部门",
        "平台运维",
        "教育部（只读）",
    )
    made = [
        _make_account(session, resources, new, title)
        for new, title in zip(wanted, titles, strict=True)
    ]
    return [*made, _make_employer(session, resources)]


def _teacher(session: Session) -> Staff:
    """Return the department's own."""
    return session.scalars(select(Staff).where(Staff.role == Role.DEPARTMENT)).one()


def _make_employer(session: Session, resources: Resources) -> Account:
    """Have the first school register an employer, whose account invites its graduates."""
    teacher = session.scalars(select(Staff).where(Staff.role == Role.SCHOOL)).first()
    assert teacher is not None, "the accounts of schools are made first"
    employer = employers.register(session, teacher, EMPLOYER, resources.clock())
    new = NewStaff("hr", "孙经理", Role.EMPLOYER, employer_id=employer.id)
    return _make_account(session, resources, new, f"{employer.unit_name} · 用人单位")


def _make_account(session: Session, resources: Resources, new: NewStaff, title: str) -> Account:
    password = secrets.token_urlsafe(9)
    staff = create_staff(session, new, password, resources.clock())
    if new.login in WORK_NUMBERS:
        campus_accounts.set_number(session, staff, WORK_NUMBERS[new.login])
    return Account(new.login, password, title)


def _school(session: Session, code: str) -> School:
    return session.scalars(select(School).where(School.code == code)).one()


def _wait_with_phones(session: Session, resources: Resources, control: Control) -> list[Person]:
    """Give phones with the registered number to some who still have to bind and to confirm."""
    bound = select(Binding.id).where(Binding.graduate_id == Graduate.id, Binding.ended_at.is_(None))
    persons = []
    # The sandbox opens the newest phone first: it is of the school whose account comes first.
    for code, number in ((SCHOOLS[1].code, 1), (SCHOOLS[0].code, READY - 1)):
        school = _school(session, code)
        found = session.scalars(
            select(Graduate)
            .where(
                Graduate.school_id == school.id,
                Graduate.confirmation == ConfirmationState.UNCONFIRMED,
            )
            .where(~bound.exists(), Graduate.phone_sealed.is_not(None))
            .order_by(Graduate.id)
            .limit(number)
        )
        persons += [_give_phone(resources, control, school, each) for each in found]
    return persons[::-1]


def _give_phone(
    resources: Resources, control: Control, school: School, graduate: Graduate
) -> Person:
    """Make a phone that does not follow yet, and say what binding will ask its owner."""
    vault = resources.vault
    assert graduate.phone_sealed is not None, "only who has a number is asked for"
    number = vault.open(PHONE, graduate.id, graduate.phone_sealed)
    identity = vault.open(IDENTITY, graduate.id, graduate.identity_sealed)
    openid = control.add_phone(
        label=graduate.name,
        number=number,
        following=False,
        about=f"{school.name} 证件号码 {identity}",
        tags=[UNBOUND],
    )
    return Person(
        openid=openid,
        name=graduate.name,
        identity_number=identity,
        phone_number=number,
        student_number=graduate.student_number,
        school=school.name,
    )
