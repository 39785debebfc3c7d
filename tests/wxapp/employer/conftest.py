"""A school, an employer that it has qualified, and a graduate whose WeChat is bound."""

from dataclasses import dataclass
from datetime import timedelta

import pytest

from registry.accounts import sessions
from registry.accounts.tables import Role, Staff
from registry.record.tables import Graduate
from tests.pages import Browser
from tests.wxapp.school.records import Campus
from tests.wxapp.site import Site, find_campus

FORM = "form[action='/employer/invitations/new']"
TERMS = {
    "post": "软件工程师",
    "job_class": "13",
    "work_location_code-province": "370000",
    "pay": "9000",
    "probation_months": "3",
    "probation_pay": "7500",
    "breach": "3000",
    "takes_file": "no",
    "takes_household": "no",
}


@dataclass
class Signing:
    """The site with everybody who signs."""

    site: Site
    graduate: Graduate
    openid: str
    phone: Browser
    employer: Browser

    def staff(self, role: Role) -> Browser:
        """Open a browser signed in as another member of staff."""
        return signed_in(self.site, role)

    def later(self, passed: timedelta) -> None:
        """Let time pass, and come back in WeChat."""
        self.site.clock.move(passed)
        self.phone = self.site.enter(self.openid)
        self.employer = signed_in(self.site, Role.EMPLOYER)

    def write(self, **changed: str) -> Browser:
        """Fill in an invitation and look at it before it is sent."""
        form = {"name": self.graduate.name, "student_number": self.graduate.student_number}
        page = self.employer.get("/employer/invitations/new")
        typed = page.fill(FORM, "go=preview", **{**form, **TERMS, **changed})
        typed.setlist("work_location_code-prefecture", ["370200"])
        typed.setlist("work_location_code-county", ["370202"])
        return page.post("/employer/invitations/new", typed)

    def invite(self, **changed: str) -> Browser:
        """Send an invitation; return the employer's page of it."""
        return self.write(**changed).submit(FORM, "go=send")


def signed_in(site: Site, role: Role, unit_code: str = "") -> Browser:
    """Open a browser signed in as a role, by a session of its own; of the employer with a code."""
    token = sessions.new_token()
    with site.resources.sessions.begin() as session:
        department = 0 if role is Role.DEPARTMENT else None
        campus = find_campus(session, site)
        staff: Staff = campus.staff(role, department)
        if unit_code:
            staff.employer_id = campus.employer(unit_code).id
        sessions.start(session, token, sessions.proven(staff), {}, site.clock())
    browser = site.browser()
    browser.client.set_cookie("quxiang", token)
    return browser


@pytest.fixture
def signing(site: Site) -> Signing:
    return signing_on(site)


def signing_on(site: Site) -> Signing:
    """Have a graduate of the site come in by WeChat, and an employer by its account."""
    graduate = site.graduate(with_number)
    openid = site.bind(graduate)
    return Signing(site, graduate, openid, site.enter(openid), signed_in(site, Role.EMPLOYER))


def with_number(campus: Campus, her: Graduate) -> None:
    """Give her the student number that an employer names her by."""
    her.student_number = "202200001"
    campus.session.flush()
