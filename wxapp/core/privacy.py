"""The notice on the use of personal data (个人信息处理说明), open to everybody: `/privacy`."""

from dataclasses import dataclass

from flask import Blueprint, render_template

from registry.base.errors import RuleError
from registry.base.retention import TERMS
from registry.record import privacy_notice
from registry.record.privacy_notice import Notice
from wxapp.core.db import reading
from wxapp.core.resources import resources

blueprint = Blueprint("privacy", __name__, url_prefix="/privacy")


@dataclass(frozen=True)
class KeptTerm:
    """How long something is kept here, as the notice says it."""

    title: str
    length: str


def kept_terms() -> list[KeptTerm]:
    """Return how long everything is kept, as the settings have it."""
    keep = resources().settings.keep
    return [KeptTerm(each.title, keep.length(each)) for each in TERMS]


def refuse_another(shown: str, notice: Notice) -> None:
    """Raise RuleError `notice_changed` where somebody agreed to another text than holds now."""
    if shown != notice.version:
        sentence = "个人信息处理说明已更新，请阅读后重新提交。"
        raise RuleError("notice_changed", sentence)


@blueprint.get("")
def page() -> str:
    """Show the notice, of the only school its own, and what staff and receivers are told."""
    with reading() as session:
        notice = privacy_notice.before_binding(session)
    return render_template("privacy/page.html", notice=notice, kept=kept_terms())
