"""The first steps of a school (首次使用): read from what is there, so none is ticked by hand."""

from dataclasses import dataclass

from flask import url_for

from registry.accounts.tables import Role
from wxapp.school.door import staff_context
from wxapp.school.home_counts import HomeCounts, Matter
from wxapp.school.waiting import Counts


@dataclass(frozen=True)
class FirstStep:
    """Something a new school does once."""

    title: str
    hint: str
    address: str
    done: bool


def steps(counts: Counts, found: HomeCounts) -> list[FirstStep]:
    """Return the first steps while one is left, for the school's administrators; else none."""
    if staff_context().staff.role != Role.SCHOOL:
        return []
    all_steps = [
        FirstStep(
            *("导入名单", "学信网、教务系统或全国系统导出的表格均可"),
            *(url_for("school.imports"), sum(counts.values()) > 0),
        ),
        FirstStep(
            *("建立院系和辅导员账号", "各自办理本院系、本班级的审核和提醒"),
            *(url_for("account.members"), found[Matter.OTHER_STAFF].number > 0),
        ),
        FirstStep(
            *("核对本届设置", "审核级次、登记开始和截止日期、自动提醒"),
            *(url_for("school.settings"), found[Matter.SETTINGS].number > 0),
        ),
        FirstStep(
            *("发布个人信息处理说明", "写明学校名称和联系方式，毕业生绑定前阅读"),
            *(url_for("school.privacy"), found[Matter.PRIVACY_NOTICE].number > 0),
        ),
        FirstStep(
            *("打印绑定海报", "每班一张，扫码后关注服务号并绑定微信"),
            *(url_for("school.bindings"), found[Matter.POSTERS].number > 0),
        ),
    ]
    return [] if all(each.done for each in all_steps) else all_steps
