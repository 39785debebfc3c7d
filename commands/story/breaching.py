"""Step 18: she reports her school; its province answers, and the school learns nothing of it."""

from commands.story import signing
from commands.story.reporting import PROVINCE
from commands.story.stage import Stage, until
from commands.story.visitor import Visitor

KIND, WORDS = "要求签订虚假协议", "班会上要求没有单位的同学先签一份协议。"
ANSWER = "已约谈学校，责令停止。"


def play(stage: Stage) -> None:
    """Report without a name, have it answered, and look for a trace at the school."""
    person = stage.cast[-1]
    phone = stage.phone_of(person).open(f"{stage.trial.settings.public_url}/g/breaches")
    said = {"kind": "sham", "accused": "school", "words": WORDS, "named": "unnamed"}
    phone.follow("我要举报").press("提交举报", **said)
    stage.prove("举报已收到，有回执号  it is received, with a number", "JB" in phone.text)
    province = signing.sign_in(stage, PROVINCE)
    province.open("/province/breaches").follow(KIND)
    stage.prove(
        "省级看到举报内容，看不到是谁  the province reads what, not who",
        WORDS in province.text and person.name not in province.text,
    )
    _nothing_at_the_school(stage)
    province.press("提交答复", words=ANSWER)
    _answered(stage, phone)
    _nothing_at_the_school(stage)


def _nothing_at_the_school(stage: Stage) -> None:
    found = stage.staff.open("/school/breaches").text
    stage.prove("学校看不到这件举报  the school sees nothing of it", KIND not in found)


def _answered(stage: Stage, phone: Visitor) -> None:
    person = stage.cast[-1]
    stage.prove(
        "答复通过微信告知本人  she is told of the answer",
        until(lambda: "您提交的举报" in stage.phone_of(person).text),
    )
    stage.prove(
        "答复只有她看得到  the answer is hers to read", ANSWER in phone.open(phone.address).text
    )
