"""Which schools' own sign-ins (统一身份认证) a page offers."""

from collections.abc import Callable
from dataclasses import dataclass

from registry.accounts import schools
from runtime.campus_logins import CampusLogin
from wxapp.core.db import reading
from wxapp.core.resources import services


@dataclass(frozen=True)
class OfferedCampus:
    """A sign-in as a page names it."""

    name: str
    """As it stands in addresses."""
    school: str
    title: str


def of_staff() -> list[OfferedCampus]:
    """Return the sign-ins of staff, by the names of their schools."""
    return _offered(lambda login: login.signs_in_staff)


def of_graduates() -> list[OfferedCampus]:
    """Return those by which graduates prove who they are, by the names of their schools."""
    return _offered(lambda login: login.binds_graduates)


def _offered(wanted: Callable[[CampusLogin], bool]) -> list[OfferedCampus]:
    logins = [each.login for each in services().campuses.values() if wanted(each.login)]
    if not logins:
        return []
    with reading() as session:
        names = schools.names_by_code(session, {each.school for each in logins})
    found = [
        OfferedCampus(each.name, names[each.school], each.title)
        for each in logins
        if each.school in names
    ]
    return sorted(found, key=lambda each: (each.school, each.name))
