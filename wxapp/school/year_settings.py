"""Settings of a year (本届设置): who reviews, when graduates may register, whether it reminds."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from flask import redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from notifier.campaigns import automatic_reminders
from registry.accounts import audit
from registry.base.errors import RuleError
from registry.base.iso_dates import day_of
from registry.record import cohort
from registry.review import seasons
from registry.review.seasons import SeasonRules
from registry.review.states import LEVEL_CHOICES, LEVEL_TITLES, Level
from wxapp.core.db import reading, writing
from wxapp.core.refusals import status_of
from wxapp.core.resources import now
from wxapp.school.door import blueprint, school_only, staff_context

DAYS = {"opens_on": "开始日期", "closes_on": "截止日期"}
TITLES = {"levels": "审核级次", **DAYS, "reminds": "自动提醒", "offers_papers": "线下签约"}
CHOICES = {",".join(levels): levels for levels in LEVEL_CHOICES}
"""Value in the form -> levels."""


@dataclass(frozen=True)
class YearSettingsForm:
    """The form as it stands."""

    levels: str
    opens_on: str
    closes_on: str
    reminds: bool
    offers_papers: bool
    refusal: str = ""
    field: str = ""


def titled(levels: tuple[Level, ...]) -> str:
    """Return levels as people say them: 院系审核 → 学校审核."""
    return " → ".join(f"{LEVEL_TITLES[each]}审核" for each in levels)


@blueprint.get("/settings", endpoint="settings")
def show_settings() -> str:
    """Show the rules of the year."""
    school_only()
    with reading() as session:
        rules = seasons.season(session, staff_context().scope.school_id, staff_context().year)
    opens = rules.opens_on.isoformat() if rules.opens_on else ""
    closes = rules.closes_on.isoformat()
    told = (rules.reminds, rules.offers_papers)
    return _page(YearSettingsForm(",".join(rules.levels), opens, closes, *told))


def _page(written: YearSettingsForm) -> str:
    choices = [(value, titled(levels)) for value, levels in CHOICES.items()]
    return render_template(
        "school/settings.html",
        written=written,
        choices=choices,
        reminded=automatic_reminders.SEASON.days,
        hour=automatic_reminders.HOUR.hour,
        last_day=cohort.last_day(staff_context().year).isoformat(),
        saved="saved" in request.args,
    )


@blueprint.post("/settings")
def save_settings() -> Response | tuple[str, int]:
    """Set the rules of the year, and keep in the log what they were set to."""
    school_only()
    form = request.form
    try:
        with writing() as session:
            _save(session, form)
    except RuleError as refusal:
        kept = (form.get("levels", ""), form.get("opens_on", ""), form.get("closes_on", ""))
        said = (refusal.sentence, refusal.field or "")
        told = ("reminds" in form, "offers_papers" in form)
        return _page(YearSettingsForm(*kept, *told, *said)), status_of(refusal)
    return redirect(url_for("school.settings", saved=""), 303)


def _save(session: Session, form: Mapping[str, str]) -> None:
    opens, closes = _day(form, "opens_on"), _day(form, "closes_on")
    if closes is None:
        raise RuleError("day_missing", "请填写截止日期。", "closes_on")
    levels = CHOICES.get(form.get("levels", ""), ())
    told = {name: name in form for name in ("reminds", "offers_papers")}
    wanted = SeasonRules(staff_context().year, levels, opens, closes, **told)
    before = seasons.season(session, staff_context().scope.school_id, staff_context().year)
    seasons.set_season(
        session, staff_context().scope.school_id, wanted, staff_context().actor, now()
    )
    days = {"opens_on": form["opens_on"], "closes_on": form["closes_on"]}
    said = {
        "levels": list(levels),
        **days,
        **told,
        "changes": audit.changes(TITLES, _read(before), _read(wanted)),
    }
    audit.note(
        session,
        staff_context().audit_record("season_set", f"year:{staff_context().year}", said),
        now(),
    )


def _read(rules: SeasonRules) -> dict[str, str]:
    """Return the rules as the audit log says them."""
    return {
        "levels": titled(rules.levels),
        "opens_on": rules.opens_on.isoformat() if rules.opens_on else "",
        "closes_on": rules.closes_on.isoformat(),
        "reminds": "是" if rules.reminds else "否",
        "offers_papers": "是" if rules.offers_papers else "否",
    }


def _day(form: Mapping[str, str], name: str) -> date | None:
    text = form.get(name, "").strip()
    if not text:
        return None
    try:
        return day_of(text)
    except ValueError:
        sentence = f"“{DAYS[name]}”请写成日期，例如 2026-06-30。"
        raise RuleError("day_unreadable", sentence, name) from None
