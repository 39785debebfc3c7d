"""A school begins to take part, by a page or by a command."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.accounts import audit
from registry.accounts.place_names import checked_name
from registry.accounts.school_tables import School
from registry.base.database import insert_new
from registry.base.errors import RuleError
from registry.base.text import clean
from registry.codes import regions

CODE_DIGITS = 5
LONGEST_HELPLINE, LONGEST_SYSTEM, LONGEST_ADDRESS = 120, 80, 300
_OPTIONAL = {
    "helpline": ("咨询电话", LONGEST_HELPLINE),
    "correction_system": ("省级系统名称", LONGEST_SYSTEM),
    "breach_url": ("举报网址", LONGEST_ADDRESS),
    "correction_url": ("省级系统网址", LONGEST_ADDRESS),
}
"""What may be left out -> its title, and how many characters it may have."""
_ADDRESSES = ("breach_url", "correction_url")


@dataclass(frozen=True)
class JoiningSchool:
    """What a new school is made from; what may be left out is empty."""

    code: str
    """Five digits (院校代码)."""
    name: str
    province: str
    """GB/T 2260 code of the province, six digits."""
    helpline: str = ""
    breach_url: str = ""
    correction_system: str = ""
    correction_url: str = ""


def create_school(session: Session, new: JoiningSchool, by: str, at: datetime) -> School:
    """Add a school, and note who did.

    Raises RuleError `code_form`, `school_exists`, `name_form`, `name_taken`, `province_unknown`,
    `address_form`, `text_too_long` or `system_half`, each with its field.
    """
    code, name = _checked_code(new.code), checked_name(new.name, "学校名称")
    _check_name_is_free(session, code, name)
    if not regions.is_province(new.province):
        raise RuleError("province_unknown", "请选择学校所在省份。", "province")
    row = insert_new(session, School).values(
        code=code, name=name, province=new.province, created_at=at, **_more(new)
    )
    made: School | None = session.scalar(row.returning(School))
    if made is None:
        raise RuleError("school_exists", f"院校代码 {code} 已有学校使用，请核对。", "code")
    said = {"code": code, "name": name}
    record = audit.AuditRecord(by, "school_create", f"school:{made.key}", made.id, said)
    audit.note(session, record, at)
    return made


def is_school_code(text: str) -> bool:
    """Say whether a text has the form of a school's code."""
    return text.isascii() and text.isdecimal() and len(text) == CODE_DIGITS


def is_web_address(text: str) -> bool:
    """Say whether a text is the address of a page: https:// or http://, and a host."""
    try:
        parts = urlsplit(text)
    except ValueError:  # a bracket that is no IPv6 address
        return False
    return parts.scheme in {"https", "http"} and bool(parts.netloc)


def _checked_code(text: str) -> str:
    code = clean(text)
    if not is_school_code(code):
        raise RuleError("code_form", f"院校代码为 {CODE_DIGITS} 位数字，请核对。", "code")
    return code


def _check_name_is_free(session: Session, code: str, name: str) -> None:
    """Refuse a name that another school has; the same school's code is what is to be mended."""
    same = select(School.id).where(School.name == name, School.code != code)
    if session.scalar(same) is not None:
        raise RuleError("name_taken", "已有一所学校叫这个名称，请核对。", "name")


def _more(new: JoiningSchool) -> dict[str, str | None]:
    """Return what may be left out, as it is kept."""
    found = {field: clean(getattr(new, field)) for field in _OPTIONAL}
    for field, (title, longest) in _OPTIONAL.items():
        if len(found[field]) > longest:
            raise RuleError("text_too_long", f"{title}最多 {longest} 个字。", field)
    for field in _ADDRESSES:
        if found[field] and not is_web_address(found[field]):
            sentence = f"{_OPTIONAL[field][0]}须以 https:// 或 http:// 开头。"
            raise RuleError("address_form", sentence, field)
    if found["correction_url"] and not found["correction_system"]:
        raise RuleError("system_half", "请填写省级系统名称。", "correction_system")
    return {"helpline": found.pop("helpline")} | {
        name: text or None for name, text in found.items()
    }
