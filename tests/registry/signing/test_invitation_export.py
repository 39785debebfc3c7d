"""An employer's invitations as a workbook, with what became of each."""

from registry.numbers import shape
from registry.record.tables import Graduate
from registry.signing import agreement_papers, invitation_export, lists
from tests.registry.signing.signwork import Signwork
from tests.registry.signing.termwork import BUSINESS, FAMILY, Signed, sign


def exported(signed: Signed) -> list[dict[str, str]]:
    """Return the lines of the workbook by their titles."""
    found = lists.every(signed.session, signed.employer.ident, signed.work.at)
    titles, *lines = invitation_export.lines(found)
    return [dict(zip(titles, line, strict=True)) for line in lines]


def test_a_line_has_the_number_and_how_the_last_termination_stands(
    work: Signwork, graduate: Graduate
) -> None:
    signed = sign(work, graduate)
    [line] = exported(signed)
    paper = agreement_papers.of(work.session, signed.agreement)
    assert line["协议书编号"] == shape.grouped(paper.number)
    assert (line["协议状态"], line["解约状态"]) == ("已签约", "")
    signed.refused(signed.ask(signed.employer, BUSINESS))
    assert [each["解约状态"] for each in exported(signed)] == ["毕业生不同意"]
    signed.ask(signed.her, FAMILY)
    assert [each["解约状态"] for each in exported(signed)] == ["待贵单位答复"]


def test_an_invitation_that_is_open_has_no_number(work: Signwork, graduate: Graduate) -> None:
    signed = sign(work, graduate)
    work.invite(work.campus.graduate("王芳", identity_index="another"), signed.staff)
    newest, _ = exported(signed)
    assert (newest["邀请状态"], newest["协议书编号"], newest["解约状态"]) == ("待应约", "", "")
