"""What people read: found wherever it is written, without the words that others stand for."""

from pathlib import Path

import pytest

from wording import mini_program, school_page
from wording.banned import BANNED
from wording.everywhere import all_sentences
from wording.sentences import Sentence, of_message, of_python, of_report, of_template

ROOT = Path(__file__).parents[2]
FILES = 300
"""There are more than so many with sentences in them."""


@pytest.fixture(scope="module")
def sentences() -> list[Sentence]:
    """Give all of them."""
    found = all_sentences(ROOT)
    assert len({each.path for each in found}) > FILES
    return found


def test_no_word_is_used_that_another_stands_for(sentences: list[Sentence]) -> None:
    wrong = [
        f"{each.path}:{each.line}: {each.text!r}: not {word}, but {better}"
        for each in sentences
        for word, better in BANNED.items()
        if word in each.text
    ]
    assert wrong == []


def test_the_page_for_schools_is_what_pages_say_today() -> None:
    written = (ROOT / "docs" / "words.md").read_text(encoding="utf-8")
    assert written == school_page.written(ROOT), "make words writes it anew"
    assert len(written.encode()) < 100_000


def test_a_sentence_goes_on_over_what_is_filled_in_and_ends_with_its_block() -> None:
    page = """<p>共 <b>{{ total }}</b> 人{% if late %}，已截止{% else %}未截止{% endif %}。</p>
<input placeholder="如 {{ name }}" aria-label="姓名">{{ badge("已通过") }}<script>"不读"</script>"""
    said = {(each.line, each.text) for each in of_template("a.html", page)}
    assert said == {
        (1, "共 … 人，已截止"),
        (1, "未截止。"),
        (2, "如 …"),
        (2, "姓名"),
        (2, "已通过"),
    }


def test_literals_of_a_module_are_read_and_docstrings_are_not() -> None:
    module = '"""不读"""\nA = "姓名"\n"""也不读"""\nB = f"共 {A} 人"\n'
    said = [(each.line, each.text) for each in of_python("a.py", module)]
    assert said == [(2, "姓名"), (4, "共 … 人")]


def test_messages_and_reports_are_read_by_line() -> None:
    message = '# 不读\ntitle = "签约邀请通知"\nkey = "unit"\n'
    assert list(of_message("a.toml", message)) == [Sentence("a.toml", 2, "签约邀请通知")]
    report = '// 不读\n#heading("回执")\n[实收：档案]\n'
    assert [each.text for each in of_report("a.typ", report)] == ["回执", "实收：档案"]


def test_the_mini_program_is_read_in_its_pages_and_its_scripts() -> None:
    page = """<view>
<button title="{{late ? '已截止' : ''}}">登录<text bindtap="on">《指引》</text></button>"""
    said = {(each.line, each.text) for each in mini_program.of_page("a.wxml", page)}
    assert said == {(2, "已截止"), (2, "登录《指引》")}
    script = 'const a = "姓名"; // 不读\n/** 也不读\n */\nsay(`x`, "证件号码");\n'
    said = {(each.line, each.text) for each in mini_program.of_script("a.js", script)}
    assert said == {(1, "姓名"), (4, "证件号码")}
