"""Everybody who sees pages, after the whole story was played: how each comes in."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page
from sqlalchemy import select
from sqlalchemy.orm import Session

from commands.opening import opened_resources
from commands.story.stage import Stage
from commands.tour import played
from registry.accounts.school_tables import Department
from registry.accounts.staff import NewStaff, create_staff
from registry.accounts.tables import Role
from registry.record import charges
from registry.record.tables import Graduate
from tests.browser.devices import DESK, PHONE

PASSWORD = "correct horse battery"
OFFICE, COUNSELLOR = "office", "counsellor"
NOWHERE = "0" * 32


@dataclass(frozen=True)
class Seer:
    """Somebody with a browser, and the addresses the way begins at."""

    name: str
    device: Mapping[str, object]
    come_in: Callable[[Page, Stage], None]
    begins: tuple[str, ...]


@contextmanager
def whole_story(folder: Path) -> Iterator[Stage]:
    """Play the story quietly, with an office that receives files and a counsellor beside it."""
    with played(folder, _nothing) as stage:
        with (
            opened_resources(stage.trial.settings) as resources,
            resources.sessions.begin() as session,
        ):
            office = NewStaff(OFFICE, "市人才服务中心", Role.RECEIVER)
            create_staff(session, office, PASSWORD, resources.clock())
            _add_counsellor(session, stage, resources.clock())
        yield stage


def _add_counsellor(session: Session, stage: Stage, at: datetime) -> None:
    """Have somebody look after all majors of the department that one of the cast is of."""
    number = stage.cast[0].student_number
    her = session.scalars(select(Graduate).where(Graduate.student_number == number)).one()
    new = NewStaff(COUNSELLOR, "赵老师", Role.COUNSELLOR, her.school_id)
    counsellor = create_staff(session, new, PASSWORD, at)
    department = session.get_one(Department, her.department_id)
    majors = charges.offered(session, counsellor.id, department, at).majors
    charges.charge_with(session, counsellor, department, (), majors)


def _nothing(_words: str) -> None:
    """Stay quiet."""


@contextmanager
def opened(chromium: Browser, seer: Seer, stage: Stage, **more: object) -> Iterator[Page]:
    """Give a page in which somebody has come in."""
    options = {**seer.device, "locale": "zh-CN", "timezone_id": "Asia/Shanghai", **more}
    context: BrowserContext = chromium.new_context(**options)  # type: ignore[arg-type]  # any option
    try:
        page = context.new_page()
        seer.come_in(page, stage)
        yield page
    finally:
        context.close()


def _staff(login: str) -> Callable[[Page, Stage], None]:
    def come_in(page: Page, stage: Stage) -> None:
        password = (
            PASSWORD
            if login in {OFFICE, COUNSELLOR}
            else stage.trial.people.account(login).password
        )
        page.goto(f"{stage.trial.settings.public_url}/login")
        page.get_by_label("登录名").fill(login)
        page.get_by_label("密码").fill(password)
        page.get_by_role("button", name="登录").click()
        page.wait_for_url(lambda address: not address.endswith("/login"))

    return come_in


def _graduate(number: int) -> Callable[[Page, Stage], None]:
    def come_in(page: Page, stage: Stage) -> None:
        person = [each for each in stage.cast if each.student_number in stage.phones][number]
        page.goto(f"{stage.trial.sandbox_url}/phone/{stage.phones[person.student_number]}")

    return come_in


def _stranger(page: Page, stage: Stage) -> None:
    """Be a phone that nobody is bound to."""
    unbound = next(each.openid for each in stage.trial.people.persons)
    page.goto(f"{stage.trial.sandbox_url}/phone/{unbound}")


def _nobody(_page: Page, _stage: Stage) -> None:
    """Come without having been anybody."""


IN_WECHAT = ("/wechat/login?to=home",)
PUBLIC = (
    *("/", "/login", "/verify/file", f"/v/{NOWHERE}", "/employer/register", "/privacy"),
    *("/g/receipt", "/nothing"),
)
OWN = "/account"
SEERS = (
    Seer("anybody", PHONE, _nobody, PUBLIC),
    Seer("unbound", PHONE, _stranger, IN_WECHAT),
    *(Seer(f"graduate-{number}", PHONE, _graduate(number), IN_WECHAT) for number in range(4)),
    Seer("school", DESK, _staff("qinghe"), ("/school/", OWN)),
    Seer("department", DESK, _staff("qinghe-yx"), ("/school/", OWN)),
    Seer("counsellor", DESK, _staff(COUNSELLOR), ("/school/", OWN)),
    Seer("province", DESK, _staff("beijing"), ("/province/", OWN)),
    Seer("operator", DESK, _staff("operator"), ("/ops/", OWN)),
    Seer("ministry", DESK, _staff("jiaoyubu"), ("/ministry/", OWN)),
    Seer("employer", DESK, _staff("hr"), ("/employer/", OWN)),
    Seer("office", DESK, _staff(OFFICE), ("/receiver/", OWN)),
)
