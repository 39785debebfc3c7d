"""Step 17: she signs with another employer on paper: asked, issued, photographed, reviewed."""

from commands.story import pdf_text, registering
from commands.story.rosters import Somebody
from commands.story.signing import RESULT, TERMS
from commands.story.stage import Stage, until
from commands.story.visitor import Visitor
from registry.base.clock import SHANGHAI, utc_now

UNIT = {
    "unit_name": "青岛望海酒店有限公司",
    "unit_code": "91370200MA3C0TUX7C",
    "unit_nature": "31",
    "unit_industry": "34",
    "unit_location_code-province": "370000",
    "unit_location_code-prefecture": "370200",
    "unit_location_code-county": "370202",
    "unit_contact": "赵主管",
    "unit_phone": "053288886666",
}


def play(stage: Stage) -> None:
    """Go the whole way with the one whose agreement online has ended."""
    person = stage.cast[-1]
    _ask(stage, person)
    _issue(stage, person)
    _print(stage, person)
    _hand_in(stage, person)
    _pass(stage, person)


def _signing(stage: Stage, person: Somebody) -> Visitor:
    return stage.phone_of(person).open(f"{stage.trial.settings.public_url}/g/signing")


def _ask(stage: Stage, person: Somebody) -> None:
    phone = _signing(stage, person).follow("申请线下签约")
    phone.press("下一步，核对条款", **UNIT, **TERMS).press("提交学校核发")
    stage.prove("她申请线下签约，待学校核发  she asks for a paper", "待学校核发" in phone.text)


def _issue(stage: Stage, person: Somebody) -> None:
    stage.staff.open("/school/offline").follow(person.name).press("核发协议书")
    stage.prove("学校核发协议书  the school issues it", "已核发" in stage.staff.text)
    stage.prove(
        "她的手机收到“已核发”  her phone says so",
        until(lambda: "已核发" in stage.phone_of(person).text),
    )


def _print(stage: Stage, person: Somebody) -> None:
    phone = _signing(stage, person).follow(UNIT["unit_name"]).follow("下载协议书")
    said = "".join(pdf_text.text_of(phone.content).split())
    stage.prove(
        "协议书是 PDF，印着双方、条款和签字处  the paper prints both, the terms, room to sign",
        all(words in said for words in (person.name, UNIT["unit_name"], "9,000元", "经办人签字")),
    )


def _hand_in(stage: Stage, person: Somebody) -> None:
    phone = _signing(stage, person).follow(UNIT["unit_name"])
    picture = {"file": ("协议书.png", registering.picture())}
    today = utc_now().astimezone(SHANGHAI).date()
    phone.upload("交回，提交审核", picture, signed_on=str(today))
    stage.prove(
        "她交回签字盖章的协议书，待审核  she hands in what both have signed",
        "您已交回签字盖章的协议书" in phone.text,
    )


def _pass(stage: Stage, person: Somebody) -> None:
    desk = stage.staff.open("/school/reviews?purpose=agreement").follow(person.name)
    stage.prove("审核页有交回的照片  the review shows the picture", "交回的协议书" in desk.text)
    desk.press("通过")
    stage.prove("学校审核通过，协议生效  the school passes it", "已通过 1 人" in desk.text)
    stage.prove(
        f"她的手机收到“{RESULT}”  the result comes to her phone",
        until(lambda: UNIT["unit_name"] in stage.phone_of(person).text),
    )
    home = stage.phone_of(person).open(f"{stage.trial.settings.public_url}/g/")
    stage.prove(
        "毕业去向自动登记：签就业协议  her destination is registered by it",
        UNIT["unit_name"] in home.text and "签就业协议形式就业" in home.text,
    )
