"""Who has a WeChat bound (微信绑定): by day, department and class; and posters to bind by."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from notifier.ledger import binding_counts, binding_days
from notifier.ledger.binding_counts import ClassBindings, DepartmentBindings
from notifier.ledger.binding_days import BoundDay
from notifier.ledger.poster_tables import Poster
from notifier.ledger.traits import bound_by, bound_within, wechat
from notifier.wechat import posters
from notifier.wechat.errors import GatewayError
from notifier.wechat.gateway import SceneCode
from notifier.wechat.posters import CodeMaker, PosterClass, WantedCode
from registry.accounts import audit
from registry.base import typesetting
from registry.base.clock import SHANGHAI
from registry.base.errors import RuleError
from registry.base.text import clean
from registry.numbers import link
from registry.record import filter_choices
from registry.record.destination_filter import UNFILLED
from registry.record.graduate_filter import Days, GraduateFilter
from registry.statistics.tally import levels
from wxapp.core import downloads
from wxapp.core.db import reading, writing
from wxapp.core.lists import level_offers
from wxapp.core.resources import now, resources, services
from wxapp.core.retry import only_once
from wxapp.core.showing import day_reader
from wxapp.school.door import blueprint, staff_context
from wxapp.school.filters import parameters, read_filter
from wxapp.school.statistics import EACH_DAY, SUNDAY, lister, narrowed

RECENT = timedelta(days=7)
"""How far back a binding is called new: so many days in Asia/Shanghai, today among them."""
MOST_PAGES = 200
"""Posters of one file."""


@dataclass(frozen=True)
class ClassLine:
    """A class on the page: its figures, and its poster if there is one."""

    bindings: ClassBindings
    poster: Poster | None
    good: bool
    """Whether the poster's code holds beyond the next days."""
    printable: bool
    """Whether it holds at all."""
    people: GraduateFilter
    """Whom its figures count."""


@dataclass(frozen=True)
class DepartmentLine:
    """A department on the page, and whom its figures count."""

    bindings: DepartmentBindings
    people: GraduateFilter


@blueprint.get("/statistics/bindings", endpoint="bindings")
def show_bindings() -> str:
    """Show how many are bound and follow, and what posters there are."""
    return _page()


def _page(trouble: str = "") -> str:
    context, today = staff_context(), now().astimezone(SHANGHAI).date()
    wanted = replace(narrowed(), class_name=clean(request.args.get("class", "")))
    with reading() as session:
        lines = _lines(session, wanted)
        codes = levels(session, context.scope, context.year)
        days = binding_days.bound_days(session, context.scope, wanted, today)
        return render_template(
            "school/statistics/bindings.html",
            wanted=wanted,
            narrows=parameters(narrowed()),
            classless=UNFILLED,
            departments=filter_choices.departments(session, context.scope),
            levels=level_offers(codes),
            list_of=_list_of,
            list_of_recent=_list_of_recent,
            list_of_day=_list_of_day,
            lines=lines,
            in_departments=_in_departments(lines, wanted),
            lacking=sum(not each.good for each in lines),
            printable=sum(each.printable for each in lines),
            most_pages=MOST_PAGES,
            days=[each for each in reversed(days) if _is_shown(each, days[-1].day)],
            trouble=trouble,
            good_for=posters.GOOD_FOR.days,
            recent_days=RECENT.days,
        )


def _is_shown(each: BoundDay, last: date) -> bool:
    return last - each.day < EACH_DAY or each.day.weekday() == SUNDAY


def _lines(session: Session, wanted: GraduateFilter) -> list[ClassLine]:
    scope = staff_context().scope
    made = posters.of_classes(session, scope, wanted.year)
    since = datetime.combine(_first_recent(), time.min, SHANGHAI)
    return [
        _line(each, made.get(PosterClass(each.department_id, each.class_name)), wanted)
        for each in binding_counts.by_class(session, scope, wanted, since)
    ]


def _in_departments(lines: Sequence[ClassLine], wanted: GraduateFilter) -> list[DepartmentLine]:
    """Return the departments; none where the page is of a class."""
    if wanted.class_name:
        return []
    found = binding_counts.by_department([each.bindings for each in lines])
    return [DepartmentLine(one, replace(wanted, department=one.department_key)) for one in found]


def _line(found: ClassBindings, poster: Poster | None, wanted: GraduateFilter) -> ClassLine:
    people = replace(
        wanted, department=found.department_key, class_name=found.class_name or UNFILLED
    )
    holds = poster is not None and poster.expires_at > now()
    return ClassLine(found, poster, posters.is_good(poster, now()), holds, people)


def _list_of(people: GraduateFilter, figure: str) -> str:
    """Return the list of those whom a figure of a line counts: a value of `WECHAT`, or all."""
    return lister()(replace(people, traits=(wechat(figure),)) if figure else people)


