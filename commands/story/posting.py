"""Step 10: the school posts her file under a number of its own; neither sees the other's."""

from io import BytesIO

from python_calamine import CalamineWorkbook

from commands.story import verifying
from commands.story.rosters import Somebody
from commands.story.stage import Stage

NUMBER_COLUMN = "转递编号"


def play(stage: Stage) -> None:
    """Take the posting list, which makes the number; have it looked up; compare what is seen."""
    person = stage.cast[-1]
    number = _take_the_list(stage, person)
    stage.numbers.append(number)
    stage.prove(
        "接收单位凭转递编号也查到她  found by the transfer number",
        person.name in verifying.ask(stage, person.name, number).text,
    )
    (hers, schools) = stage.numbers
    stage.prove(
        "学校看不到核验编号  the school does not see hers", not _is_seen_by_school(stage, hers)
    )
    stage.prove(
        "她看不到转递编号  she does not see the school's",
        schools not in "".join(verifying.open_page(stage, person).text.split()),
    )


def _take_the_list(stage: Stage, person: Somebody) -> str:
    """Download 寄档清单; return the number in her row."""
    stage.staff.open("/school/transfer").press("寄档清单")
    stage.prove(
        "下载寄档清单，缺少的编号随之生成  the list makes the missing number",
        "新生成编号" in stage.staff.text,
    )
    stage.staff.press("下载")
    titles, *rows = (
        CalamineWorkbook.from_filelike(BytesIO(stage.staff.content))
        .get_sheet_by_index(0)
        .to_python()
    )
    listed = [dict(zip(titles, row, strict=True)) for row in rows]
    found = [str(each[NUMBER_COLUMN]) for each in listed if each["姓名"] == person.name]
    stage.prove("清单里有她和 18 位转递编号  her row has it", [len(each) for each in found] == [18])
    return found[0]


def _is_seen_by_school(stage: Stage, number: str) -> bool:
    pages = ("/school/verification/file", "/school/transfer")
    said = "".join(stage.staff.open(page).text for page in pages)
    return number.replace(" ", "") in "".join(said.split())
