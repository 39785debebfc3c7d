"""The form of a campaign: whom it is for, what it says, when; as written, or as one that exists."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from werkzeug.datastructures import MultiDict

from notifier import kinds, wording
from notifier.audience import Audience
from notifier.campaigns import Draft
from notifier.kinds import Kind
from notifier.tables import Campaign
from registry.clock import SHANGHAI
from registry.confirmation import State
from registry.errors import RuleError
from registry.numbers import authorization
from registry.numbers.shape import Kind as NumberKind
from wxapp.core.parts import now

CONFIRM, AUTHORIZE = "confirmation_reminder", "authorization_invitation"
KINDS = (CONFIRM, AUTHORIZE)
"""What a school asks for: to confirm, or, of those who have, to authorize."""
REMINDED = (State.NOT_REPORTED, State.UNCONFIRMED, State.DISPUTED)
"""Whom a reminder to confirm can be for: who confirmed needs none."""
UNAUTHORIZED = f"{NumberKind.FILE}:{authorization.State.NOT_AUTHORIZED}"
BOUND = {"yes": True, "no": False}
BETWEEN_NUMBERS = re.compile(r"[\s,，、;；]+")


@dataclass(frozen=True)
class Written:
    """What stands in the form, as it was written."""

    key: str
    """Of the draft that is being changed; empty for a new one."""
    kind: Kind
    title: str
    state: str
    departments: Sequence[str]
    level: str
    major: str
    class_name: str
    bound: str
    missing_file: bool
    authorization: str
    student_numbers: str
    """As pasted: a column of a sheet, or with commas between."""
    texts: dict[str, str]
    start_at: str
    not_after: str
    prefers: str

    def audience(self, year: int) -> Audience:
        """Return whom it is for."""
        return Audience(
            year=year,
            confirmation=(self.state,) if self.state else (),
            departments=tuple(self.departments),
            levels=(self.level,) if self.level else (),
            majors=(self.major,) if self.major else (),
            classes=(self.class_name,) if self.class_name else (),
            student_numbers=self.numbers,
            missing_file=self.missing_file,
            authorization=(self.authorization,) if self.authorization else (),
            bound=BOUND.get(self.bound),
        )

    @property
    def numbers(self) -> tuple[str, ...]:
        """Return the student numbers, each once."""
        found = BETWEEN_NUMBERS.split(self.student_numbers)
        return tuple(dict.fromkeys(number for number in found if number))

    def draft(self, year: int) -> Draft:
        """Return the campaign to be; raise RuleError `moment_unreadable` naming the field."""
        return Draft(
            title=self.title,
            kind=self.kind.name,
            audience=self.audience(year),
            texts=self.texts,
            start_at=_moment(self.start_at, "start_at", "开始时间"),
            not_after=_moment(self.not_after, "not_after", "最晚发送时间"),
            prefers=self.prefers,
        )


def _moment(text: str, field: str, title: str) -> datetime | None:
    if not text.strip():
        return None
    try:
        return datetime.fromisoformat(text.strip()).replace(tzinfo=SHANGHAI)
    except ValueError:
        sentence = f"“{title}”请写成日期和时间，例如 2026-06-30 09:00。"
        raise RuleError("moment_unreadable", sentence, field) from None


def written_of(campaign: Campaign, key: str = "") -> Written:
    """Return the form as it led to a campaign: `key` is the draft's, to change it.

    Raises RuleError `campaign_not_of_form` for one that says more than the form can: made by a
    command or by the system.
    """
    audience = Audience.from_json(campaign.audience)
    kind = kinds.kinds()[campaign.kind]
    written = Written(
        key=key,
        kind=kind,
        title=campaign.title,
        state=_only(audience.confirmation),
        departments=audience.departments,
        level=_only(audience.levels),
        major=_only(audience.majors),
        class_name=_only(audience.classes),
        bound=next((word for word, each in BOUND.items() if each is audience.bound), ""),
        missing_file=audience.missing_file,
        authorization=_only(audience.authorization),
        student_numbers="\n".join(audience.student_numbers),
        texts=wording.given(kind, campaign.texts),
        start_at=_local(campaign.start_at),
        not_after=_local(campaign.not_after),
        prefers=campaign.prefers,
    )
    same_texts = wording.campaign_texts(kind, written.texts) == campaign.texts
    if not same_texts or written.audience(audience.year) != audience:
        sentence = "这个任务的发送对象或文字在这张表上写不全，请新建一个。"
        raise RuleError("campaign_not_of_form", sentence)
    return written


def _only(values: Sequence[str]) -> str:
    return values[0] if len(values) == 1 else ""


def _local(moment: datetime | None) -> str:
    """Return a moment as a form's field has it: 2026-06-30T09:00, by Shanghai's clock."""
    return moment.astimezone(SHANGHAI).strftime("%Y-%m-%dT%H:%M") if moment else ""


def _kind(given: MultiDict[str, str]) -> Kind:
    """Return the kind that is asked for; a list of authorizations leads to theirs."""
    otherwise = AUTHORIZE if given.get("authorization") else CONFIRM
    name = given.get("kind", otherwise)
    if name not in KINDS:
        raise RuleError("kind_unknown", "没有这种消息，请重新选择。", "kind")
    return kinds.kinds()[name]


def read_written(given: MultiDict[str, str]) -> Written:
    """Read the form, or the filters with which a list leads here."""
    department = given.get("department", "")
    kind = _kind(given)
    confirms = kind.name == CONFIRM
    return Written(
        key=given.get("draft", ""),
        kind=kind,
        title=given.get("title") or kind.title,
        state=given.get("state", State.UNCONFIRMED) if confirms else State.CONFIRMED,
        departments=given.getlist("departments") or ([department] if department else []),
        level=given.get("level", ""),
        major=given.get("major", ""),
        class_name=given.get("class", ""),
        bound=given.get("bound", ""),
        missing_file=bool(given.get("missing_file")),
        authorization="" if confirms else given.get("authorization", UNAUTHORIZED),
        student_numbers=given.get("student_numbers", ""),
        texts={
            each.name: given.get(each.name, wording.proposed(each, now())) for each in kind.inputs
        },
        start_at=given.get("start_at", ""),
        not_after=given.get("not_after", ""),
        prefers=given.get("prefers") or "no_duplicate",
    )
