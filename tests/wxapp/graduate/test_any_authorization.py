"""Whatever is sent to the pages of 核验授权: a page or a sentence, never an error page."""

from dataclasses import dataclass
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from registry.numbers.service import Validity
from tests.profiles import examples
from tests.wxapp.graduate.verifying import PAGE, authorized, reported
from tests.wxapp.site import Site
from wxapp.core.limits import limiter

ODD = [
    "",
    "\x00",
    "\u202e",
    "x" * 5000,
    "<script>",
    "' OR 1=1 --",
    "{{ 7*7 }}",
    "file/../x",
    "..",
    "？",
]
TEXT = st.one_of(st.text(max_size=40), st.sampled_from([*ODD, *Validity]))
KINDS = st.one_of(st.sampled_from(["file", "household"]), TEXT)
anything = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    max_examples=examples(50, thorough=300),
)


def path_of(*parts: str) -> str:
    return "/".join([PAGE, *map(quote, parts)])


@dataclass
class Visitor:
    """A graduate's browser without a window."""

    client: FlaskClient
    token: str

    def get(self, *parts: str, **query: str) -> int:
        return self.client.get(path_of(*parts), query_string=query).status_code

    def post(self, *parts: str, **fields: str) -> int:
        data = {"csrf_token": self.token, **fields}
        return self.client.post(path_of(*parts), data=data).status_code


@pytest.fixture
def visitor(site: Site, monkeypatch: pytest.MonkeyPatch) -> Visitor:
    monkeypatch.setattr(limiter, "enabled", False)  # hundreds of examples ask for more papers
    browser = authorized(site, reported(site))
    return Visitor(browser.client, str(browser.fill("#revoke-file form")["csrf_token"]))


@anything
@given(st.lists(KINDS, max_size=3), TEXT)
def test_the_choice_answers_whatever_is_chosen(
    visitor: Visitor, kinds: list[str], validity: str
) -> None:
    data = {"csrf_token": visitor.token, "kinds": kinds, "validity": validity}
    assert visitor.client.post(PAGE, data=data).status_code in {303, 400}
    for page in ("", "proof", "face/back/1"):
        assert visitor.get(page) in {200, 303, 308, 400, 404}


@anything
@given(KINDS, st.sampled_from(["", "extend", "revoke", "face"]), TEXT)
def test_every_form_answers_whatever_is_sent(
    visitor: Visitor, kind: str, act: str, validity: str
) -> None:
    parts = [each for each in (kind, act) if each]
    assert visitor.post(*parts, validity=validity) in {200, 303, 308, 400, 404, 405}


@anything
@given(KINDS, st.sampled_from(["", "extend", "views", "report", "forward"]), TEXT)
def test_every_page_answers_whatever_is_asked(
    visitor: Visitor, kind: str, page: str, text: str
) -> None:
    parts = [each for each in (kind, page) if each]
    assert visitor.get(*parts, BizToken=text, before=text) in {200, 303, 308, 400, 404, 405}
