"""What nobody of an employer has seen comes to the phone of its papers, through the provider."""

from datetime import timedelta

from notifier.binding import employer_sms
from notifier.providers.sms import Sms
from registry.accounts.tables import Role
from registry.record.tables import Graduate
from registry.signing import certification_decisions, certifying, employer_texts
from registry.signing.certification_decisions import PapersDecision
from tests.registry.signing.signwork import Signwork
from tests.registry.signing.test_employers import hand_in
from tests.wxapp.employer.conftest import Signing
from tests.wxapp.school.records import Campus

HANDLER = "13900002222"


def test_an_acceptance_that_nobody_has_seen_comes_to_the_phone_of_the_papers(
    signing: Signing,
) -> None:
    site = signing.site

    def accept(campus: Campus, her: Graduate) -> None:
        work = Signwork(campus, site.clock())
        recruiter = work.recruiter()
        hand_in(work, recruiter)
        papers = certifying.newest(campus.session, recruiter.employer_id or 0)
        assert papers is not None
        school, qualify = work.staff(Role.SCHOOL), PapersDecision.QUALIFY
        certification_decisions.decide(campus.session, school, papers.key, qualify, "", work.at)
        work.accept(her, work.invite(her, recruiter))

    site.change(signing.graduate, accept)
    site.clock.move(employer_texts.GATHERED + timedelta(minutes=1))
    resources = site.resources
    with resources.sessions.begin() as session:
        assert employer_texts.write_due(session, site.clock()) == 1
    employer_sms.tell_due(resources, Sms(resources.settings, site.clock), lambda: False)
    said = site.sandbox.control.sms(HANDLER)[-1]
    assert said["params"] == ["青岛海纳软件有限公司", "毕业生已应约"]
    assert said["text"].endswith("青岛海纳软件有限公司：毕业生已应约，请登录签约平台查看办理。")
