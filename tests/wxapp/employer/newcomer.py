"""An employer that nobody knows yet, in a browser of its own."""

import re
from datetime import timedelta
from io import BytesIO

from notifier.binding import sms_after_commit
from registry.accounts import puzzles, sessions
from registry.accounts.tables import Role, Staff
from tests.documents import photograph
from tests.pages import Browser
from tests.wxapp.school.records import UNIT
from tests.wxapp.site import Site

CODE, NAME = "91370200MA3C0TUX7C", "远山建设有限公司"
HANDLER = "13900002222"
PASSWORD = "yuanshan-2026-hr"
ACCOUNT = {"name": "孙经理", "login": "sun@yuanshan", "password": PASSWORD, "again": PASSWORD}
PLACE = (("province", "370000"), ("prefecture", "370200"), ("county", "370202"))
REGISTER = "form[action='/employer/register']"


class Newcomer:
    """Somebody of an employer at the screen."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.browser = site.browser()

    def prove(self, path: str, phone: str = HANDLER) -> Browser:
        """Prove a phone where a page asks for it, a while after any code before."""
        self.site.clock.move(timedelta(minutes=2))
        page = self.browser.get(path)
        page.submit("form[action*='/code']", phone=phone)
        page.submit("form[action*='/code']", phone=phone, puzzle_answer=self.puzzle())
        return page.submit("form[action*='/phone']", code=code_sent_to(self.site, phone))

    def puzzle(self) -> str:
        """Return the answer to the puzzle that the page shows."""
        cookie = self.browser.client.get_cookie("quxiang")
        assert cookie is not None
        whose = sessions.hash_of(cookie.value)
        digits = self.site.read(lambda session: puzzles.given(session, whose, self.site.clock()))
        assert digits is not None
        return digits

    def register(self, **changed: str) -> Browser:
        """Register as the form asks, after the phone."""
        page = self.prove("/employer/register")
        unit = {k: v for k, v in UNIT.items() if k != "unit_location_code"}
        said = {**unit, "unit_code": CODE, "unit_name": NAME, **ACCOUNT, **changed}
        school = page.find("#school optgroup option")["value"]
        typed = page.fill(REGISTER, **{"school": str(school), **said})
        for level, code in PLACE:
            typed.setlist(f"unit_location_code-{level}", [code])
        return page.post("/employer/register", typed)

    def sign_in(self) -> Browser:
        """Come in as the account that was registered, past its second factor."""
        token = sessions.new_token()
        with self.site.resources.sessions.begin() as session:
            theirs = session.query(Staff).filter_by(role=Role.EMPLOYER, login=ACCOUNT["login"])
            sessions.start(session, token, sessions.proven(theirs.one()), {}, self.site.clock())
        self.browser = self.site.browser()
        self.browser.client.set_cookie("quxiang", token)
        return self.browser

    def hand_in(self, button: str | None = None, **changed: str) -> Browser:
        """Hand papers in, after the phone of who handles them; or press another button there."""
        page = self.prove("/employer/papers")
        said = {"letter_until": "2027-05-31", "licence_endless": "1", **changed}
        files = {name: (BytesIO(photograph()), f"{name}.jpg") for name in ("licence", "letter")}
        return page.submit("form[action='/employer/papers']", button, **said, **files)


def code_sent_to(site: Site, phone: str) -> str:
    sms_after_commit.settle()
    found = re.search(r"\d{6}", site.sandbox.control.sms(phone)[-1]["text"])
    assert found is not None
    return found.group()
