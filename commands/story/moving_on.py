"""Step 13: a student who is put off to the next cohort by a roster, and the roster undone."""

from commands.story import importing
from commands.story.rosters import Somebody, national_xlsx, somebody
from commands.story.stage import Stage, until

NUMBER, NAME = 41, "段干初晴"


def play(stage: Stage) -> None:
    """Import a student, then her again as one who graduates a year later; take the second back."""
    cohort = int(stage.cast[0].graduation[:4])
    student = somebody(NUMBER, NAME).still_seeking(f"{cohort}06")
    importing.plan(stage, "新生源.xlsx", national_xlsx([student]))
    importing.approve(stage, f"{NAME}是 {cohort} 届  she is of {cohort}")
    _put_off(stage, student, cohort)
    _take_back(stage, student, cohort)


def _put_off(stage: Stage, student: Somebody, cohort: int) -> None:
    put_off = student.still_seeking(f"{cohort + 1}06")
    importing.plan(stage, "延期毕业.xlsx", national_xlsx([put_off]))
    stage.prove(
        f"核对时说明：将转入 {cohort + 1} 届  the check says that she moves on",
        f"将转入 {cohort + 1} 届" in stage.staff.text,
    )
    importing.approve(stage, "延期毕业的名单已导入  the roster of who is put off is in")
    _expect(
        stage, student, cohort + 1, cohort, "同一条记录转入下一届  it is the same record, moved on"
    )


def _take_back(stage: Stage, student: Somebody, cohort: int) -> None:
    stage.staff.open(importing.IMPORTS).follow("延期毕业.xlsx")
    address = stage.staff.address
    stage.staff.follow("撤销这次导入").press("撤销这次导入", reason="名单有误")
    stage.prove(
        "整份名单撤销  the import is undone as a whole",
        until(lambda: "已撤销" in stage.staff.open(address).text),
    )
    _expect(stage, student, cohort, cohort + 1, "她仍是原来那一届  she is of her cohort again")


def _is_of(stage: Stage, student: Somebody, cohort: int) -> bool:
    """Say whether the list of a cohort names her; one that nobody is of is not shown."""
    page = stage.staff.open(f"/school/graduates?year={cohort}&q={student.student_number}")
    return f"全校 {cohort} 届" in page.text and student.name in page.text


def _expect(stage: Stage, student: Somebody, cohort: int, other: int, words: str) -> None:
    """Prove that she stands in the list of one cohort, and not in that of the other."""
    stage.prove(words, _is_of(stage, student, cohort) and not _is_of(stage, student, other))
