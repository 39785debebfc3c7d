"""Making a campaign: whom it is for, what it says, when; nothing is sent before it is checked."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from flask import redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from notifier import audience as audiences
from notifier import campaigns, fields, kinds, previews, wording
from notifier.audience import Audience, Reach
from notifier.campaigns import Draft
from notifier.kinds import Kind
from notifier.outlook import Outlook, outlook
from notifier.previews import Preview
from registry import choices
from registry.clock import SHANGHAI
from registry.confirmation import TITLES, State
from registry.errors import RuleError
from registry.numbers import authorization
from registry.numbers.shape import Kind as NumberKind
from registry.roster import number_column
from wxapp.core.db import reading, writing
from wxapp.core.lists import offers
from wxapp.core.parts import now, parts
from wxapp.school.door import blueprint, desk
from wxapp.school.uploads import uploaded

CONFIRM, AUTHORIZE = "confirmation_reminder", "authorization_invitation"
KINDS = (CONFIRM, AUTHORIZE)
"""What a school asks for: to confirm, or, of those who have, to authorize."""
REMINDED = (State.NOT_REPORTED, State.UNCONFIRMED, State.DISPUTED)
"""Whom a reminder to confirm can be for: who confirmed needs none."""
UNAUTHORIZED = f"{NumberKind.FILE}:{authorization.State.NOT_AUTHORIZED}"
BOUND = {"yes": True, "no": False}
BETWEEN_NUMBERS = re.compile(r"[\s,，、;；]+")
NOBODY = Reach(0, 0, 0, 0, 0)


@dataclass(frozen=True)
class Written:
    """What stands in the form, as it was written."""

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


@dataclass(frozen=True)
class Seen:
    """What the form leads to: how many are reached, the card of one of them, or a refusal."""

    reach: Reach
    numbers: int
    """Of the list of student numbers; 0 where none was given."""
    not_found: Sequence[str]
    """Those of them that nobody of the year has whom the reader may see."""
    outlook: Outlook
    card: Preview | None
    refusal: RuleError | None


def _see(session: Session, written: Written) -> Seen:
    scope, year = desk().scope, desk().year
    reach, card, refused = NOBODY, None, None
    audience = written.audience(year)
    not_found = audiences.numbers_not_found(session, scope, audience)
    try:
        reach = audiences.reach(session, scope, audience, written.kind, now())
        card = previews.preview_of_draft(session, scope, written.draft(year), now())
    except RuleError as refusal:
        refused = refusal
    ahead = outlook(session, parts().resources.settings, written.kind, reach.reachable, now())
    return Seen(reach, len(written.numbers), not_found, ahead, card, refused)


@blueprint.get("/campaigns/new")
def new_campaign() -> str:
    """Show the form, filled with the filters of the list it was reached from."""
    written = read_written(request.args)
    with reading() as session:
        return _form(session, written, _see(session, written), refusal=None)


def _form(session: Session, written: Written, seen: Seen, refusal: RuleError | None) -> str:
    return render_template(
        "school/campaign_new.html",
        written=written,
        seen=seen,
        refusal=refusal,
        kind=written.kind,
        kinds=[kinds.kinds()[name] for name in KINDS],
        offers=offers(choices.choices(session, desk().scope, desk().year)),
        state_choices=[(state.value, TITLES[state]) for state in REMINDED],
        authorizations=list(audiences.AUTHORIZATIONS.items()),
        limits=_limits(written.kind),
    )


def _limits(kind: Kind) -> dict[str, int]:
    """Return how many characters WeChat shows of each input, by the field it stands in."""
    return {
        each.name: min(
            fields.TYPES[field.type].limit
            for field in kind.fields
            if f"{{{each.name}}}" in field.value
        )
        for each in kind.inputs
    }


@blueprint.post("/campaigns/preview")
def preview_campaign() -> str:
    """Show how many are reached and the card: in its place by htmx, or in the whole form."""
    written = read_written(request.form)
    with reading() as session:
        seen = _see(session, written)
        if "HX-Request" in request.headers:
            return render_template("school/campaign_seen.html", seen=seen)
        return _form(session, written, seen, refusal=seen.refusal)


@blueprint.post("/campaigns/numbers")
def read_numbers() -> str | tuple[str, int]:
    """Put the student numbers of a file below those that were pasted; the form comes back."""
    numbers: tuple[str, ...] = ()
    refused = None
    try:
        numbers = number_column.student_numbers(uploaded("numbers").read())
    except RuleError as refusal:
        refused = refusal
    written = read_written(request.form)
    kept = dict.fromkeys((*written.numbers, *numbers))
    written = replace(written, student_numbers="\n".join(kept))
    with reading() as session:
        page = _form(session, written, _see(session, written), refused)
    return (page, 400) if refused else page


@blueprint.post("/campaigns/new")
def create_campaign() -> Response | tuple[str, int]:
    """Write the draft; the next page shows it once more and has the button that sends."""
    written = read_written(request.form)
    try:
        with writing() as session:
            draft = written.draft(desk().year)
            campaign = campaigns.create(session, desk().scope, draft, by=desk().actor, at=now())
    except RuleError as refusal:
        with reading() as session:
            return _form(session, written, _see(session, written), refusal), 400
    return redirect(url_for("school.campaign", key=campaign.key), 303)
