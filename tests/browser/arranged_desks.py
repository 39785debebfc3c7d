"""Pages of staff at their desks that the story leaves nothing on: how each comes to be there.

What arranges them stands with the tests of those pages.
"""

from collections.abc import Callable

import pytest

from registry.accounts.school_tables import School
from registry.accounts.tables import Role, Staff
from registry.interface import sync_days
from tests.pages import Browser
from tests.registry.second_factor.phone import turn_on
from tests.registry.sheets import as_csv
from tests.wxapp.account.test_limits import page as charges_of
from tests.wxapp.province import test_exports as exports
from tests.wxapp.province import test_forwardings as forwardings
from tests.wxapp.province import test_reminders as reminders
from tests.wxapp.province.test_first_accounts import without_account
from tests.wxapp.province.test_province import report
from tests.wxapp.province.test_reviews import waiting
from tests.wxapp.province.test_sync import SYSTEM
from tests.wxapp.school import test_courier_lists as courier
from tests.wxapp.school import test_import_undo as undoing
from tests.wxapp.school.conftest import Console
from tests.wxapp.school.records import open_campus
from tests.wxapp.school.review_records import Submissions
from tests.wxapp.school.test_audit_export import exported
from tests.wxapp.school.test_choosing import choose
from tests.wxapp.school.test_import_plans import LI, ZHAO, brought_in
from tests.wxapp.school.test_review_tasks import asked
from wxapp.reviews import many

NAMES = ("李娟", "王建国")


def _chosen(console: Console, act: str) -> Browser:
    found = [console.campus.report(console.campus.graduate(name)) for name in NAMES]
    console.campus.staff(Role.COUNSELLOR)
    console.campus.save()
    return choose(console.browser(), act, *(each.key for each in found))


def _ends_many(console: Console) -> Browser:
    return _chosen(console, "end")


def _assigns_many(console: Console) -> Browser:
    return _chosen(console, "assign")


def _corrects(console: Console) -> Browser:
    her = console.campus.report(console.campus.graduate())
    console.campus.save()
    return console.browser().get(f"/school/graduates/{her.key}/correction")


def _finds_nobody(console: Console) -> Browser:
    return console.browser().get("/school/search/nobody")


def _has_a_courier_list(console: Console) -> Browser:
    rows = courier.rows_for(*courier.graduates(console))
    browser = courier.upload(console.browser(), as_csv(rows))
    courier.work(console)
    return browser.get(browser.path)


def _has_courier_lists(console: Console) -> Browser:
    return _has_a_courier_list(console).get(courier.LISTS)


def _undoes_an_import(console: Console) -> Browser:
    brought_in(console, LI, ZHAO)
    undoing.in_the_way(console)
    return console.browser().get("/school/imports").follow("名单.csv").follow("撤销这次导入")


def _reviews_many(console: Console) -> Browser:
    submissions = Submissions(console)
    for name in NAMES:
        submissions.add(name)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(many, "MOST", 1)
        return asked(console)


def _decided_late(console: Console, role: str, path: str) -> Browser:
    """Return all that wait after somebody else passed the first of them."""
    browser = console.browser(role).get(path)
    console.browser(role).get(path).follow(NAMES[0]).submit("form:has(textarea)", "decision=pass")
    return browser.submit(".review-form", "decision=return", whom="page", reason="请补充材料")


def _has_decided(console: Console) -> Browser:
    for name in NAMES:
        Submissions(console).add(name)
    return _decided_late(console, "department", "/school/reviews")


def _keeps_reasons(console: Console) -> Browser:
    page = console.browser().get("/school/review-reasons")
    return page.submit("form.card-body", reason="行业与单位不符")


def _syncs(console: Console) -> None:
    with console.resources.sessions.begin() as session:
        school = session.get_one(School, console.campus.school.id)
        school.correction_system = SYSTEM
        rows = [(school.id, "created"), (school.id, "rejected")]
        sync_days.count(session, rows, console.resources.clock())


def _is_synced(console: Console) -> Browser:
    _syncs(console)
    return console.browser().get("/school/sync")


def _province_of_a_sync(console: Console) -> Browser:
    _syncs(console)
    key = console.campus.school.key
    return console.browser("province").get(f"/province/schools/{key}/sync")


def _gives_charges(console: Console) -> Browser:
    counsellor = console.campus.staff(Role.COUNSELLOR)
    console.campus.graduate()
    console.campus.save()
    return console.browser().get(charges_of(console, counsellor))


