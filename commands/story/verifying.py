"""Step 9: she authorizes, a receiver looks her up; taken back, nobody finds it any more."""

import re

from commands.story import pdf_text
from commands.story.rosters import Somebody
from commands.story.stage import Stage
from commands.story.visitor import Visitor

NUMBER = re.compile(r"\b\d{7} \w{4} \w{4}\b")
NOTHING = "没有查到"


def play(stage: Stage) -> None:
    """Authorize the file report by the face, have it looked up in three ways, and revoke it."""
    person = stage.cast[-1]
    phone = _authorize(stage, person)
    number = _number_of(phone.text)
    stage.numbers.append(number)
    _take_the_report(stage, phone, person, number)
    _be_looked_up(stage, person, number)
    _revoke(stage, person, number)


def _authorize(stage: Stage, person: Somebody) -> Visitor:
    phone = _open(stage, person)
    phone.follow("去授权").press("同意并开始人脸核身")
    phone.follow("打开人脸核身").press("通过")
    stage.prove("人脸核身通过，才能授权  authenticated by the face", "同意授权" in phone.text)
    phone.press("同意授权", validity="month")
    stage.prove(
        "档案核验授权生效，编号和二维码只有她看得到  authorized, with a number of her own",
        "生效中" in phone.text and _number_of(phone.text),
    )
    return phone


def _open(stage: Stage, person: Somebody) -> Visitor:
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
    receiver = _ask(stage, person.name, number.lower())
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
    wrong_name = _ask(stage, "查无此人", number).text
    mistyped = _ask(stage, person.name, number[:-1] + "!").text
    stage.prove(
        "姓名不对、编号输错，回答一样  one answer to everything else",
        NOTHING in wrong_name and NOTHING in mistyped,
    )
    seen = _open(stage, person).text
    stage.prove("她看到被查询过 1 次  she sees that it was looked up", re.search(r"\b1 次", seen))


def _ask(stage: Stage, name: str, number: str) -> Visitor:
    """Look a number up in a browser of its own."""
    receiver = Visitor(stage.trial.settings.public_url).open("/verify/file")
    return receiver.press("查询", name=name, number=number)


def _revoke(stage: Stage, person: Somebody, number: str) -> None:
    _open(stage, person).press("撤销授权")
    stage.prove(
        "撤销后立即查不到  revoked: nobody finds it any more",
        NOTHING in _ask(stage, person.name, number).text,
    )
    stage.prove("她的页面写着已撤销  her page says so", "已撤销" in _open(stage, person).text)
