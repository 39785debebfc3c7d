"""Step 12: a person with two records: her earlier study joins the WeChat she has bound."""

from dataclasses import replace

from commands.story import confirming, importing
from commands.story.rosters import Somebody, national_xlsx
from commands.story.stage import Stage, until
from commands.story.visitor import Visitor

YEARS_BEFORE = 4
SWITCH = "切换到"


def play(stage: Stage) -> None:
    """Import her earlier record, see it join, look at it, and have its destination reported."""
    person = stage.cast[0]
    earlier = _earlier(person)
    cohort, year = person.graduation[:4], earlier.graduation[:4]
    seeking = earlier.still_seeking(earlier.graduation)
    importing.plan(stage, "往届.xlsx", national_xlsx([seeking]))
    stage.prove(
        f"核对时提示：{cohort} 届已有同一人的记录  the check names her other record",
        f"{cohort} 届已有同一人的毕业记录" in stage.staff.text,
    )
    importing.approve(stage, f"{year} 届的记录也导入了  her record of {year} is in")
    stage.prove(
        "新记录自动关联她已绑定的微信  it joins the WeChat she has bound, and she is told",
        until(lambda: f"新增{year}届毕业记录" in stage.phone_of(person).text),
    )
    _look_at_both(stage, person, year)
    _report(stage, person, earlier)


def _earlier(person: Somebody) -> Somebody:
    """Return her as she graduated before: other numbers, another cohort."""
    year = int(person.graduation[:4]) - YEARS_BEFORE
    number = f"{year - YEARS_BEFORE}8{person.student_number[-5:]}"
    return replace(person, student_number=number, graduation=f"{year}06")


def _home(stage: Stage, person: Somebody) -> Visitor:
    phone = confirming.open_confirmation(stage, person)
    return phone.open(f"{stage.trial.settings.public_url}/")


def _look_at_both(stage: Stage, person: Somebody, year: str) -> None:
    phone = _home(stage, person)
    stage.prove(
        "首页是本届的记录，并列出另一条  her home is this year's record and names the other",
        f"{person.graduation[:4]} 届" in phone.text and SWITCH in phone.text,
    )
    phone.follow(SWITCH)
    stage.prove(
        f"一键切换到 {year} 届  she switches to {year}",
        f"{person.name} {year} 届" in phone.text,
    )


def _report(stage: Stage, person: Somebody, earlier: Somebody) -> None:
    asked = "去向已由学校上报，请核对并确认"
    before = stage.phone_of(person).text.count(asked)
    importing.plan(stage, "往届去向.xlsx", national_xlsx([earlier]))
    importing.approve(stage, "往届去向已导入  the destination of the earlier record is in")
    stage.prove(
        "往届记录的消息也送达  messages about the other record reach her, too",
        until(lambda: stage.phone_of(person).text.count(asked) > before),
    )
