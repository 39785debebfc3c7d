"""Step 8: the school reports to its province, which files it; then nobody else changes it."""

import re

from commands.story.registering import FORM
from commands.story.stage import Stage
from commands.story.visitor import Visitor

PROVINCE = "beijing"


def play(stage: Stage) -> None:
    """Send a signed batch, file it, and find the record locked."""
    person, account = stage.cast[-1], stage.trial.people.account(PROVINCE)
    stage.staff.open("/school/reporting").press("签署，上报")
    reported = _number_after("上报", stage.staff.text)
    stage.prove(
        f"学校签署上报 {reported} 人，写明签署人和时间  a signed batch",
        reported > 0 and "签署" in stage.staff.text,
    )
    province = Visitor(stage.trial.settings.public_url).open("/login")
    province.press("登录", login=account.login, password=account.password)
    stage.prove(f"{account.title}登录，批次在等备案  it waits for the province", _waits(province))
    province.follow("青禾大学")
    signed = _number_after("签就业协议形式就业", province.text)
    stage.prove(
        "批次里有她，和上报的去向  she is in the batch", _has(province, person.name) and signed > 0
    )
    province.press(f"备案 {reported} 人")
    stage.prove(
        f"省级备案 {reported} 人  the province files it", f"已备案 {reported} 人" in province.text
    )
    phone = stage.phone_of(person).open(f"{stage.trial.settings.public_url}{FORM}")
    stage.prove(
        "备案后学校和本人都不能再改  nobody but the province changes it now",
        "已由省级就业工作部门备案" in phone.text,
    )


def _number_after(words: str, text: str) -> int:
    """Return the first number a page says right after some words; 0 where it says none."""
    found = re.search(rf"{words}\s+(\d+)", text)
    return int(found[1]) if found else 0


def _has(province: Visitor, name: str) -> bool:
    """Say whether the list of a batch, turned page by page, has somebody."""
    while name not in province.text:
        if all("下一页" not in link.words for link in province.page.links):
            return False
        province.follow("下一页")
    return True


def _waits(province: Visitor) -> bool:
    return any("青禾大学" in link.words for link in province.page.links)
