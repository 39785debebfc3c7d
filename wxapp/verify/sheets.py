"""What a receiver is shown of a number that holds; for all others there is one sentence."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import urlsplit

from flask import Response

from registry.base.clock import SHANGHAI
from registry.numbers import report, reports
from registry.numbers.lookup.looking_up import Finding
from registry.numbers.shape import KIND_TITLES, Issue, Kind
from wxapp.core.resources import resources

PROVIDED_BY = {
    Issue.VERIFICATION: "核验编号，由毕业生本人授权",
    Issue.TRANSFER: "转递编号，由毕业院校提供",
}


@dataclass(frozen=True)
class Sheet:
    """The sheet of a number that holds."""

    kind: str
    school: str
    provided_by: str
    blocks: Sequence[report.Shown]
    ends_on: date
    asked_at: str
    """When it was looked up, to the second."""


def sheet_of(finding: Finding, at: datetime) -> Sheet | None:
    """Return the sheet where there is something to show."""
    number = finding.number
    if number is None:
        return None
    return Sheet(
        kind=KIND_TITLES[Kind(number.kind)],
        school=number.snapshot["school"],
        provided_by=PROVIDED_BY[Issue(number.issue)],
        blocks=finding.shown,
        ends_on=number.ends_on,
        asked_at=at.astimezone(SHANGHAI).strftime("%Y年%-m月%-d日 %H:%M:%S"),
    )


def for_templates() -> Mapping[str, object]:
    """Return what every page of the door names: the one host whose answers count."""
    host = urlsplit(resources().settings.public_url).netloc
    titles = {"report_title": reports.TITLE, "kind_titles": KIND_TITLES}
    return {"host": host, "kinds": list(Kind), **titles}


def keep_out_of_indexes(response: Response) -> Response:
    """Tell search engines that nothing here is for them."""
    response.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    return response
