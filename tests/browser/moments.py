"""Moments that the story does not leave behind: each has pages of its own, on her phone or beside.

What arranges them stands with the tests of those pages.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from tests.pages import Browser
from tests.wxapp.employer.conftest import Signing
from tests.wxapp.employer.test_mending import amended, returned
from tests.wxapp.employer.test_offline import issued
from tests.wxapp.employer.test_paper import pass_all
from tests.wxapp.employer.test_story import accept
from tests.wxapp.employer.test_supplements import propose
from tests.wxapp.employer.test_terminations import employer_asks, she_asks
from tests.wxapp.graduate import registering, verifying
from tests.wxapp.school.records import Campus


@dataclass(frozen=True)
class Moment:
    """Somebody's browser as far as it has come, and the pages that are to be met from here."""

    arrange: Callable[[Signing], Browser]
    begins: str
    """Addresses, apart by spaces."""
    endpoints: str
    """What is to be met from there, by name, apart by spaces."""


def _writes(signing: Signing) -> Browser:
    return registering.fill_in(signing.phone.get("/g/register"))


def _hands_in(signing: Signing) -> Browser:
    return _writes(signing).submit(button="提交审核")


def _authorizes(signing: Signing) -> Browser:
    signing.site.change(signing.graduate, Campus.report)
    signing.phone.get("/g/confirmation").submit("#right")
    return verifying.prove(verifying.choose(signing.phone))


def _chooses(signing: Signing) -> Browser:
    signing.site.change(signing.graduate, Campus.report)
    signing.phone.get("/g/confirmation").submit("#right")
    signing.later(timedelta(hours=1))
    return verifying.choose(signing.phone)


def _is_invited(signing: Signing) -> Browser:
    signing.invite()
    return signing.phone


def _is_returned(signing: Signing) -> Browser:
    returned(signing)
    return signing.phone


def _employer_amends(signing: Signing) -> Browser:
    returned(signing)
    return signing.employer


def _is_amended(signing: Signing) -> Browser:
    returned(signing)
    amended(signing)
    return signing.phone


def _signs(signing: Signing) -> Browser:
    signing.invite()
    accept(signing)
    pass_all(signing)
    return signing.employer


def _is_proposed(signing: Signing) -> Browser:
    _signs(signing)
    propose(signing)
    return signing.phone


def _is_to_agree(signing: Signing) -> Browser:
    _signs(signing)
    employer_asks(signing)
    return signing.phone


def _is_not_agreed_with(signing: Signing) -> Browser:
    _signs(signing)
    she_asks(signing)
    page = signing.employer.get("/employer/").follow("李娟申请解约")
    page.submit("form[action$='/refuse']", reason="仍需履约")
    return signing.phone


def _has_a_paper(signing: Signing) -> Browser:
    return issued(signing)


MOMENTS = (
    Moment(
        *(_writes, "/g/register/review /g/register/employers"),
        "registering.ask registering.review registering.ask_to_discard registering.employers"
        " evidence.page",
    ),
    Moment(_hands_in, "/g/", "registering.progress"),
    Moment(_authorizes, "/g/authorization", "authorizing.forward authorizing.extension"),
    Moment(_chooses, "/g/authorization/proof", "authorizing.proof"),
    Moment(_is_invited, "/g/signing", "signing.invitation signing.accepting signing.refusing"),
    Moment(_is_returned, "/g/signing", "agreeing.giving_up"),
    Moment(_is_amended, "/g/signing", "agreeing.page"),
    Moment(_employer_amends, "/employer/", "employer.amend"),
    Moment(_signs, "/employer/", "employer.supplement employer.ask_for_termination"),
    Moment(_is_proposed, "/g/signing", "supplement.page supplement.refusing"),
    Moment(_is_to_agree, "/g/", "consenting.page terminating.refusing"),
    Moment(_is_not_agreed_with, "/g/", "terminating.escalating"),
    Moment(_has_a_paper, "/g/signing", "offline.page offline.giving_up"),
)
