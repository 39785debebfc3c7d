"""Whatever is sent to the form: never an error page, always a sentence, and nothing is lost."""

from dataclasses import dataclass
from html import unescape
from io import BytesIO

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from registry.codes import transfer_types
from registry.record import requirements, validation
from registry.record.fields import PLACE_CODES, REGISTRATION
from registry.review.tables import Application
from tests.pages import Browser
from tests.profiles import examples
from tests.wxapp.graduate.registering import CREDIT_CODE, FORM
from tests.wxapp.site import Site
from wxapp.core import region_picker
from wxapp.core.limits import limiter
from wxapp.graduate import register_form
from wxapp.graduate.register_form import Step

LIKELY = [
    "签约单位接收",
    "升学外校接收",
    "迁回生源地",
    "暂存学校",
    "李娟",
    "19900001234",
    CREDIT_CODE,
    "2026-06-01",
    "370202",
    "31",
    "10",
    "𬭊" * 200,
    "x" * 5000,
    "\u202e",
    "<script>alert(1)</script>",
    "{{ 7*7 }}",
    "' OR 1=1 --",
]
TYPED = st.characters(codec="utf-8", exclude_characters="\x00")
"""NUL is refused before any view (test_nasty_values)."""
TEXT = st.one_of(
    st.text(TYPED, max_size=40), st.sampled_from(LIKELY), st.text("0123456789-X年月日", max_size=20)
)
REGION = [f"{name}-{each}" for name in PLACE_CODES.values() for each, _ in region_picker.LEVELS]
STAYS = {each.title for each in (*transfer_types.FILES, *transfer_types.HOUSEHOLDS) if each.stays}
PLACES = ["370000", "370200", "370202", "110000", "441900"]
FIELDS = st.dictionaries(st.sampled_from([*REGISTRATION, *REGION, "go"]), TEXT, max_size=12)
REGIONS = st.dictionaries(st.sampled_from(REGION), st.sampled_from(PLACES))
CHOSEN = {"unit_nature", "unit_industry", "job_class", "signed_on", "file_type", "household_type"}
"""What a page offers in a list or a calendar: it shows nothing else."""
REFUSALS = ("field-problem_refuse", "phone-complaint")
anything = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    max_examples=examples(50, thorough=300),
)


@dataclass
class Writer:
    """A graduate's browser without a window: each example goes on where the last one stopped."""

    site: Site
    client: FlaskClient
    token: str

    def post(self, path: str, **fields: object) -> tuple[int, str]:
        """Send a form with its token and the revision of the draft; return status and page."""
        draft = self.draft()
        known = {"csrf_token": self.token, "revision": str(draft.revision if draft else 0)}
        answer = self.client.post(path, data={**known, **fields})
        return answer.status_code, answer.get_data(as_text=True)

    def draft(self) -> Application | None:
        """Return what is kept."""
        return self.site.read(lambda session: session.scalars(select(Application)).first())


@pytest.fixture
def writer(site: Site, monkeypatch: pytest.MonkeyPatch) -> Writer:
    monkeypatch.setattr(limiter, "enabled", False)  # hundreds of forms, and each looked at
    browser: Browser = site.enter(site.bind(site.graduate()), "register")
    return Writer(site, browser.client, str(browser.fill("form")["csrf_token"]))


@anything
@given(
    st.sampled_from(sorted(requirements.OFFERED)),
    st.sampled_from([Step.DESTINATION, Step.TRANSFER]),
    FIELDS,
    REGIONS,
)
def test_every_step_keeps_and_answers_whatever_is_typed(
    writer: Writer, category: str, step: Step, fields: dict[str, str], regions: dict[str, str]
) -> None:
    writer.post(f"{FORM}/category", category=category)
    status, page = writer.post(f"{FORM}/{step}", **{**fields, **regions})
    assert status in {200, 303, 400}
    assert status != 400 or any(each in page for each in REFUSALS)
    draft = writer.draft()
    assert draft is not None
    asked = register_form.fields_of(step, category)
    written = {*asked} - {*PLACE_CODES.values()}  # places are chosen from lists, never typed
    typed = {name: text for name, text in validation.cleaned(fields).items() if name in written}
    if not STAYS.intersection(typed.values()):
        written_in = {
            name: text for name, text in typed.items() if text or step is Step.DESTINATION
        }
        assert {name: draft.values[name] for name in written_in} == written_in, "known is filled in"
        shown = [text for name, text in typed.items() if name not in CHOSEN]
        assert status != 400 or all(text in unescape(page) for text in shown)
    assert writer.client.get(f"{FORM}/review").status_code == 200


@anything
@given(TEXT, TEXT)
def test_the_category_answers_whatever_is_chosen(
    writer: Writer, chosen: str, revision: str
) -> None:
    assert writer.post(f"{FORM}/category", category=chosen)[0] in {303, 400}
    assert writer.post(f"{FORM}/category", category="11", revision=revision)[0] in {303, 400}


@pytest.mark.in_ci
@anything
@given(TEXT, TEXT, st.binary(max_size=300))
def test_the_other_forms_answer_whatever_is_sent(
    writer: Writer, text: str, name: str, content: bytes
) -> None:
    writer.post(f"{FORM}/category", category="76")
    for path, fields in (
        (f"{FORM}/employers", {"employer": f"{name}|{text}", "unit_name": text}),
        (f"{FORM}/review", {"revision": text}),
        ("/g/void", {"note": text}),
        ("/g/evidence/1/remove", {}),
        ("/g/evidence/1/restore", {}),
        ("/g/evidence", {"file-income": (BytesIO(content), name), "go": text}),
        ("/g/evidence", {f"file-{text}": (BytesIO(content), name), "go": "replace-income"}),
    ):
        assert writer.post(path, **fields)[0] in {303, 400, 404}, path
    for path in (f"{FORM}/employers", f"{FORM}/employers/known", f"{FORM}/regions", "/g/evidence"):
        query = {"text": text, "below": text, "check": text, "removed": text}
        assert writer.client.get(path, query_string=query).status_code in {200, 303}, path