def _list_of_recent(people: GraduateFilter) -> str:
    days = Days(first=_first_recent())
    return lister()(replace(people, traits=(bound_within("bound_from", days),)))


def _list_of_day(people: GraduateFilter, day: date) -> str:
    return lister()(replace(people, traits=(bound_by(day),)))


def _first_recent() -> date:
    return now().astimezone(SHANGHAI).date() - RECENT + timedelta(days=1)


@blueprint.post("/statistics/bindings/posters")
@only_once
def make_posters() -> ResponseReturnValue:
    """Ask WeChat for the codes that classes lack or soon will; what came is kept in any case."""
    people, context = _people(request.form.get("department", "")), staff_context()
    with reading() as session:
        made = posters.of_classes(session, context.scope, context.year)
        classes = [
            PosterClass(each.department_id, each.class_name)
            for each in binding_counts.by_class(session, context.scope, people, now())
        ]
    lacking = posters.wanted(made, classes, now())
    came, trouble = _ask(services().gateway, lacking[: posters.MOST_AT_ONCE])
    if came:
        with writing() as session:
            posters.keep(session, context.scope, context.year, came, context.actor, now())
            said = {"classes": len(came), "year": context.year}
            record = context.audit_record("posters_made", f"year:{context.year}", said)
            audit.note(session, record, now())
    return _answer(people.department, len(came), len(lacking) - len(came), trouble)


def _answer(department: str, came: int, left: int, trouble: str) -> ResponseReturnValue:
    """Return the page; to a page that goes on by itself how far it is, and where it ends."""
    goes_on = "HX-Request" in request.headers
    if trouble and not goes_on:
        return _page(trouble), 502
    if goes_on and (left or trouble):
        done = came + (request.form.get("done", type=int) or 0)
        told = {"department": department, "lacking": left, "done": done, "trouble": trouble}
        return render_template("school/statistics/making_posters.html", **told)
    address = url_for("school.bindings", department=department or None)
    return ("", 204, {"HX-Redirect": address}) if goes_on else redirect(address, 303)


def _people(department: str) -> GraduateFilter:
    return read_filter({"department": department}, staff_context().year)


def _ask(
    gateway: CodeMaker, codes: Sequence[WantedCode]
) -> tuple[list[tuple[WantedCode, SceneCode]], str]:
    """Return the codes that came, and why not all did; nothing is open meanwhile."""
    came: list[tuple[WantedCode, SceneCode]] = []
    try:
        for each in posters.ask(gateway, codes):
            came.append(each)  # noqa: PERF402 - what came before a refusal is kept
    except GatewayError as error:
        return came, f"微信未能生成全部二维码：{error.outcome.sentence}。请稍后重试。"
    return came, ""


@blueprint.get("/statistics/bindings/posters.pdf", endpoint="print_posters")
def print_posters() -> ResponseReturnValue:
    """Give the posters whose codes hold, a page a class; of one class where the address says."""
    context, at = staff_context(), now()
    department, chosen = request.args.get("department", ""), request.args.get("poster", "")
    with reading() as session:
        mine = _classes(session)
        found = [
            (poster, name)
            for poster, name in posters.of_scope(
                session, context.scope, context.year, at, department
            )
            if PosterClass(poster.department_id, poster.class_name) in mine
            and chosen in {"", poster.key}
        ]
    _refuse(found)
    names = (text for poster, name in found for text in (poster.class_name, name))
    said = typesetting.with_gaps(names, at)
    pdf = typesetting.typeset("poster", _content(found, said), at)
    return downloads.pdf(pdf, f"微信绑定海报_{context.year}届.pdf")


def _classes(session: Session) -> set[PosterClass]:
    """Return the classes that who is asking sees anybody of."""
    people = GraduateFilter(staff_context().year)
    found = binding_counts.by_class(session, staff_context().scope, people, now())
    return {PosterClass(each.department_id, each.class_name) for each in found}


def _refuse(found: Sequence[tuple[Poster, str]]) -> None:
    if not found:
        raise RuleError("no_posters", "没有可打印的海报，请先生成二维码。")
    if len(found) > MOST_PAGES:
        sentence = f"一次最多打印 {MOST_PAGES} 张，请选择院系后分次打印。"
        raise RuleError("too_many_posters", sentence)


def _content(found: Sequence[tuple[Poster, str]], said: Mapping[str, str]) -> dict[str, Any]:
    """Return what the posters say; `said` are the names as they can be printed."""
    school, year = staff_context().school_name, staff_context().year
    day = day_reader(resources().clock)
    return {
        "title": f"{school} {year} 届毕业生微信绑定",
        "school": school,
        "year": year,
        "pages": [
            {
                "department": said[name],
                "class": said[poster.class_name] or "未分班级",
                "code": link.drawn(poster.address),
                "until": day(poster.expires_at - timedelta(days=1)),
            }
            for poster, name in found
        ],
    }
