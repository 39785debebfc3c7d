"""Step 6: a correction arrives by import; she is told, and her answer is asked for again."""

from commands.story import confirming, importing
from commands.story.rosters import national_xlsx
from commands.story.stage import Stage, until

CARD = "登记信息变更通知"
FILE = "更正.xlsx"
QUIET_SECONDS = 3.0
"""How long a message that must not come is waited for: it would come within one."""


def play(stage: Stage) -> None:
    """Change her employer, look at her phone, and import the same file again."""
    person = stage.cast[0]
    corrected = importing.changed_employer(person)
    content = national_xlsx([corrected, *stage.cast[1:4]])
    importing.plan(stage, FILE, content)
    stage.prove("更正名单：1 人变更、其余没有变化  one changes", "有变更 1 人" in stage.staff.text)
    importing.approve(stage, "导入更正：完成  the correction is in")
    stage.prove(
        f"她的手机收到“{CARD}”  she is told",
        until(lambda: CARD in stage.phone_of(person).text),
    )
    _look_at_the_change(stage)
    _import_again(stage, content)


def _look_at_the_change(stage: Stage) -> None:
    person = stage.cast[0]
    corrected = importing.changed_employer(person)
    phone = confirming.open_confirmation(stage, person)
    stage.prove(
        f"核对页标出前后：{person.unit_name} → {corrected.unit_name}  before and after",
        person.unit_name in phone.text and corrected.unit_name in phone.text,
    )
    stage.prove("状态回到未确认，可以重新答复  unconfirmed again", phone.page.form("提交"))
    phone.open(f"{stage.trial.settings.public_url}/").follow("确认记录")
    stage.prove("以前的答复都在  her old answers are kept", "撤销确认" in phone.text)


def _import_again(stage: Stage, content: bytes) -> None:
    before = len(list(stage.control.messages(unseen=True)))
    importing.plan(stage, FILE, content)
    stage.prove(
        "同一文件再导入：没有变化 4 人  the same file changes nobody",
        "没有变化 4 人" in stage.staff.text,
    )
    if any(form.says("确认导入") for form in stage.staff.page.forms):
        importing.approve(stage, "照样导入一遍  imported all the same")
    sent = until(lambda: len(list(stage.control.messages(unseen=True))) > before, QUIET_SECONDS)
    stage.prove("也不再发消息  and sends nothing", not sent)
