"""What of the province's destinations is worth a look: how many cases, and which."""

from flask import render_template, url_for

from registry.base.errors import NotFound
from registry.province.flags import FLAGS, MOST_CASES, Flag, FlagCase
from registry.statistics import kept_figures
from wxapp.province.door import blueprint
from wxapp.province.figures import figures_here


@blueprint.get("/flags", endpoint="flags")
def show_flags() -> str:
    """Show the rules, and how many cases each finds in the cohort."""
    shown = figures_here(kept_figures.RULES)
    return render_template("province/flags.html", flags=FLAGS.values(), shown=shown)


@blueprint.get("/flags/<flag>", endpoint="flag")
def show_cases(flag: str) -> str:
    """Show the schools or firms that a rule finds, the largest first."""
    if flag not in FLAGS:
        raise NotFound("核查规则")
    found = FLAGS[flag]
    shown = figures_here(kept_figures.of_rule(found))
    rows = shown.found.figure.cases if shown.found else []
    return render_template(
        "province/flag.html",
        flag=found,
        shown=shown,
        cases=[(each, _people(found, each)) for each in rows],
        most=MOST_CASES,
    )


def _people(flag: Flag, case: FlagCase) -> str | None:
    """Return the address of the list of those whom a case counts; None where it has none."""
    if case.school_key and flag.category:
        return url_for("province.people", school=case.school_key, category=flag.category)
    if case.school_key:
        return url_for("province.people", school=case.school_key, changed=1)
    return url_for("province.people", q=case.unit_name) if flag.key == "one_firm" else None
