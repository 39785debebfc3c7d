"""A school's form of a campaign: whom it is for, as written, or as one that exists."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from typing_extensions import override
from werkzeug.datastructures import MultiDict

from notifier.campaigns import looked_at
from notifier.campaigns.audience import Audience
from notifier.ledger import kinds, wording
from notifier.ledger.kinds import Kind
from notifier.ledger.tables import Campaign
from registry.base.errors import RuleError
from registry.base.text import clean
from registry.numbers.shape import Kind as NumberKind
from registry.numbers.verification import states as authorization
from registry.record.confirmation.states import ConfirmationState
from registry.record.shown import SEEN
from wxapp.core import campaign_form
from wxapp.core.campaign_form import CONFIRM, common_of, only, read_common

AUTHORIZE = "authorization_invitation"
KINDS = (CONFIRM, AUTHORIZE)
"""What a school asks for: to confirm, or, of those who have, to authorize."""
UNAUTHORIZED = f"{NumberKind.FILE}:{authorization.AuthorizationState.NOT_AUTHORIZED}"
BETWEEN_NUMBERS = re.compile(r"[\s,，、;；]+")


@dataclass(frozen=True)
class CampaignForm(campaign_form.ReminderForm):
    """What stands in the form, as it was written."""

    departments: Sequence[str]
    major: str
    class_name: str
    missing_file: bool
    authorization: str
    student_numbers: str
    """As pasted: a column of a sheet, or with commas between."""
    seen: str
    """The digest of the draft that is being changed, as it stood when the form was filled."""

    @override
    def audience(self, year: int) -> Audience:
        return replace(
            super().audience(year),
            departments=tuple(self.departments),
            majors=(self.major,) if self.major else (),
            classes=(self.class_name,) if self.class_name else (),
            student_numbers=self.numbers,
            missing_file=self.missing_file,
            authorization=(self.authorization,) if self.authorization else (),
        )

    @property
    def numbers(self) -> tuple[str, ...]:
        """Return the student numbers, each once."""
        found = BETWEEN_NUMBERS.split(self.student_numbers)
        return tuple(dict.fromkeys(number for number in found if number))


def written_of(campaign: Campaign, key: str = "") -> CampaignForm:
    """Return the form as it led to a campaign: `key` is the draft's, to change it.

    Raises RuleError `campaign_not_of_form` for one that says more than the form can: made by a
    command or by the system.
    """
    audience = Audience.from_json(campaign.audience)
    written = CampaignForm(
        **common_of(campaign, key),
        departments=audience.departments,
        major=only(audience.majors),
        class_name=only(audience.classes),
        missing_file=audience.missing_file,
        authorization=only(audience.authorization),
        student_numbers="\n".join(audience.student_numbers),
        seen=looked_at.content_of(campaign),
    )
    same_texts = wording.campaign_texts(written.kind, written.texts) == campaign.texts
    if not same_texts or written.audience(audience.year) != audience:
        sentence = "这个任务的发送对象或文字在这张表上写不全，请新建一个。"
        raise RuleError("campaign_not_of_form", sentence)
    return written


def _kind(given: MultiDict[str, str]) -> Kind:
    """Return the kind that is asked for; a list of authorizations leads to theirs."""
    otherwise = AUTHORIZE if given.get("authorization") else CONFIRM
    name = given.get("kind", otherwise)
    if name not in KINDS:
        raise RuleError("kind_unknown", "没有这种消息，请重新选择。", "kind")
    return kinds.kinds()[name]


def read_written(given: MultiDict[str, str]) -> CampaignForm:
    """Read the form, or the filters with which a list leads here."""
    department = given.get("department", "")
    kind = _kind(given)
    confirms = kind.name == CONFIRM
    common = read_common(given, kind)
    return CampaignForm(
        **(common if confirms else common | {"state": ConfirmationState.CONFIRMED}),
        departments=given.getlist("departments") or ([department] if department else []),
        major=clean(given.get("major", "")),
        class_name=clean(given.get("class", "")),
        missing_file=bool(given.get("missing_file")),
        authorization="" if confirms else given.get("authorization", UNAUTHORIZED),
        student_numbers=given.get("student_numbers", ""),
        seen=given.get(SEEN, ""),
    )
