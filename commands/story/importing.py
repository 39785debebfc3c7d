"""Step 1: a school's staff signs in and brings in rosters, each seen before anything is written."""

from dataclasses import replace

from commands.story.rosters import Somebody, export_csv, national_xlsx, upload_xlsx
from commands.story.stage import Stage, until

IMPORTS = "/school/imports"
BAD_REQUEST = 400


def play(stage: Stage) -> None:
    """Bring in the cast by three layouts, with a row that is refused and a file that is none."""
    _sign_in(stage)
    _refuse_what_is_no_roster(stage)
    _refuse_all_for_one(stage)
    first, second, third, fourth = (stage.cast[:4], *([each] for each in stage.cast[4:7]))
    broken = replace(stage.cast[7], identity_number=stage.cast[7].identity_number[:-1])
    plan(stage, "全国系统导出.xlsx", national_xlsx([*first, broken]))
    stage.prove(
        "74 列 xlsx：4 人可导入、1 行有问题，尚未改动数据  a dry run found 4 good rows, 1 bad",
        _offers(stage, "确认导入 4 人") and _offers(stage, "下载有问题的 1 行"),
    )
    stage.staff.press("下载有问题的 1 行")
    stage.prove(
        "有问题的行另存为带原因的表格  the refused row comes back in a workbook",
        stage.staff.content.startswith(b"PK"),
    )
    stage.staff.open(IMPORTS).follow("全国系统导出.xlsx")
    approve(stage, "导入 4 人：完成  4 people are in")
    for name, content, layout in (
        ("上报表.xlsx", upload_xlsx(second), "50 列上报表（两行表头）  two header rows"),
        ("导出.csv", export_csv(third), "2024 导出 csv，GB18030"),
        ("导出8.csv", export_csv(fourth, "utf-8-sig"), "2024 导出 csv，UTF-8"),
    ):
        plan(stage, name, content)
        approve(stage, layout)


def _sign_in(stage: Stage) -> None:
    account = stage.trial.people.accounts[0]
    stage.staff.open("/login").press("登录", login=account.login, password="不是这个密码")  # noqa: S106 - wrong on purpose
    stage.prove(
        "密码不对：不说是哪一项不对  a wrong password is refused", stage.staff.status != 200
    )
    stage.staff.open("/login").press("登录", login=account.login, password=account.password)
    stage.prove(
        f"{account.title}登录  signed in",
        "首页" in stage.staff.text and stage.staff.address.endswith("/school/"),
    )


def _refuse_what_is_no_roster(stage: Stage) -> None:
    for name, content in (("名单.xlsx", b"\x89PNG not a spreadsheet"), ("名单.csv", b"a,b\n1,2\n")):
        send(stage, name, content)
        refused = stage.staff.status == BAD_REQUEST or until(lambda: _is_refused(stage))
        stage.prove(f"不是名单的文件（{name}）被拒绝  what is no roster is refused", refused)


def _is_refused(stage: Stage) -> bool:
    return "没有导入" in stage.staff.open(stage.staff.address).text


def _refuse_all_for_one(stage: Stage) -> None:
    broken = replace(stage.cast[0], identity_number="110101200202150000")
    plan(stage, "全部通过.xlsx", national_xlsx([broken, *stage.cast[1:4]]), "all_or_nothing")
    stage.prove(
        "“全部通过才导入”：一行不对，一行也不进  all or nothing: nothing",
        "没有导入" in stage.staff.text and not _offers(stage, "确认导入"),
    )


def _offers(stage: Stage, words: str) -> bool:
    return any(form.says(words) for form in stage.staff.page.forms)


def send(stage: Stage, name: str, content: bytes, policy: str = "valid_rows") -> None:
    """Upload a file for a dry run."""
    stage.staff.open(IMPORTS).upload("上传并核对", {"file": (name, content)}, policy=policy)


def plan(stage: Stage, name: str, content: bytes, policy: str = "valid_rows") -> None:
    """Upload a file and wait for what would happen."""
    send(stage, name, content, policy)
    address = stage.staff.address

    def is_checked() -> bool:
        text = stage.staff.open(address).text
        return any(words in text for words in ("待确认导入", "没有导入"))

    stage.prove(f"{name}：核对完成  checked", until(is_checked))


def approve(stage: Stage, words: str) -> None:
    """Have the plan carried out, and wait."""
    address = stage.staff.address
    stage.staff.press("确认导入")
    stage.prove(words, until(lambda: "导入完成" in stage.staff.open(address).text))


def changed_employer(person: Somebody) -> Somebody:
    """Return her as the correction has her."""
    return person.now_at("海右数据科技有限公司")
