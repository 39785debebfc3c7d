"""The text of an agreement: its clauses, the graduate as she was, and the hash of all of it.

Source: the clauses of the usual form (普通高等学校毕业生就业协议书), in substance. The text that
both agreed to is kept by its hash, so that no print says another one.
"""

import hashlib
import json
from collections.abc import Mapping

from registry.codes.code_tables import TRAINING_MODE
from registry.record.field_values import said
from registry.record.fields import ALL
from registry.signing.terms import TermLine

EDITION = 1
"""Of the clauses; another wording is another edition, and the older ones stay."""

CLAUSES = {
    EDITION: (
        (
            "乙方如实向甲方介绍本人情况，愿意到甲方就业，并按约定的时间报到；"
            "因故不能按时报到的，应事先征得甲方同意。"
        ),
        "甲方如实向乙方介绍本单位情况和聘用岗位的工作内容、地点、报酬，同意录用乙方，并做好接收工作。",
        (
            "学校如实介绍乙方的在校情况，对本协议进行鉴证；协议生效后，为乙方登记毕业去向，"
            "并按规定办理档案、户口等转递手续。"
        ),
        (
            "本协议约定的岗位、工作地点、报酬、试用期（见习期）、服务期等，是双方订立劳动（聘用）合同的"
            "依据，订立合同时不得降低。"
        ),
        (
            "乙方未能如期取得毕业资格，或者身体条件不符合国家对该岗位的规定的，甲方可以解除本协议，"
            "不承担违约责任。"
        ),
        (
            "出现协议约定的免责解除情形的，乙方可以解除本协议，不承担违约责任。"
            "除此以外，一方违反本协议的，按约定的违约金承担责任，双方相同；没有约定违约金的，依法承担责任。"
        ),
        (
            "本协议经甲乙双方确认后成立，经学校鉴证后生效。乙方报到并与甲方订立劳动（聘用）合同后，"
            "本协议自行终止。"
        ),
        (
            "解除本协议由双方协商，并经学校办理。发生争议的，双方协商解决，也可以请学校调解；"
            "协商、调解不成的，可以向人民法院起诉。"
        ),
        "任何单位和个人不得强迫、代替乙方签订本协议，不得以本协议为由向乙方收取押金、培训费等费用。",
    ),
}

SCHOOL, DEPARTMENT = "school", "department"
_OWN_TITLES = {
    SCHOOL: "学校",
    DEPARTMENT: "院系",
    "student_number": "学号",
    "training_mode": "培养方式",
}
SIGNER = (
    *("name", "sex", "student_number", SCHOOL, DEPARTMENT, "level", "programme_length"),
    *("major", "training_mode", "graduation_month", "origin"),
)
"""What is frozen of the graduate, by her columns and the names of school and department."""


def signer_lines(signer: Mapping[str, str]) -> list[TermLine]:
    """Return what an agreement says of the graduate, as people read it."""
    return [_line(name, signer[name]) for name in SIGNER if signer.get(name)]


def _line(name: str, value: str) -> TermLine:
    if name in _OWN_TITLES:
        shown = TRAINING_MODE.title_of(value) if name == "training_mode" else value
        return TermLine(_OWN_TITLES[name], shown or value)
    return TermLine(ALL[name].title, said(name, value))


def head_digest(number: str, edition: int, signer: Mapping[str, str]) -> str:
    """Return the SHA-256 of what of an agreement never changes: all but its terms; 64 digits."""
    head = {"number": number, "clauses": CLAUSES[edition], "signer": dict(signer)}
    text = json.dumps(head, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def text_digest(head: str, terms: str) -> str:
    """Return the SHA-256 of the whole text, of the digests of its two parts."""
    return hashlib.sha256(f"{head}{terms}".encode()).hexdigest()
