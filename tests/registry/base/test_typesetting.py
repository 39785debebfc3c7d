"""Reports become PDF files quickly, alike, and from several threads at a time."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
import typst
from hypothesis import given
from hypothesis import strategies as st

from registry.base import typesetting
from registry.base.errors import RuleError
from tests.pdf_reading import rightmost_of, words_of

AT = datetime(2026, 6, 10, 2, 0, tzinfo=UTC)
MEGABYTES = 60
"""By which the peak may vary; what is kept of 200 addresses is some 40."""
MARKUP = st.text(alphabet="#*_$`<>@=-+/\\[](){}\"'~\n 海a1", max_size=60)


def content(name: str) -> dict[str, object]:
    lines = [{"title": "姓名", "value": name, "wide": len(name) > 16}]
    return {
        "title": "高校毕业生去向登记信息表",
        "subtitle": "",
        "issuer": "测试大学",
        "blocks": [{"title": "基本信息", "lines": lines}],
        "notes": [name],
        "footer": name,
    }


def test_the_same_content_gives_the_same_file() -> None:
    first = typesetting.typeset("destination", content("李娟"), AT)
    assert typesetting.typeset("destination", content("李娟"), AT) == first
    assert typesetting.typeset("destination", content("王芳"), AT) != first


def test_threads_do_not_wait_for_each_other_nor_mix_up() -> None:
    names = [f"李{number}" for number in range(24)]
    alone = [typesetting.typeset("destination", content(name), AT) for name in names]
    with ThreadPoolExecutor(4) as threads:
        together = list(
            threads.map(lambda name: typesetting.typeset("destination", content(name), AT), names)
        )
    assert together == alone


_PEAKS = """
import resource
from datetime import UTC, datetime
from registry.base import typesetting

def peak(number):
    for part in range(number):
        addresses = [
            dict.fromkeys(("unit", "address", "postcode", "contact", "phone"), f"{part}/{each}")
            | {"reference": str(each)}
            for each in range(200)
        ]
        sender = dict.fromkeys(("unit", "address", "postcode", "phone"), "海尔路")
        content = {"title": "标签", "size": "", "sender": sender, "addresses": addresses}
        typesetting.typeset("address_labels", content, datetime(2026, 6, 10, tzinfo=UTC))
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024

print(peak(2), peak(8))
"""


def test_many_large_documents_take_no_more_memory_than_two() -> None:
    said = subprocess.run(
        [sys.executable, "-c", _PEAKS], capture_output=True, text=True, check=True
    ).stdout
    of_two, of_ten = map(int, said.split())
    assert of_ten - of_two < MEGABYTES, said


@given(MARKUP)
def test_whatever_is_written_it_is_printed_as_text(text: str) -> None:
    assert typesetting.typeset("destination", content(text), AT).startswith(b"%PDF-")


@pytest.mark.parametrize("text", ["\U0002a6d6", "李\U0002a6d6娟", "名😀字", "\ue000"])
def test_what_the_font_lacks_is_refused_by_name(text: str) -> None:
    with pytest.raises(RuleError) as refused:
        typesetting.typeset("destination", content(text), AT)
    assert refused.value.code == "unprintable"


def test_what_the_font_lacks_is_a_gap_where_it_may_be_left_out() -> None:
    names = ["软件😀1", "", "材料\U0002a6d6\ue000", "👩👍班", "化工1", "=#*_$`<@"]
    printed = typesetting.with_gaps([*names, names[0]], AT)
    assert list(printed) == names
    assert list(printed.values()) == ["软件□1", "", "材料□□", "□□班", "化工1", "=#*_$`<@"]


def test_a_fault_of_the_template_is_no_fault_of_hers() -> None:
    with pytest.raises(typst.TypstError):
        typesetting.typeset("destination", {"title": "没有别的"}, AT)


@pytest.mark.parametrize("value", ["W" * 120, f"{'a' * 70}@example.edu.cn", "Å" * 90])
@pytest.mark.parametrize("wide", [True, False])
def test_a_word_longer_than_its_cell_is_broken_and_not_printed_off_the_page(
    value: str, *, wide: bool
) -> None:
    lines = [{"title": "单位名称", "value": value, "wide": wide}] * 2
    said = {**content("李娟"), "blocks": [{"title": "毕业去向", "lines": lines}]}
    printed = typesetting.typeset("destination", said, AT)
    assert rightmost_of(printed) < 0.9
    assert words_of(printed).replace("\u200b", "").count(value) == 2


def test_a_code_that_fits_its_cell_can_be_copied_whole() -> None:
    code = "91350100M000100Y43"
    said = {**content("李娟"), "blocks": [{"title": "毕业去向", "lines": [
        {"title": "统一社会信用代码", "value": code, "wide": True}
    ]}]}  # fmt: skip
    assert code in words_of(typesetting.typeset("destination", said, AT))


def test_a_posting_slip_breaks_long_words_too() -> None:
    name = "W" * 80
    line = {"title": "档案接收联系人", "value": name, "wide": False}
    slip = {
        **dict.fromkeys(("receiver", "said", "answer", "back"), f"兹将{name}的档案"),
        "reference": "2026-0022600001",
        "lines": [line, line],
    }
    said = {"title": "转递单", "issuer": "测试大学", "hint": "", "slips": [slip]}
    assert rightmost_of(typesetting.typeset("posting_slips", said, AT)) < 0.9
