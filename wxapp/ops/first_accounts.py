"""The first accounts of schools and provinces, made by the operator."""

from flask import render_template, url_for
from flask.typing import ResponseReturnValue

from registry.accounts import first_accounts, schools
from registry.accounts.tables import Role
from registry.base.errors import NotFound
from registry.codes import regions
from wxapp.core import first_account
from wxapp.core.db import reading
from wxapp.core.first_account import Place
from wxapp.ops.door import blueprint

FRAME = "ops/page.html"


@blueprint.get("/schools/<school>/account", endpoint="first_account")
def show_of_school(school: str) -> str:
    """Show the form for a school's first account."""
    return first_account.show(_school(school))


@blueprint.post("/schools/<school>/account")
def create_of_school(school: str) -> ResponseReturnValue:
    """Make a school's first account."""
    return first_account.create(_school(school))


def _school(key: str) -> Place:
    with reading() as session:
        found = schools.find(session, key)
    return Place(
        *(found.name, Role.SCHOOL, FRAME, "ops.schools"),
        action=url_for("ops.first_account", school=key),
        back=url_for("ops.school", school=key),
        school_id=found.id,
    )


@blueprint.get("/provinces", endpoint="provinces")
def show_provinces() -> str:
    """Show the provinces with their accounts."""
    with reading() as session:
        found = first_accounts.provinces(session)
    return render_template("ops/provinces.html", provinces=found)


@blueprint.get("/provinces/<province>/account", endpoint="province_account")
def show_of_province(province: str) -> str:
    """Show the form for a province's first account."""
    return first_account.show(_province(province))


@blueprint.post("/provinces/<province>/account")
def create_of_province(province: str) -> ResponseReturnValue:
    """Make a province's first account."""
    return first_account.create(_province(province))


def _province(code: str) -> Place:
    if not regions.is_province(code):
        raise NotFound("省份")
    return Place(
        *(regions.region_name(code), Role.PROVINCE, FRAME, "ops.provinces"),
        action=url_for("ops.province_account", province=code),
        back=url_for("ops.provinces"),
        province=code,
    )
