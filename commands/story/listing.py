"""Step 4: the school's list, its four states and their counts, and one graduate's page."""

import re
from collections.abc import Mapping

from commands.story.stage import Stage

STATES = ("未上报", "未确认", "确认无误", "确认有误")


def play(stage: Stage) -> None:
    """Look at the counts, and at the graduate who confirmed."""
    person = stage.cast[0]
    counts = counts_of(stage)
    listed = "，".join(f"{title} {number}" for title, number in counts.items())
    stage.prove(
        f"四种状态：{listed}  the counts add up",
        sum(counts[title] for title in STATES) == counts["全部"],
    )
    find(stage, person.student_number, person.name)
    stage.prove("按学号找到她，状态：确认无误  found, confirmed", "确认无误" in stage.staff.text)
    stage.staff.follow("确认记录")
    stage.prove("详情页有她的确认记录  her history is there", "撤销确认" in stage.staff.text)


def find(stage: Stage, words: str, name: str) -> None:
    """Search, and open the page of whom is meant where several are found."""
    stage.staff.press("查找", words=words)
    if not _has_tabs(stage):
        stage.staff.follow(name)


def _has_tabs(stage: Stage) -> bool:
    return any("确认记录" in link.words for link in stage.staff.page.links)


def counts_of(stage: Stage) -> Mapping[str, int]:
    """Read the filter chips with their counts."""
    stage.staff.open("/school/graduates")
    counts = {}
    for link in stage.staff.page.links:
        chip = re.fullmatch(rf"({'|'.join(('全部', *STATES))}) ([\d,]+)", link.words)
        if chip:
            counts[chip[1]] = int(chip[2].replace(",", ""))
    return counts
