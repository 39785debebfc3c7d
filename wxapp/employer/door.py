"""Who may come in at the employer's door, and for which employer."""

from typing import Any

from flask import Blueprint, current_app, request

from registry.accounts.employer_tables import Employer
from registry.accounts.tables import Role, Staff
from wxapp.core import region_picker, uploads
from wxapp.core.menus import Entry
from wxapp.core.page_help import helper
from wxapp.core.rights import may
from wxapp.core.who import WrongRole, current_staff
from wxapp.employer.page_help import HELP

blueprint = Blueprint("employer", __name__, url_prefix="/employer")

MENU = (
    Entry("employer.home", "签约邀请", "message"),
    Entry("employer.new_invitation", "发起邀请", "send"),
    Entry("employer.sheets", "批量邀请", "import"),
    Entry("employer.terminations", "解约", "review"),
    Entry("employer.papers", "单位资质", "check"),
)


def me() -> Staff:
    """Return who of the employer is asking."""
    return current_staff()


def my_employer() -> Employer:
    """Return for whom who is asking invites."""
    employer = me().employer
    assert employer is not None, "the door lets in nobody else"
    return employer


@blueprint.before_request
def _let_in() -> None:
    staff = current_staff()
    if staff.role != Role.EMPLOYER or staff.employer is None:
        if request.method == "POST":  # of a form with a file, too, its token comes first
            uploads.csrf_of(dict(current_app.extensions)).protect()
        raise WrongRole


@blueprint.context_processor
def _for_templates() -> dict[str, Any]:
    menu = [each for each in MENU if may(each.endpoint)]
    return {
        "menu": menu,
        "me": me(),
        "employer": my_employer(),
        "notice": "",
        "page_help": helper(HELP),
    }


blueprint.add_url_rule("/regions", "region_choices", region_picker.choices)