def _resets_a_factor(console: Console) -> Browser:
    lost = console.campus.staff(Role.SCHOOL)
    console.campus.save()
    with console.resources.sessions.begin() as session:
        mine = session.get_one(Staff, lost.id)
        turn_on(session, console.resources.vault, mine, console.resources.clock())
    page = console.browser().get("/account/factor-resets")
    form = "form[action='/account/factor-resets']"
    return page.submit(form, login=lost.login, reason="手机遗失")


def _province_of_a_batch(console: Console) -> Browser:
    key = report(console.campus, *NAMES)
    return console.browser("province").get(f"/province/batches/{key}")


def _province_of_a_person(console: Console) -> Browser:
    report(console.campus, *NAMES)
    return console.browser("province").get("/province/people?q=李").follow("李娟")


def _province_exports(console: Console) -> Browser:
    report(console.campus, *NAMES)
    page = console.browser("province").get("/province/exports")
    return page.submit(exports.FORM, layout="national")


def _province_forwards(console: Console) -> Browser:
    browser = _province_of_a_batch(console)
    browser.submit("form[action$=file]")
    page = browser.get("/province/forwardings").submit(forwardings.BEGIN)
    return page.submit(forwardings.SEND)


def _ministry_of_a_forwarding(console: Console) -> Browser:
    _province_forwards(console)
    console.staff["ministry"] = console.campus.staff(Role.MINISTRY)
    console.campus.save()
    return console.browser("ministry").get("/ministry/forwardings").follow("370000-0001")


def _province_gives_a_first_account(console: Console) -> Browser:
    browser = console.browser("province")
    without_account(console)
    return browser.get("/province/schools").follow(console.campus.school.name)


def _province_reminds(console: Console) -> Browser:
    console.campus.report(console.campus.graduate())
    console.campus.save()
    return reminders.draft(console)


def _desk(console: Console) -> str:
    waiting(console.campus, *NAMES)
    return f"/province/schools/{console.campus.school.key}"


def _province_reviews(console: Console) -> Browser:
    return console.browser("province").get(f"{_desk(console)}/reviews")


def _province_reviews_one(console: Console) -> Browser:
    return _province_reviews(console).follow("李娟")


def _province_has_decided(console: Console) -> Browser:
    return _decided_late(console, "province", f"{_desk(console)}/reviews")


def _province_keeps_reasons(console: Console) -> Browser:
    page = console.browser("province").get(f"{_desk(console)}/review-reasons")
    return page.submit("form.card-body", reason="行业与单位不符")


def _merges(console: Console) -> Browser:
    with console.resources.sessions.begin() as session:
        source = open_campus(session, console.resources.clock(), "10001", console.resources.vault)
        source.graduate("王芳")
        key = source.school.key
    page = console.browser("operator").get(f"/ops/schools/{key}")
    return page.submit("form[action$='/merge']", into=console.campus.school.code)


def _has_merged(console: Console) -> Browser:
    return _merges(console).submit("main form[method=post]", reason="教育部批复")


AT_DESKS: dict[str, Callable[[Console], Browser]] = {
    "account.charges": _gives_charges,
    "account.factor_resets": _resets_a_factor,
    "ministry.forwarding": _ministry_of_a_forwarding,
    "ops.audit_export": lambda console: exported(console, "operator"),
    "ops.merge": _has_merged,
    "ops.school_merge": _merges,
    "province.audit_export": lambda console: exported(console, "province"),
    "province.batch": _province_of_a_batch,
    "province.export": _province_exports,
    "province.first_account": _province_gives_a_first_account,
    "province.forwarding": _province_forwards,
    "province.person": _province_of_a_person,
    "province.reminder": _province_reminds,
    "province.review": _province_reviews_one,
    "province.review_decided": _province_has_decided,
    "province.review_reasons": _province_keeps_reasons,
    "province.reviews": _province_reviews,
    "province.sync": _province_of_a_sync,
    "school.assign_many": _assigns_many,
    "school.audit_export": lambda console: exported(console, "school"),
    "school.correction": _corrects,
    "school.courier_list": _has_a_courier_list,
    "school.courier_lists": _has_courier_lists,
    "school.end_many": _ends_many,
    "school.import_undo": _undoes_an_import,
    "school.not_found_by_identity": _finds_nobody,
    "school.review_decided": _has_decided,
    "school.review_reasons": _keeps_reasons,
    "school.review_task": _reviews_many,
    "school.sync": _is_synced,
}
"""The page that each comes to, by its name."""
