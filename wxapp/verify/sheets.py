"""What a receiver is shown of a number that holds; for all others there is one sentence."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import urlsplit

from flask import Response

from registry.base.clock import SHANGHAI
from registry.numbers import report, reports
from registry.numbers.lookup.looking_up import Finding
from registry.numbers.shape import ISSUE_TITLES, KIND_TITLES, Issue, Kind
from wxapp.core.resources import resources

AGREEMENT = "agreement"


@dataclass(frozen=True)
class Module:
    """One of the three things that are looked up, as its form says it."""

    name: str
    """As the address says it."""
    title: str
    lead: str
    number: str
    hint: str


def _of_kind(kind: Kind) -> Module:
    title = KIND_TITLES[kind]
    lead = f"输入毕业生姓名和报告或转递单上的编号，核对{title}去向是否属实、是否仍然有效。"
    hint = "15 位或 18 位，空格和大小写不影响查询。"
    return Module(kind, f"{title}去向核验", lead, "核验编号或转递编号", hint)


MODULES = {
    **{kind.value: _of_kind(kind) for kind in Kind},
    AGREEMENT: Module(
        *(AGREEMENT, "就业协议核验"),
        lead="输入毕业生姓名和就业协议书上的编号，核对协议是否正在生效、是否已经解约或作废。",
        number="协议书编号",
        hint="16 位，空格和大小写不影响查询。",
    ),
}

PROVIDED_BY = {
    Issue.VERIFICATION: "核验编号，由毕业生本人授权",
    Issue.TRANSFER: "转递编号，由毕业院校提供",
}


@dataclass(frozen=True)
class Sheet:
    """The sheet of a number that holds."""

    kind: str
    school: str
    number_title: str
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
        number_title=ISSUE_TITLES[Issue(number.issue)],
        provided_by=PROVIDED_BY[Issue(number.issue)],
        blocks=finding.shown,
        ends_on=number.ends_on,
        asked_at=to_the_second(at),
    )


def to_the_second(at: datetime) -> str:
    """Return when something was looked up, Shanghai's time."""
    return at.astimezone(SHANGHAI).strftime("%Y年%-m月%-d日 %H:%M:%S")


def for_templates() -> Mapping[str, object]:
    """Return what every page of the door names: the one host whose answers count."""
    host = urlsplit(resources().settings.public_url).netloc
    titles = {"report_title": reports.TITLE, "kind_titles": KIND_TITLES}
    return {"host": host, "kinds": list(Kind), "modules": MODULES.values(), **titles}


def keep_out_of_indexes(response: Response) -> Response:
    """Tell search engines that nothing here is for them."""
    response.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    return response
