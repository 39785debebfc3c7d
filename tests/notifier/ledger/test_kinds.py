"""The kinds of messages say what their files say; a file that cannot be sent is not loaded."""

from pathlib import Path

import pytest

from notifier.ledger import kinds
from notifier.ledger.kinds import BadKind
from notifier.ledger.wording import campaign_texts, values
from registry.base.errors import RuleError

CONTRACT = {
    "signing_invitation": ("签约邀请通知", ["单位名称", "岗位名称", "截止时间", "温馨提示"]),
    "review_result": ("审核结果通知", ["审核事项", "审核结果", "原因", "审核时间"]),
    "registration_changed": ("登记信息变更通知", ["变更内容", "操作方", "变更时间", "温馨提示"]),
    "confirmation_reminder": ("去向登记确认提醒", ["学校名称", "办理事项", "当前状态", "截止日期"]),
}


@pytest.mark.parametrize("name", CONTRACT)
def test_titles_and_labels_are_those_the_accounts_were_told(name: str) -> None:
    kind = kinds.kinds()[name]
    assert (kind.title, [each.label for each in kind.fields]) == CONTRACT[name]


def read(folder: Path, text: str) -> kinds.Kind:
    path = folder / "made_up.toml"
    path.write_text(text, encoding="utf-8")
    return kinds._read(path)


def test_a_kind_with_an_unknown_type_is_not_loaded(tmp_path: Path) -> None:
    field = '[[fields]]\nlabel = "甲"\ntype = "things"\nvalue = "x"\n'
    with pytest.raises(BadKind, match="unknown type"):
        read(tmp_path, f'title = "题"\npage = "/g/"\n{field}')


def test_a_kind_whose_input_nothing_shows_is_not_loaded(tmp_path: Path) -> None:
    field = '[[fields]]\nlabel = "甲"\ntype = "thing"\nvalue = "x"\n'
    with pytest.raises(BadKind, match="nothing shows"):
        read(tmp_path, f'title = "题"\npage = "/g/"\n{field}[inputs.more]\ntitle = "更多"\n')


def test_an_invitation_goes_out_with_the_reminders_template() -> None:
    invitation = kinds.kinds()["authorization_invitation"]
    assert invitation not in kinds.with_templates()
    texts = campaign_texts(invitation, {"deadline": "2026-06-30"})
    shown = invitation.render(values("某某大学", texts, '{"state": "confirmed"}'))
    assert (shown["办理事项"], shown["当前状态"]) == ("授权接收单位核验毕业去向", "待授权")


def test_a_kind_that_does_not_fit_the_template_it_shares_is_not_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, label, more in (("own", "甲", ""), ("other", "乙", 'template = "own"\n')):
        field = f'[[fields]]\nlabel = "{label}"\ntype = "thing"\nvalue = "x"\n'
        text = f'title = "题"\npage = "/g/"\n{more}{field}'
        (tmp_path / f"{name}.toml").write_text(text, encoding="utf-8")
    monkeypatch.setattr(kinds, "FOLDER", tmp_path)
    with pytest.raises(BadKind, match="its fields are not those of own"):
        kinds.kinds.__wrapped__()


def test_a_reminder_says_who_what_how_it_stands_and_by_when() -> None:
    kind = kinds.kinds()["confirmation_reminder"]
    texts = campaign_texts(kind, {"deadline": "2026-06-30T17:00"})
    shown = kind.render(values("某某大学", texts, '{"state": "disputed"}'))
    assert shown == {
        "学校名称": "某某大学",
        "办理事项": "核对并确认毕业去向登记",
        "当前状态": "确认有误",
        "截止日期": "2026年6月30日 17:00",
    }


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({}, "text_missing"),
        ({"deadline": "月底"}, "text_no_date"),
        ({"deadline": "2026-06-30", "item": "长" * 101}, "text_too_long"),
    ],
    ids=str,
)
def test_a_text_that_is_missing_or_wrong_is_named(given: dict[str, str], code: str) -> None:
    with pytest.raises(RuleError) as refusal:
        campaign_texts(kinds.kinds()["confirmation_reminder"], given)
    assert refusal.value.code == code
    assert refusal.value.field in {"deadline", "item"}


def test_an_empty_field_parks_the_recipient_with_the_label() -> None:
    kind = kinds.kinds()["registration_changed"]
    with pytest.raises(RuleError) as refusal:
        kind.render({"blocks": "", "by": "学校", "at": "2026年6月1日 10:00", "hint": "请核对"})
    assert refusal.value.field == "变更内容"
