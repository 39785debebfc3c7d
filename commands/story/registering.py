"""Step 7: a graduate registers; the school returns it, then passes it."""

import zlib

from commands.story import binding, confirming, importing, listing, pdf_text
from commands.story.rosters import Somebody, national_xlsx
from commands.story.stage import Stage, until
from commands.story.visitor import Visitor
from registry.record.cohort import cohort_of

FORM = "/g/register"
REASON = "单位联系电话打不通，请核对后重新提交"
CARD = "审核结果通知"
UNIT = "海右数据科技有限公司"
CREDIT_CODE = "91350100M000100Y43"
"""Not an employer's: the example of the standard."""
WORK = {
    "unit_name": UNIT,
    "unit_code": CREDIT_CODE,
    "unit_nature": "31",
    "unit_industry": "34",
    "unit_location_code-province": "370000",
    "unit_location_code-prefecture": "370200",
    "unit_location_code-county": "370202",
    "unit_contact": "孙经理",
    "unit_phone": "0532-86981234",
    "job_class": "13",
}


def play(stage: Stage) -> None:
    """Fill in the form, have it returned, mend it, have it passed, confirm, take the sheet."""
    person = stage.cast[-1]
    _bring_in_who_still_seeks(stage, stage.cast[-2], person)
    binding.bind_quietly(stage, person)
    _fill_in(stage, person)
    _be_returned(stage, person)
    _mend(stage, person)
    _pass(stage, person)
    _confirm_and_take_the_sheet(stage, person)


def _bring_in_who_still_seeks(stage: Stage, autumn: Somebody, person: Somebody) -> None:
    """Bring in two without a destination, and let the school alone review their cohort."""
    importing.plan(stage, "未登记.xlsx", national_xlsx([autumn, person]))
    importing.approve(stage, "2 人尚未登记去向  two have registered nothing yet")
    cohort = f"{cohort_of(person.graduation)} 届"
    listing.find(stage, autumn.name, autumn.name)
    stage.prove(
        f"12 月毕业的也是 {cohort}  who graduates in December is of the same cohort",
        cohort in stage.staff.text and f"{autumn.graduation[:4]}年12月" in stage.staff.text,
    )
    stage.staff.open("/school/settings").press("保存", levels="school")
    stage.prove(
        f"{cohort}只由学校审核  the school alone reviews her cohort", "已保存" in stage.staff.text
    )


def _open_form(stage: Stage, person: Somebody) -> Visitor:
    phone = binding.follow_and_open(stage, stage.phones[person.student_number])
    return phone.open(f"{stage.trial.settings.public_url}{FORM}")


def _fill_in(stage: Stage, person: Somebody) -> None:
    phone = _open_form(stage, person).press("签了就业协议")
    signed = f"{person.graduation[:4]}-05-20"
    phone.press("下一步", **{**WORK, "unit_phone": "123"}, signed_on=signed)
    stage.prove(
        "填错的电话：原因写在这一栏下面，其余都在  what is wrong is said beside its field",
        "请填写手机号，或带区号的固定电话" in phone.text and phone.page.form("下一步"),
    )
    phone.press("下一步", unit_phone=WORK["unit_phone"])
    phone.press("下一步", file_type="转回生源地", household_type="户口不在学校")
    phone.upload("上传", {"file-agreement": ("就业协议书.png", picture())})
    phone.press("下一步")
    stage.prove(
        "核对页：单位、地点、材料都在，可以提交  the review screen has it all",
        all(words in phone.text for words in (UNIT, "山东省青岛市市南区", "就业协议书.png")),
    )
    phone.press("提交审核")
    stage.prove("提交成功，等待学校审核  sent, waits for the school", "等待学校审核" in phone.text)


def _review(stage: Stage, person: Somebody, button: str, reason: str = "") -> None:
    stage.staff.open("/school/reviews").follow(person.name)
    stage.staff.press(button, reason=reason)


def _be_returned(stage: Stage, person: Somebody) -> None:
    _review(stage, person, "退回本人修改", REASON)
    stage.prove(f"学校退回：{REASON}  the school returns it", "已退回 1 人" in stage.staff.text)
    stage.prove(
        f"她的手机收到“{CARD}”：退回和原因  the reason reaches her phone",
        until(
            lambda: CARD in stage.phone_of(person).text and "退回" in stage.phone_of(person).text
        ),
    )


def _mend(stage: Stage, person: Somebody) -> None:
    phone = _open_form(stage, person)
    stage.prove("打开就是原因，填过的都在  the reason on top, all else kept", REASON in phone.text)
    phone.open(f"{FORM}/destination").press("下一步", unit_phone="0532-86985678")
    phone.open(f"{FORM}/review").press("提交审核")
    stage.staff.open("/school/reviews").follow(person.name)
    stage.prove(
        "学校看到与上次相比改了什么  the school sees what changed since",
        "与上次提交相比" in stage.staff.text and "0532-86985678" in stage.staff.text,
    )


def _pass(stage: Stage, person: Somebody) -> None:
    _review(stage, person, "通过")
    stage.prove("学校通过，登记生效  passed, in force", "已通过 1 人" in stage.staff.text)


def _confirm_and_take_the_sheet(stage: Stage, person: Somebody) -> None:
    phone = confirming.open_confirmation(stage, person)
    phone.press("信息无误，确认登记去向").follow("信息表")
    stage.prove("她确认无误，可以看信息表  she confirms and sees her sheet", UNIT in phone.text)
    phone.follow("下载 PDF")
    stage.prove(
        "信息表是 PDF，姓名可以选中、查找  a PDF whose text holds her name",
        phone.content.startswith(b"%PDF-") and person.name in pdf_text.text_of(phone.content),
    )


def picture() -> bytes:
    """Return a picture of one white pixel."""
    header = (1).to_bytes(4) * 2 + b"\x08\0\0\0\0"
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(b"\0\xff")), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, body) for kind, body in parts)


def _chunk(kind: bytes, body: bytes) -> bytes:
    return len(body).to_bytes(4) + kind + body + zlib.crc32(kind + body).to_bytes(4)
