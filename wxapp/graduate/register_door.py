"""The door of the pages where a graduate registers: who may in, and what stands there now."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, url_for

from registry.codes import categories
from registry.codes.categories import Group
from registry.numbers.shape import KIND_TITLES
from registry.record.tables import Graduate
from registry.record.validation import Problem, Severity
from registry.review import applications, own_application
from registry.review.application_moves import Writer
from registry.review.own_application import OwnApplication
from registry.review.states import LEVEL_TITLES
from wxapp.core.db import reading
from wxapp.core.resources import now, resources
from wxapp.core.who import current_graduate
from wxapp.graduate import register_form
from wxapp.graduate.register_form import STEP_TITLES, Step

blueprint = Blueprint("registering", __name__, url_prefix="/g/register")


@dataclass(frozen=True)
class FormState:
    """Where she stands, what the draft says, and what is wrong or odd about it."""

    situation: OwnApplication
    values: dict[str, str]
    problems: list[Problem]

    @property
    def graduate(self) -> Graduate:
        """Return whose it is."""
        return self.situation.graduate

    @property
    def category(self) -> str:
        """Return the category chosen so far."""
        return self.values.get("category", "")

    @property
    def employed(self) -> bool:
        """Say whether the unit is an employer, which others may have registered before."""
        return categories.category_group(self.category) in {Group.EMPLOYED, Group.GRASSROOTS}

    @property
    def is_brief(self) -> bool:
        """Say whether one screen shows all that is sent: a first registration of three answers."""
        whole = register_form.steps_of(self.category)
        first = not self.graduate.registration_id and not self.situation.returned
        return first and whole == [Step.CATEGORY, Step.TRANSFER, Step.REVIEW]

    @property
    def steps(self) -> list[Step]:
        """Return the screens she goes through, in order."""
        steps = register_form.steps_of(self.category)
        return steps[:-1] if self.is_brief else steps

    @property
    def revision(self) -> int:
        """Return the revision the page shows; 0 before there is a draft."""
        return self.situation.draft.revision if self.situation.draft else applications.NEW

    @property
    def may_write(self) -> bool:
        """Say whether there is a form to fill in: a draft, or nothing under way."""
        situation = self.situation
        return situation.refusal is None and (situation.open is None or bool(situation.draft))

    @property
    def refusals(self) -> int:
        """Return how many things keep it from being sent."""
        return len([each for each in self.problems if each.severity is Severity.REFUSE])

    def of(self, step: Step) -> list[Problem]:
        """Return what is to be said on one step."""
        return [
            each
            for each in self.problems
            if register_form.step_of(each.field, self.category) is step
        ]


@blueprint.before_request
def _let_in() -> None:
    current_graduate()


def writer() -> Writer:
    """Return her who is asking, about to write."""
    return Writer(current_graduate(), now(), resources().settings.keep)


def own_situation() -> OwnApplication:
    """Return how her application stands, whatever the form says."""
    with reading() as session:
        return own_application.find(session, current_graduate(), now())


def form_state() -> FormState:
    """Return what stands there now."""
    who = writer()
    with reading() as session:
        situation = own_application.find(session, who.graduate, who.at)
        draft = situation.draft
        values = dict(draft.values) if draft else applications.first_values(session, who.graduate)
        found = applications.problems(session, resources().vault, who, values)
    return FormState(situation, values, found)


def address(step: Step | str, *, check: bool = False) -> str:
    """Return where a step is asked; with `check` it says at once what is wrong there."""
    where, problems = Step(step), "1" if check else None
    if where is Step.EVIDENCE:
        return url_for("evidence.page", check=problems)
    if where is Step.REVIEW:
        return url_for("registering.review")
    return url_for("registering.ask", step=where.value, check=problems)


def words() -> dict[str, Any]:
    """Return what all pages of registering say things with."""
    return {
        "address": address,
        "titles": STEP_TITLES,
        "level_titles": LEVEL_TITLES,
        "category_title": categories.category_title,
        "kind_titles": KIND_TITLES,
    }


blueprint.context_processor(words)
