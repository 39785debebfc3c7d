"""The account's message templates: those it has, and the library more can be taken from."""

import base64
import hashlib
from dataclasses import dataclass

from sandbox.errors import Refusal

MOST = 25


@dataclass(frozen=True, slots=True)
class Template:
    """One private template; `content` has a label before each `{{key.DATA}}`."""

    template_id: str
    title: str
    content: str
    example: str
    industry: str = "教育-院校"


# Title, then label, key and example a line. The numbers are odd on purpose: in a real account they
# come from the library's entry and follow no order.
LIBRARY: dict[str, tuple[str, tuple[tuple[str, str, str], ...]]] = {
    "43101": (
        "签约邀请通知",
        (
            ("单位名称", "thing2", "某某科技有限公司"),
            ("岗位名称", "thing7", "软件工程师"),
            ("截止时间", "time5", "2026年6月30日 17:00"),
            ("温馨提示", "thing11", "请在截止前处理"),
        ),
    ),
    "43102": (
        "审核结果通知",
        (
            ("审核事项", "thing6", "毕业去向登记"),
            ("审核结果", "phrase3", "未通过"),
            ("原因", "thing9", "协议书照片不清楚"),
            ("审核时间", "time4", "2026年6月3日 09:12"),
        ),
    ),
    "43103": (
        "登记信息变更通知",
        (
            ("变更内容", "thing4", "单位名称"),
            ("操作方", "thing8", "学院就业办公室"),
            ("变更时间", "time2", "2026年6月3日 09:12"),
            ("温馨提示", "thing12", "请重新核对并确认"),
        ),
    ),
    "43104": (
        "去向登记确认提醒",
        (
            ("学校名称", "thing10", "某某大学"),
            ("办理事项", "thing2", "确认毕业去向登记信息"),
            ("当前状态", "phrase5", "未确认"),
            ("截止日期", "time8", "2026年8月31日 23:59"),
        ),
    ),
    "43106": (
        "授权到期提醒",
        (
            ("授权事项", "thing5", "档案去向核验授权"),
            ("当前状态", "phrase8", "即将到期"),
            ("到期时间", "time3", "2026年12月31日 23:59"),
            ("温馨提示", "thing9", "到期后可重新授权"),
        ),
    ),
    "43107": (
        "签约结果通知",
        (
            ("单位名称", "thing3", "某某科技有限公司"),
            ("签约结果", "phrase6", "已签约"),
            ("办理时间", "time2", "2026年6月3日 09:12"),
            ("温馨提示", "thing10", "请核对并确认登记去向"),
        ),
    ),
    "43105": (
        "缴费成功通知",
        (
            ("缴费项目", "thing3", "毕业证书邮寄"),
            ("缴费金额", "amount2", "20.00元"),
            ("缴费时间", "time1", "2026年6月3日 09:12"),
        ),
    ),
}


def template_id_of(app_id: str, title: str) -> str:
    """Return the 43 characters this account knows the title by; the same at every start."""
    digest = hashlib.sha256(f"{app_id}:{title}".encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def whole_entry(app_id: str, number: str) -> Template:
    """Return the library's entry with all its keywords."""
    return from_library(app_id, number, [label for label, _, _ in LIBRARY[number][1]])


def from_library(app_id: str, number: str, keywords: object) -> Template:
    """Return the library's entry as a template of this account, the keywords in their order.

    Raises Refusal 40037 for an unknown entry, 40246 without keywords or for one it does not have.
    """
    if number not in LIBRARY:
        raise Refusal(40037)
    title, entry = LIBRARY[number]
    known = {line[0]: line for line in entry}
    if not isinstance(keywords, list) or not keywords:
        raise Refusal(40246)
    if not all(isinstance(each, str) and each in known for each in keywords):
        raise Refusal(40246)
    lines = [known[each] for each in keywords]
    return Template(
        template_id_of(app_id, title),
        title,
        "".join(f"{label}:{{{{{key}.DATA}}}}\n" for label, key, _ in lines),
        "".join(f"{label}:{example}\n" for label, _, example in lines),
    )


class Templates:
    """The templates the account has now, and those the platform banned."""

    def __init__(self) -> None:
        self.by_id: dict[str, Template] = {}
        self.banned: dict[str, int] = {}

    def add(self, template: Template) -> None:
        """Add or replace one; raise Refusal 45026 beyond the 25 an account may have."""
        if len(self.by_id) >= MOST and template.template_id not in self.by_id:
            raise Refusal(45026)
        self.by_id[template.template_id] = template

    def remove(self, template_id: str) -> None:
        """Delete one; raise Refusal 40037 when the account has none such."""
        if self.by_id.pop(template_id, None) is None:
            raise Refusal(40037)

    def get(self, template_id: object) -> Template:
        """Return the template; raise Refusal 40036, 40037 or the code of its ban."""
        if not isinstance(template_id, str) or not template_id:
            raise Refusal(40036)
        if template_id not in self.by_id:
            raise Refusal(40037)
        if template_id in self.banned:
            raise Refusal(self.banned[template_id])
        return self.by_id[template_id]
