"""A graduate with her phone, and browsers of the offices that handle what she reports."""

from dataclasses import dataclass

import pytest

from registry.accounts.tables import Role
from registry.record.tables import Graduate
from tests.pages import Browser
from tests.wxapp.employer.conftest import signed_in
from tests.wxapp.site import Site

FORM = "form[action='/g/breaches/new']"
WORDS = "6月8日班会上要求当天交协议，不交不发毕业证。"


@dataclass
class Reporter:
    """Who reports, and who handles it."""

    site: Site
    graduate: Graduate
    openid: str
    phone: Browser
    school: Browser
    province: Browser

    def report(self, **changed: str) -> Browser:
        """Report as she does from her pages; return the page of the report."""
        said = {"kind": "forced", "accused": "school", "words": WORDS, "named": "unnamed"}
        return self.phone.get("/g/breaches/new").submit(FORM, **{**said, **changed})

    def opened(self, office: Browser, door: str) -> Browser:
        """Open the one report an office sees."""
        return office.get(f"/{door}/breaches").follow(self.title)

    title = "强迫签约"


@pytest.fixture
def reporter(site: Site) -> Reporter:
    return reporter_on(site)


def reporter_on(site: Site) -> Reporter:
    """Have a graduate of the site come in by WeChat, and both offices by their accounts."""
    graduate = site.graduate()
    openid = site.bind(graduate)
    offices = (signed_in(site, Role.SCHOOL), signed_in(site, Role.PROVINCE))
    return Reporter(site, graduate, openid, site.enter(openid), *offices)
