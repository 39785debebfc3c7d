"""`docs/words.md`: what graduates and receivers read, page by page, for schools to look through."""

import re
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from wording.everywhere import all_sentences
from wording.sentences import Sentence

PARTS = {
    "templates/graduate/": "毕业生的页面",
    "templates/verify/": "接收单位的页面",
    "templates/messages/": "微信消息",
    "templates/privacy/": "个人信息处理说明",
    "miniprogram/": "小程序",
}
"""Folder -> what stands in it. What staff read: `make words`."""
_TITLE = re.compile(r"\{% block title %\}\s*([^{}]+?)\s*\{% endblock")
_HEAD = """# 页面文字

毕业生和接收单位看到的文字，按页面排列；“…”处为填入的内容。由 `make words` 生成，请勿直接修改。
"""


def written(root: Path) -> str:
    """Return the page; a sentence stands once under each page that says it."""
    found = [each for each in all_sentences(root) if _part(each)]
    lines = [_HEAD]
    for part in PARTS.values():
        lines.append(f"## {part}\n")
        mine = (each for each in found if _part(each) == part)
        for path, sentences in groupby(mine, key=lambda each: each.path):
            lines += [f"### {_title(root / path)}\n", *_list(sentences), ""]
    return "\n".join(lines)


def _part(sentence: Sentence) -> str:
    return next((PARTS[each] for each in PARTS if sentence.path.startswith(each)), "")


def _title(path: Path) -> str:
    title = _TITLE.search(path.read_text(encoding="utf-8"))
    return f"{title[1]}（{path.name}）" if title else path.name


def _list(sentences: Iterator[Sentence]) -> Iterator[str]:
    yield from dict.fromkeys(f"- {each.text}" for each in sentences)
