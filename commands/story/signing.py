"""Step 15: an employer invites, the card comes, she accepts by her code, the school passes."""

from commands.story import binding, moving_on, pdf_text
from commands.story.rosters import Somebody, somebody
from commands.story.stage import Stage, until
from commands.story.visitor import Visitor

EMPLOYER = "hr"
UNIT = "北京清泉软件有限公司"
CARD, RESULT = "签约邀请通知", "签约结果通知"
TERMS = {
    "post": "数据工程师",
    "job_class": "13",
    "work_location_code-province": "110000",
    "work_location_code-prefecture": "110100",
    "work_location_code-county": "110108",
    "pay": "9000",
    "probation_months": "3",
    "probation_pay": "8000",
    "breach": "0",
    "takes_file": "no",
    "takes_household": "no",
}


def play(stage: Stage) -> None:
    """Invite one who has registered nothing yet, and go all the way to her destination."""
    june = stage.cast[0].graduation
    person = somebody(moving_on.NUMBER, moving_on.NAME, june).still_seeking(june)
    stage.cast.append(person)
    binding.bind_quietly(stage, person)
    employer = sign_in(stage, EMPLOYER)
    _invite(stage, employer, person)
    _accept(stage, person)
    _pass(stage, person)
    stage.prove(
        "单位看到“已签约”  the employer sees that it is signed",
        "已签约" in employer.open("/employer/").text,
    )


def sign_in(stage: Stage, login: str) -> Visitor:
    """Sign in as somebody of the trial, in a browser of its own."""
    account = stage.trial.people.account(login)
    visitor = Visitor(stage.trial.settings.public_url).open("/login")
    return visitor.press("登录", login=account.login, password=account.password)


def _invite(stage: Stage, employer: Visitor, person: Somebody) -> None:
    employer.open("/employer/invitations/new")
    named = {"name": person.name, "student_number": person.student_number}
    employer.press("下一步", **named, **TERMS)
    stage.prove(
        "核对页姓名只露一个字  the preview shows one character of her name",
        TERMS["post"] in employer.text and person.name not in employer.text,
    )
    employer.press("发出签约邀请")
    stage.prove("邀请已发出，待应约  the invitation is out", "待应约" in employer.text)
    stage.prove(
        f"她的手机收到“{CARD}”  the card comes to her phone",
        until(lambda: CARD in stage.phone_of(person).text),
    )


def _accept(stage: Stage, person: Somebody) -> None:
    phone = stage.phone_of(person).open(f"{stage.trial.settings.public_url}/g/signing")
    stage.prove(
        "邀请写明单位和全部条款  it says who invites, and every term",
        all(words in phone.text for words in (UNIT, TERMS["post"], "9,000 元")),
    )
    before = stage.texts_of(person)
    phone.follow("接受邀请").press("发送验证码")
    stage.prove(
        "接受前再核验本人  a code before she accepts", until(lambda: _came(stage, person, before))
    )
    phone.press("接受邀请，签订协议", code=stage.code_of(person, before))
    stage.prove("应约后待学校审核  accepted, waits for the school", "待学校审核" in phone.text)


def _came(stage: Stage, person: Somebody, before: int) -> bool:
    return stage.texts_of(person) > before


def _pass(stage: Stage, person: Somebody) -> None:
    stage.staff.open("/school/reviews?purpose=agreement").follow(person.name).press("通过")
    stage.prove("学校审核通过，协议生效  the school passes it", "已通过 1 人" in stage.staff.text)
    stage.prove(
        f"她的手机收到“{RESULT}”  the result comes to her phone",
        until(lambda: RESULT in stage.phone_of(person).text),
    )
    home = stage.phone_of(person).open(f"{stage.trial.settings.public_url}/g/")
    stage.prove(
        "毕业去向自动登记：签就业协议  her destination is registered by it",
        UNIT in home.text and "签就业协议形式就业" in home.text,
    )
    _take_the_paper(stage, person)


def _take_the_paper(stage: Stage, person: Somebody) -> None:
    phone = stage.phone_of(person).open(f"{stage.trial.settings.public_url}/g/signing")
    phone.follow(UNIT).follow("下载协议书")
    said = "".join(pdf_text.text_of(phone.content).split())
    stage.prove(
        "协议书是 PDF，印着双方和岗位，没有水印  the agreement prints both parties, no watermark",
        all(words in said for words in (person.name, UNIT, TERMS["post"])) and "未鉴证" not in said,
    )
