"""What a program guesses first is no password; what a person makes up with care is one."""

import pytest

from registry.accounts import passwords
from registry.accounts.password_strength import check_password
from registry.base.errors import RuleError


@pytest.mark.parametrize(
    "password",
    [
        *("1234567890", "password12", "qwertyuiop", "1qaz2wsx3edc", "aaaaaaaaaaaa", "woaini1314"),
        *("19900101zhang", "zhangsan-2026", "Zhangsan@2026", "quxiang2026!", "jiuyeban2026"),
        *("Beijing2026", "就业就业就业就业就业", "qingxue-0755"),
    ],
)
def test_what_is_guessed_first_is_refused(password: str) -> None:
    with pytest.raises(RuleError) as refused:
        check_password(password, "zhangsan", "张三", "qingxue")
    assert refused.value.code == "password_too_easy"


@pytest.mark.parametrize(
    "password",
    ["correct horse battery", "a long made-up password", "tai-shan 17 lin-yu 4"],
)
def test_words_that_have_nothing_to_do_with_each_other_are_taken(password: str) -> None:
    check_password(password, "zhangsan", "张三")


def test_each_first_password_that_we_make_up_is_taken() -> None:
    for _ in range(50):
        check_password(passwords.made_up(), "zhangsan", "张三")


def test_a_short_one_is_refused_for_that() -> None:
    with pytest.raises(RuleError) as refused:
        check_password("x7$Qp", "zhangsan")
    assert refused.value.code == "password_too_short"
