"""What the Ministry looks at: progress and rates of provinces and schools, and the syncs."""

from itertools import groupby

from flask import render_template

from registry.base.errors import NotFound
from registry.codes import regions
from registry.interface import sync_health
from registry.statistics import report
from registry.statistics.country_table import country_table, provinces
from registry.statistics.province_table import province_table
from registry.statistics.rate_table import RateTable
from registry.statistics.suppression import is_small
from wxapp.core.db import reading
from wxapp.core.resources import now
from wxapp.ministry.door import blueprint, year


@blueprint.get("/", endpoint="home")
def show_provinces() -> str:
    """Show the provinces: schools, graduates, how many are registered, confirmed and filed."""
    with reading() as session:
        table = country_table(session, year())
        found = provinces(session, year())
    told = {row[0]: row for row in _rows(table)}
    return render_template(
        "ministry/home.html",
        provinces=[(each, told.get(each.name), _shown(each.filed)) for each in found],
        hidden_words=report.HIDDEN_WORDS,
    )


def _shown(number: int) -> int | str:
    return report.HIDDEN if is_small(number) else number


@blueprint.get("/rates", endpoint="rates")
def show_rates() -> str:
    """Show the rates of the provinces by the formula of the year; small groups hidden."""
    with reading() as session:
        table = country_table(session, year())
    return _rates_page("全国", table)


@blueprint.get("/provinces/<province>", endpoint="province")
def show_province(province: str) -> str:
    """Show the rates of the schools of one province; small groups hidden."""
    if not regions.is_province(province):
        raise NotFound("省份")
    with reading() as session:
        table = province_table(session, province, year())
    return _rates_page(regions.region_name(province), table)


def _rates_page(name: str, table: RateTable) -> str:
    return render_template(
        "ministry/rates.html",
        name=name,
        table=table,
        headings=report.headings(table),
        rows=_rows(table),
        hidden_words=report.HIDDEN_WORDS,
    )


def _rows(table: RateTable) -> list[report.Row]:
    return report.rows(table, whole_is_public=True) if table.lines else []


@blueprint.get("/syncs", endpoint="syncs")
def show_syncs() -> str:
    """Show by province how many schools' syncs go well, and which do not."""
    with reading() as session:
        found = sync_health.everywhere(session, now())
    found.sort(key=lambda each: each.province)
    return render_template(
        "ministry/syncs.html",
        provinces=[
            (regions.region_name(code), list(schools))
            for code, schools in groupby(found, key=lambda each: each.province)
        ],
        sync_titles=sync_health.TITLES,
    )
