"""A school account that tries to become a graduate, step by step, and who else is there."""

import re
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO

from sqlalchemy import select

from notifier.binding import contact_sms, sms_after_commit
from notifier.campaigns import recipient_lists
from notifier.providers.sms import Sms
from registry.accounts import sessions
from registry.accounts.tables import Role, Staff
from registry.codes import identity
from registry.record.tables import Graduate
from registry.tasks import run
from sandbox.control import SmsRecord
from tests.pages import Browser
from tests.wxapp.graduate.verifying import PAGE
from tests.wxapp.school.records import Campus
from tests.wxapp.site import Site, find_campus
from wxapp.core.resources import services

IDENTITY = "110101200303071230"
THEIR_PHONE = "13700000077"
CLAIM, PROOF = "获取验证码", "同意并绑定"
HEADER = "姓名,身份证号,学号,院系,学历,专业名称,毕业时间,手机号码"


def with_real_number(campus: Campus, graduate: Graduate) -> None:
    """Give a graduate an identity number that is one, and a destination."""
    graduate.identity_sealed = campus.vault.seal(identity.IDENTITY, graduate.id, IDENTITY)
    graduate.identity_index = identity.identity_index(campus.vault, IDENTITY)
    campus.report(graduate)


def last_message(site: Site) -> int:
    """Return the number of the last short message that the sandbox took, of whichever test."""
    return max((each["seq"] for each in site.sandbox.control.sms()), default=0)


@dataclass
class Takeover:
    """One graduate, her WeChat, and the staff of her school."""

    site: Site
    graduate: Graduate
    openid: str
    earlier: int = 0
    """The last short message of the tests before."""

    def staff(self, role: Role = Role.SCHOOL) -> Staff:
        """Add a member of staff, who has been there for long."""
        with self.site.resources.sessions.begin() as session:
            return find_campus(session, self.site).staff(role)

    def long_there(self) -> Staff:
        """Add a member of staff whose account is older than any change."""
        member = self.staff()
        with self.site.resources.sessions.begin() as session:
            session.get_one(Staff, member.id).created_at -= timedelta(days=400)
        return member

    def key_of(self, student_number: str) -> str:
        """Return the key of a record."""
        wanted = select(Graduate.key).where(Graduate.student_number == student_number)
        return self.site.read(lambda session: session.scalars(wanted).one())

    def correct_number(self, browser: Browser, number: str) -> Browser:
        """Change her identity number on the page of her data."""
        browser.get(f"/school/graduates/{self.graduate.key}/person")
        return browser.submit("form.stack", identity=number, occasion="corrected", reason="有误")

    def signed_in(self, member: Staff) -> Browser:
        """Open a browser of a member of staff."""
        token = sessions.new_token()
        with self.site.resources.sessions.begin() as session:
            sessions.start(session, token, sessions.proven(member), {}, self.site.clock())
        client = self.site.app.test_client()
        client.set_cookie("quxiang", token)
        return Browser(client)

    def page(self, browser: Browser, tab: str = "info") -> Browser:
        """Open her page at the school."""
        return browser.get(f"/school/graduates/{self.graduate.key}?tab={tab}")

    def import_phone(self, browser: Browser, phone: str = THEIR_PHONE) -> None:
        """Import a roster of one row with another phone of hers, and approve it."""
        self.import_row(browser, self.graduate.student_number, "本科生毕业,软件工程,202606", phone)

    def import_record(
        self, browser: Browser, student_number: str, phone: str = THEIR_PHONE
    ) -> None:
        """Import a roster of one row: another record of hers, of a study two years later."""
        self.import_row(browser, student_number, "硕士生毕业,计算机科学与技术,202806", phone)

    def import_row(
        self,
        browser: Browser,
        student_number: str,
        study: str,
        phone: str,
        name: str = "",
        number: str = IDENTITY,
    ) -> None:
        """Import a roster of one row, and approve it; `study` is level, major and month."""
        name = name or self.graduate.name
        row = f"{name},{number},{student_number},计算机学院,{study},{phone}"
        file = (BytesIO(f"{HEADER}\n{row}".encode("utf-8-sig")), "名单.csv")
        browser.get("/school/imports").submit("main form", file=file, policy="valid_rows")
        self.work()
        browser.get(browser.path).submit("form[action$=approve]")
        self.work()

    def work(self) -> None:
        """Do the tasks that wait."""
        base = self.site.resources.settings.public_url
        while run.run_next(self.site.resources, base, recipient_lists.PROCEDURES):
            pass

    def correct_phone(self, browser: Browser, phone: str = THEIR_PHONE) -> Browser:
        """Change her phone on the page of her data."""
        browser.get(f"/school/graduates/{self.graduate.key}/person")
        return browser.submit("form.stack", phone=phone, occasion="corrected", reason="号码有误")

    def unbind(self, browser: Browser) -> Browser:
        """End the binding of her WeChat."""
        return self.page(browser).submit("form[action$=unbind]", reason="换了微信")

    def claim(
        self, openid: str, phone: str = THEIR_PHONE, identity_number: str = IDENTITY
    ) -> Browser:
        """Ask for a code in a WeChat, and type the one that came to a phone."""
        browser = self.site.enter(openid).get("/g/bind")
        browser.submit(button=CLAIM, name=self.graduate.name, identity_number=identity_number)
        return browser.submit(button=PROOF, code=self.code_on(phone))

    def code_on(self, phone: str) -> str:
        """Read the last code on a phone."""
        sms_after_commit.settle()
        codes = [re.search(r"验证码(\d{6})", each["text"]) for each in self.messages_on(phone)]
        return [found[1] for found in codes if found][-1]

    def messages_on(self, phone: str) -> list[SmsRecord]:
        """Return the short messages on a phone, oldest first."""
        return self.site.sandbox.control.sms(phone, self.earlier)

    def tell(self) -> None:
        """Send the short messages that wait, as a worker does."""
        with self.site.app.app_context():
            sender = services().sms
        assert isinstance(sender, Sms)
        contact_sms.tell_due(self.site.resources, sender, lambda: False)

    def link_on(self, phone: str) -> str:
        """Return the link in the last notice on a phone."""
        found = [re.search(r"/o/\w+", each["text"]) for each in self.messages_on(phone)]
        return [each[0] for each in found if each][-1]

    def record_in_person(self, browser: Browser) -> Browser:
        """Record that she was seen with her card."""
        self.page(browser, "authorization")
        return browser.submit("form[action*=in-person]", document="identity_card", seen=True)

    def reload(self) -> Graduate:
        """Read her record again."""
        wanted = select(Graduate).where(Graduate.id == self.graduate.id)
        return self.site.read(lambda session: session.scalars(wanted).one())


def authorize(browser: Browser) -> Browser:
    """Authorize the file report."""
    return browser.get(PAGE).submit("#authorize", kinds=["file"], validity="week")
