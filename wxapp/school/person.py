"""One person by page: a graduate is added, or her own data corrected, with a reason."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from flask import redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from registry.base.errors import RuleError
from registry.base.written_reason import REASON_LENGTH
from registry.record import filter_choices, graduate_page
from registry.record.shown import SEEN, FormOutdated
from registry.record.tables import Graduate
from registry.roster import by_hand
from registry.roster.by_hand import Clerk, PersonChange, PersonRefused
from wxapp.core import region_picker, seeing
from wxapp.core.db import reading, writing
from wxapp.core.refusals import status_of
from wxapp.core.region_picker import Select
from wxapp.core.resources import now, resources
from wxapp.school.door import blueprint, school_only, staff_context

_REQUIRED = {"student_number", "name", "graduation_month"}
_HINTS = {
    "graduation_month": "六位年月，例如 202606",
    "cohort": "不填按毕业时间确定",
    "phone": "没有手机号，本人不能绑定微信",
    "major_code": "六位专业代码，例如 080901",
    "programme_length": "例如 4 或 2.5",
}
_LONGEST = 120


@dataclass(frozen=True)
class PersonInput:
    """One field of the form."""

    name: str
    title: str
    value: str
    required: bool
    problem: str
    hint: str
    options: list[tuple[str, str]]
    """Empty where anything may be written."""
    selects: list[Select]
    """The lists a region is chosen from; empty for other fields."""


@dataclass(frozen=True)
class Written:
    """What stands in the form, and why it was not saved."""

    typed: Mapping[str, str]
    sentence: str = ""
    problems: Mapping[str, str] = field(default_factory=dict)


@blueprint.get("/graduates/new")
def new_person() -> str:
    """Show an empty form."""
    school_only()
    with reading() as session:
        return _page(session, None, Written({}))


@blueprint.post("/graduates/new")
def add_person() -> Response | tuple[str, int]:
    """Add a graduate and lead to her page."""
    return _saved(None, by_hand.add)


@blueprint.get("/graduates/<key>/person")
def correct_person(key: str) -> str:
    """Show the form with her data."""
    school_only()
    with reading() as session:
        found = graduate_page.detail(session, staff_context().scope, key)
        seeing.person(key, "seen_form")
        values = by_hand.first_values(found.graduate, found.department.name)
        return _page(session, found.graduate, Written(values))


@blueprint.post("/graduates/<key>/person")
def save_person(key: str) -> Response | tuple[str, int]:
    """Change her data, and tell her what she had seen otherwise."""

    def save(session: Session, clerk: Clerk, change: PersonChange) -> str:
        by_hand.correct(session, clerk, key, change)
        return key

    return _saved(key, save)


def _saved(
    key: str | None, save: Callable[[Session, Clerk, PersonChange], str]
) -> Response | tuple[str, int]:
    school_only()
    typed = _typed(request.form)
    if "go" in request.form:  # without scripts: list what lies below
        return _again(key, Written(typed)), 200
    context = staff_context()
    clerk = Clerk(context.staff, context.scope, resources().vault, now())
    change = PersonChange(
        {name: typed[name] for name in by_hand.COLUMNS if name in typed},
        typed.get("reason", ""),
        typed.get("occasion", ""),
        typed.get(SEEN, ""),
    )
    try:
        with writing() as session:
            saved = save(session, clerk, change)
    except RuleError as refusal:
        if refusal.code == "not_found":
            raise
        problems = refusal.problems if isinstance(refusal, PersonRefused) else {}
        if isinstance(refusal, FormOutdated):  # told of it here: the next press is of now
            typed.pop(SEEN, None)
        written = Written(typed, problems.get("", refusal.sentence), problems)
        return _again(key, written), status_of(refusal)
    tab = "log" if key else "info"
    return redirect(url_for("school.graduate", key=saved, saved=1, tab=tab), 303)


def _again(key: str | None, written: Written) -> str:
    """Show the form as it was filled in."""
    with reading() as session:
        graduate = graduate_page.find(session, staff_context().scope, key) if key else None
        return _page(session, graduate, written)


def _typed(form: Mapping[str, str]) -> dict[str, str]:
    return {**form, "origin_code": region_picker.picked(form, "origin_code")}


def _page(session: Session, graduate: Graduate | None, written: Written) -> str:
    departments = filter_choices.departments(session, staff_context().scope)
    return render_template(
        "school/person.html",
        graduate=graduate,
        fields=[
            _input(name, written, [each for _, each in departments], adds=graduate is None)
            for name in by_hand.COLUMNS
        ],
        occasions=by_hand.OCCASIONS,
        typed=written.typed,
        seen=written.typed.get(SEEN) or (by_hand.seen_of(graduate) if graduate else ""),
        sentence=written.sentence,
        reason_length=REASON_LENGTH,
        longest=_LONGEST,
    )


def _input(name: str, written: Written, departments: list[str], *, adds: bool) -> PersonInput:
    table = by_hand.TABLES.get(name)
    options = list(table.codes.items()) if table else []
    if name == "department":
        options = [(each, each) for each in departments]
    value = written.typed.get(name, "")
    kept = name in {"identity", "phone"} and not adds
    return PersonInput(
        name=name,
        title=by_hand.title_of(name),
        value=value,
        required=name in _REQUIRED or (adds and name == "identity"),
        problem=written.problems.get(name, ""),
        hint="不填保持不变" if kept else _HINTS.get(name, ""),
        options=options,
        selects=region_picker.selects(name, value) if name == "origin_code" else [],
    )
