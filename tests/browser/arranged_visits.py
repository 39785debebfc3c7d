"""Pages that only what people of several sides do leads to: how each comes to be there.

What arranges them stands with the tests of those pages.
"""

from collections.abc import Callable

from registry.accounts.tables import Role
from tests.pages import Browser
from tests.registry.signing.invitation_sheets import row_for, sheet_of
from tests.wxapp.breaches.conftest import reporter_on
from tests.wxapp.breaches.test_breach_pages import ANSWER
from tests.wxapp.core import campuses
from tests.wxapp.core import test_second_step as second
from tests.wxapp.employer.conftest import signed_in, signing_on
from tests.wxapp.employer.newcomer import ACCOUNT, NAME, Newcomer
from tests.wxapp.employer.test_firms import CODE as KNOWN_CODE
from tests.wxapp.employer.test_firms import NAME as KNOWN
from tests.wxapp.employer.test_firms import document
from tests.wxapp.employer.test_offline import ask as ask_for_a_paper
from tests.wxapp.employer.test_sheets import upload
from tests.wxapp.employer.test_terminations import she_asks, sign
from tests.wxapp.graduate.takeover import Takeover, last_message, with_real_number
from tests.wxapp.school.records import PHONE, Campus
from tests.wxapp.site import Site

MUST = Role.RECEIVER
"""The one role that must have a second factor."""


def _takeover(site: Site) -> Takeover:
    graduate = site.graduate(with_real_number)
    return Takeover(site, graduate, site.bind(graduate), last_message(site))


def _school_reads_objections(site: Site) -> Browser:
    takeover = _takeover(site)
    takeover.correct_phone(takeover.signed_in(takeover.staff()))
    hers = site.enter(takeover.openid).get("/g/contact")
    hers.submit("form[action='/g/contact']", words="我没有换号")
    return takeover.signed_in(takeover.long_there()).get("/school/objections")


def _objects_by_a_link(site: Site) -> Browser:
    takeover = _takeover(site)
    takeover.correct_phone(takeover.signed_in(takeover.staff()))
    takeover.tell()
    return site.browser().get(takeover.link_on(PHONE))


def _confirms(site: Site) -> Browser:
    graduate = site.graduate(Campus.report)
    page = site.enter(site.bind(graduate)).get("/g/confirmation")
    return page.submit("#right").get("/g/confirmation/done")


def _asks_for_a_second_look(site: Site) -> Browser:
    reporter = reporter_on(site)
    reporter.report()
    reporter.opened(reporter.province, "province").submit(ANSWER, words="未发现问题。")
    return reporter.phone.get(f"{reporter.phone.path}/reopen")


def _hands_papers_in(site: Site) -> None:
    newcomer = Newcomer(site)
    newcomer.register()
    newcomer.sign_in()
    newcomer.hand_in()


def _school_reads_a_report(site: Site) -> Browser:
    reporter = reporter_on(site)
    reporter.report(kind="fees", accused="employer", unit=KNOWN)
    return reporter.school.get("/school/breaches").follow("收取押金、培训费或扣押证件")


def _school_lists_papers(site: Site) -> Browser:
    signing_on(site)
    _hands_papers_in(site)
    return signed_in(site, Role.SCHOOL).get("/school/papers")


def _school_reads_papers(site: Site) -> Browser:
    return _school_lists_papers(site).follow(NAME)


def _province_lists_papers(site: Site) -> Browser:
    signing_on(site)
    page = signed_in(site, Role.PROVINCE).get("/province/employers")
    page.submit("form[action$='/settings']", qualifies=True, minimum_pay="2200")
    _hands_papers_in(site)
    return signed_in(site, Role.PROVINCE).get("/province/papers")


def _province_reads_papers(site: Site) -> Browser:
    return _province_lists_papers(site).follow(NAME)


def _school_reads_who_takes_over(site: Site) -> Browser:
    signing_on(site)
    page = Newcomer(site).prove("/employer/register/takeover")
    account = {**ACCOUNT, "unit_code": KNOWN_CODE, "unit_name": KNOWN}
    page.submit("form[action$='/takeover']", None, **account, letter=document())
    return signed_in(site, Role.SCHOOL).get("/school/employers").follow("申请变更管理员")


def _school_makes_an_account(site: Site) -> Browser:
    signing_on(site)
    page = signed_in(site, Role.SCHOOL).get("/school/employers").follow(KNOWN)
    return page.get(f"{page.path}/account")


def _school_reads_a_termination(site: Site) -> Browser:
    signing = signing_on(site)
    sign(signing)
    she_asks(signing, breach="3000", settlement="unpaid")
    page = signing.employer.get("/employer/").follow("李娟申请解约")
    page.submit("form[action$='/agree']", settlement="paid")
    return signing.staff(Role.SCHOOL).get("/school/terminations").follow("李娟")


def _school_reads_a_request(site: Site) -> Browser:
    signing = signing_on(site)
    ask_for_a_paper(signing)
    return signing.staff(Role.SCHOOL).get("/school/offline").follow("李娟")


def _employer_invites_many(site: Site) -> Browser:
    signing = signing_on(site)
    return upload(signing, sheet_of([row_for(signing.graduate)]))


def _employer_takes_its_list(site: Site) -> Browser:
    signing = signing_on(site)
    signing.invite()
    return signing.employer.get("/employer/").submit("form[action='/employer/export']")


def _is_asked_for_a_code(site: Site) -> Browser:
    second.with_phone(site, second.add(site))
    return second.sign_in(site)


def _sets_a_phone_up(site: Site) -> Browser:
    second.add(site, MUST)
    return second.sign_in(site)


def _comes_by_campus(site: Site) -> Browser:
    campuses.add_staff(site)
    return campuses.come_by_campus(site.browser())


def _left_by_campus(site: Site) -> Browser:
    return site.browser().get("/login/campus/qinghe/left")


def _links_a_colleague(site: Site) -> Browser:
    return site.enter(site.sandbox.control.add_phone("王老师"), "colleague")


def _comes_from_the_mini_program(site: Site) -> Browser:
    return site.browser().get("/wechat/mini/enter")


ON_PHONES: dict[str, Callable[[Site], Browser]] = {
    "breach.reopening": _asks_for_a_second_look,
    "colleague.page": _links_a_colleague,
    "confirmation.done": _confirms,
    "contact_link.linked": _objects_by_a_link,
    "mini_enter.page": _comes_from_the_mini_program,
}
BETWEEN_SIDES: dict[str, Callable[[Site], Browser]] = {
    "campus.left": _left_by_campus,
    "campus_arrival.ask": _comes_by_campus,
    "employer.export": _employer_takes_its_list,
    "employer.sheet": _employer_invites_many,
    "province.papers": _province_lists_papers,
    "province.papers_of_employer": _province_reads_papers,
    "school.breach": _school_reads_a_report,
    "school.employer_account": _school_makes_an_account,
    "school.objections": _school_reads_objections,
    "school.offline_request": _school_reads_a_request,
    "school.papers": _school_lists_papers,
    "school.papers_of_employer": _school_reads_papers,
    "school.takeover": _school_reads_who_takes_over,
    "school.termination": _school_reads_a_termination,
    "second_step.ask": _is_asked_for_a_code,
    "second_step.set_up": _sets_a_phone_up,
}
"""The page that each comes to, by its name: on a phone, and at a desk."""
