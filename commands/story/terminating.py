"""Step 16: she asks to end the agreement, the employer agrees, the school passes it."""

from commands.story import signing
from commands.story.rosters import Somebody
from commands.story.stage import Stage, until


def play(stage: Stage) -> None:
    """End the agreement of the one who signed; what it had registered is void."""
    person = stage.cast[-1]
    _ask(stage, person)
    _agree(stage, person)
    _pass(stage, person)


def _ask(stage: Stage, person: Somebody) -> None:
    phone = stage.phone_of(person).open(f"{stage.trial.settings.public_url}/g/signing")
    phone.follow(signing.UNIT).follow("申请解约")
    phone.press("提交解约申请", way="consent", reason="family", text="需照顾家人")
    stage.prove(
        "她申请解约，待单位答复  she asks, the employer is to answer", "待单位答复" in phone.text
    )


def _agree(stage: Stage, person: Somebody) -> None:
    employer = signing.sign_in(stage, signing.EMPLOYER).open("/employer/terminations")
    employer.follow(person.name).press("同意解约")
    stage.prove(
        "单位同意，待学校审核  it agrees, the school is to look", "待学校审核" in employer.text
    )


def _pass(stage: Stage, person: Somebody) -> None:
    stage.staff.open("/school/terminations").follow(person.name).press("同意解约")
    stage.prove("学校审核通过，已解约  the school passes it", "已解约" in stage.staff.text)
    stage.prove(
        "她的手机收到解约结果  the result comes to her phone",
        until(lambda: "已解约" in stage.phone_of(person).text),
    )
    home = stage.phone_of(person).open(f"{stage.trial.settings.public_url}/g/")
    stage.prove(
        "原去向已作废，可以重新登记  the destination is void, she can register anew",
        signing.UNIT not in home.text,
    )
