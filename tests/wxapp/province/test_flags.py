"""What is worth a look leads to exactly those whom it counts."""

from registry.province.flags import FEWEST
from tests.wxapp.school.conftest import Console
from tests.wxapp.school.records import Campus


def test_an_unusual_share_leads_to_its_people(console: Console, other: Campus) -> None:
    other.session.merge(other.school).province = console.campus.school.province
    for campus, category in ((console.campus, "76"), (other, "10")):
        for _ in range(FEWEST):
            campus.report(campus.graduate(), category=category)
        campus.save()
    browser = console.browser("province").get("/province/flags")
    browser.follow("自由职业占比偏高")
    assert "10 人 100.0%" in " ".join(browser.text.split())
    browser.follow("查看名单")
    assert browser.text.count("自由职业") >= FEWEST
    assert "测试大学10001" not in browser.find("table").get_text()
    assert console.browser("province").get("/province/flags/nothing").status == 404
