"""Steps 9 and 11: she authorizes, a receiver looks her up; taken back, nobody finds her."""

import re

from commands.story import pdf_text
from commands.story.rosters import Somebody
from commands.story.stage import Stage
from commands.story.visitor import Visitor

NUMBER = re.compile(r"\b\d{7} \w{4} \w{4}\b")
NOTHING = "没有查到"


def play(stage: Stage) -> None:
    """Authorize the file report by the face, take it, and have it looked up."""
    person = stage.cast[-1]
    phone = _authorize(stage, person)
    number = _number_of(phone.text)
    stage.numbers.append(number)
    _take_the_report(stage, phone, person, number)
    _be_looked_up(stage, person, number)


def take_back(stage: Stage) -> None:
    """Revoke: nobody finds her any more, and whoever goes on trying gets a puzzle."""
    person, number = stage.cast[-1], stage.numbers[0]
    open_page(stage, person).press("撤销授权")
    found = ask(stage, person.name, number).text
    stage.prove("撤销后立即查不到  revoked: nobody finds it any more", NOTHING in found)
    stage.prove("她的页面写着已撤销  her page says so", "已撤销" in open_page(stage, person).text)
    stage.prove(
        "查错三次之后，要先输入图中的数字  after three failures there is a puzzle to solve",
        "图中的数字" in ask(stage, person.name, number).text,
    )


def _authorize(stage: Stage, person: Somebody) -> Visitor:
    phone = open_page(stage, person)
    phone.press("同意授权", kinds=["file"], validity="month")
    stage.prove("先要实人认证，才能授权  she has to prove that it is she", "人脸核身" in phone.text)
    phone.press("同意并开始人脸核身").follow("打开人脸核身").press("通过")
    stage.prove(
        "档案核验授权生效，编号和二维码只有她看得到  authorized, with a number of her own",
        "生效中" in phone.text and _number_of(phone.text),
    )
    return phone


def open_page(stage: Stage, person: Somebody) -> Visitor:
    """Open 核验授权 on her phone."""
    return stage.phone_of(person).open(f"{stage.trial.settings.public_url}/g/authorization")


def _number_of(text: str) -> str:
    found = NUMBER.search(text)
    return found[0] if found else ""


def _take_the_report(stage: Stage, phone: Visitor, person: Somebody, number: str) -> None:
    phone.follow("下载 PDF")
    said = "".join(pdf_text.text_of(phone.content).split())
    stage.prove(
        "核验报告是 PDF，印着姓名和编号  the report prints name and number",
        person.name in said and number.replace(" ", "") in said,
    )


def _be_looked_up(stage: Stage, person: Somebody, number: str) -> None:
    receiver = ask(stage, person.name, number.lower())
    stage.prove(
        "接收单位凭姓名和编号查到她  found by name and number", person.name in receiver.text
    )
    stage.prove(
        "页面上没有证件号、学号和手机号  nothing that is not on the report",
        not any(
            each in receiver.text
            for each in (person.identity_number, person.student_number, person.phone_number)
        ),
    )
    wrong_name = ask(stage, "查无此人", number).text
    mistyped = ask(stage, person.name, number[:-1] + "!").text
    stage.prove(
        "姓名不对、编号输错，回答一样  one answer to everything else",
        NOTHING in wrong_name and NOTHING in mistyped,
    )
    seen = open_page(stage, person).text
    stage.prove("她看到被查询过 1 次  she sees that it was looked up", re.search(r"\b1 次", seen))


def ask(stage: Stage, name: str, number: str) -> Visitor:
    """Look a number up in a browser of its own."""
    receiver = Visitor(stage.trial.settings.public_url).open("/verify/file")
    return receiver.press("查询", name=name, number=number)
