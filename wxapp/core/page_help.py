"""What a page of a console is for, in three sentences, and the source of its rule (本页说明).

Each door has its own sentences in its `page_help.py`, and hands `helper(HELP)` to the templates.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from flask import request

GUIDE = "《学校、院系操作指南》（2023年5月）"
NOTICE = "教学厅〔2023〕5号"
RATES = "教学厅函〔2021〕19号、教就业厅函〔2024〕11号"
FOUR_DONTS = "教育部“四不准”规定"
SIGNING = "全国登记系统签约流程"
WECHAT = "微信模板消息规则"
DATA_SECURITY = "《个人信息保护法》第五十一条"


@dataclass(frozen=True)
class PageHelp:
    """Three sentences on a page, and where its rule comes from."""

    sentences: tuple[str, str, str]
    source: str = ""
    """Empty where no rule stands behind the page, only how the platform works."""


def helper(told: Mapping[str, PageHelp]) -> Callable[[str], PageHelp | None]:
    """Return what finds the help of the page that is asked for, or of its entry of the menu."""
    return lambda entry: told.get(request.endpoint or "", told.get(entry))
