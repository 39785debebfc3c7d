"""Step 3: she answers, disputes, withdraws and answers again; every answer is kept."""

from commands.story.rosters import Somebody
from commands.story.stage import Stage
from commands.story.visitor import Visitor


def play(stage: Stage) -> None:
    """Dispute the file, withdraw that, and confirm."""
    person = stage.cast[0]
    phone = open_confirmation(stage, person)
    stage.prove(
        "核对页写明由谁、何时上报  the page says who reported it and when",
        "由学校导入" in phone.text and "生效" in phone.text and person.unit_name in phone.text,
    )
    phone.press("提交", items=["file"], note="档案要转到青岛")
    open_confirmation(stage, person)
    phone = open_confirmation(stage, person)
    stage.prove("反映“档案”有误，状态：确认有误  disputed", "确认有误" in phone.text)
    phone.press("实际信息无误，撤销确认")
    phone = open_confirmation(stage, person)
    phone.press("信息无误，确认登记去向")
    stage.prove("撤销后重新确认：信息无误  withdrawn, then confirmed", phone.status == 200)
    phone.open(f"{stage.trial.settings.public_url}/").follow("确认记录")
    kept = [
        words
        for words in ("信息有误，需更新后确认", "实际信息无误，撤销确认", "信息无误，确认登记去向")
        if words in phone.text
    ]
    stage.prove(f"三次答复都有记录  all three answers are kept ({len(kept)})", len(kept) == 3)


def open_confirmation(stage: Stage, person: Somebody) -> Visitor:
    """Open 核对确认 from the menu on her phone."""
    return stage.phone_of(person).follow("核对确认")
