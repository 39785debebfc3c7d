"""Names that nobody means: kept as people see them, found by what was typed, and no page breaks."""

import io
import re
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from sqlalchemy import select

from notifier.ledger.poster_tables import Poster
from notifier.ledger.tables import Campaign
from registry.accounts.school_tables import Department
from registry.record.list_tables import ListView
from registry.record.tables import Graduate
from tests.pages import Browser
from tests.pdf_reading import pages_of
from tests.registry.sheets import as_csv
from tests.wxapp.school.conftest import Console
from tests.wxapp.school.test_counsellors import rows_of
from tests.wxapp.school.test_import_plans import HEADER, LI, work

ODD = {
    "emoji": ("软件😀2201", "软件😀2201"),
    "right to left": ("\u202e软件\u202c2201", "软件2201"),
    "markup": ("软\"件'<b>&#39;2201", "软\"件'<b>&#39;2201"),
    "formula": ("=cmd|' /C calc'!A0", "=cmd|' /C calc'!A0"),
    "line breaks": ("软件\r\n2201\t班", "软件 2201 班"),
    "full width": ("软件（２２０１）\u3000班", "软件（２２０１） 班"),
    "blanks": ("  软件2201  ", "软件2201"),
    "invisible": ("软\u200b件\u20642201", "软件2201"),
    "of an address": ("软件%26a=b;c?d#2201/../", "软件%26a=b;c?d#2201/../"),
}
"""What somebody types, and what is kept."""
PAGES = (
    *("/school/", "/school/graduates", "/school/reviews", "/school/transfer", "/school/audit"),
    *("/school/statistics", "/school/statistics/bindings", "/school/departments"),
    *("/school/campaigns", "/school/campaigns/new", "/school/confirmations"),
)
CORRECTED = {"occasion": "corrected", "reason": "本人持证件到校"}
SAVE_VIEW = "form[action*='/graduates/views']:not(.views-change)"


def named(console: Console, typed: str) -> Browser:
    """Give a name to a class, a department, a view and a reminder; return a browser."""
    campus = console.campus
    graduate = campus.report(campus.graduate())
    campus.save()
    browser = console.browser().get(f"/school/graduates/{graduate.key}/person")
    browser.submit("form.stack", class_name=typed, **CORRECTED)
    browser.get(f"/school/departments/{campus.departments[0].key}")
    browser.submit("form[action$='/name']", name=typed)
    browser.get("/school/graduates?sex=2").submit(SAVE_VIEW, name=typed)
    browser.get("/school/campaigns/new")
    return browser.submit("main form", "下一步：核对", deadline="2026-06-30", title=typed)


def bring_in(console: Console, class_name: str) -> None:
    rows = [[*HEADER.split(","), "班级"], [*LI.split(","), class_name]]
    page = console.browser().get("/school/imports")
    page.submit("main form", file=(io.BytesIO(as_csv(rows)), "名单.csv"))
    work(console)
    approve = page.get(page.path).fill("form[action$=approve]")
    page.post(f"{page.path}/approve", {**approve, "department-0": "new"})
    work(console)


@pytest.mark.parametrize(("typed", "kept"), ODD.values(), ids=ODD)
def test_a_name_is_kept_as_people_see_it_whichever_way_it_comes(
    console: Console, template: None, typed: str, kept: str
) -> None:
    named(console, typed)
    bring_in(console, typed)
    with console.resources.readers() as session:
        assert set(session.scalars(select(Graduate.class_name))) == {kept}
        assert kept in session.scalars(select(Department.name)).all()
        assert session.scalars(select(ListView.name)).all() == [kept]
        assert session.scalars(select(Campaign.title)).all() == [kept]


@pytest.mark.parametrize(("typed", "kept"), ODD.values(), ids=ODD)
def test_every_page_shows_it_and_a_list_finds_it(
    console: Console, template: None, typed: str, kept: str
) -> None:
    browser = named(console, typed)
    for page in (*PAGES, browser.path):
        assert browser.get(page).status == 200, page
    browser.get(f"/school/graduates?{urlencode({'class': typed})}")
    assert len(browser.find_all("tbody tr")) == 1
    assert kept in browser.text
    browser.get(f"/school/statistics/bindings?{urlencode({'class': typed})}")
    assert "毕业生 1 人" in browser.text


def test_a_workbook_holds_it_as_text(console: Console, template: None) -> None:
    formula, _ = ODD["formula"]
    browser = named(console, formula).get("/school/graduates")
    book = browser.submit("main form[action*=export]").submit("#live form").body
    assert formula in [cell for row in rows_of(book) for cell in row]


def test_a_class_whose_name_no_font_has_stops_no_poster(console: Console) -> None:
    campus = console.campus
    for name in ("软件😀2201", "软件2202"):
        graduate = campus.graduate(class_name=name)
        campus.session.add(
            Poster(
                school_id=campus.school.id,
                department_id=graduate.department_id,
                year=graduate.year,
                class_name=name,
                scene=name,
                address="http://weixin.test/q",
                made_by="staff:x",
                made_at=campus.at,
                expires_at=campus.at + timedelta(days=30),
            )
        )
    campus.save()
    browser = console.browser().get("/school/statistics/bindings")
    printed = pages_of(browser.follow("打印海报（PDF，2 张）").body)
    by_hand = "“□”处的字无法打印，张贴前请手写。"
    assert [("软件□2201" in each, by_hand in each) for each in printed] == [
        (False, False),
        (True, True),
    ]


def test_a_name_too_long_is_refused_with_a_sentence_and_stays_as_it_was(
    console: Console, template: None
) -> None:
    campus, long = console.campus, "长" * 100
    graduate = campus.report(campus.graduate())
    campus.save()
    for path, form, values in (
        (f"/school/graduates/{graduate.key}/person", "form.stack", CORRECTED),
        (f"/school/departments/{campus.departments[0].key}", "form[action$='/name']", {}),
        ("/school/graduates?sex=2", SAVE_VIEW, {}),
        ("/school/campaigns/new", "main form", {"deadline": "2026-06-30"}),
    ):
        browser = console.browser().get(path)
        sent = browser.fill(form, **values)
        for name in {"class_name", "name", "title"} & set(sent):
            sent[name] = long
        action = str(browser.find(form).get("action") or path)
        browser.post("/school/campaigns/new" if "campaigns" in path else action, sent)
        assert browser.status == 400, path
        assert re.search(r"\d+ 个?字", browser.text), path
    with console.resources.readers() as session:
        assert session.scalars(select(Graduate.class_name)).all() == ["软件2201"]
        assert session.scalars(select(ListView.name)).all() == []
        assert session.scalars(select(Campaign.title)).all() == []
