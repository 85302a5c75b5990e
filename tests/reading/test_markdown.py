from __future__ import annotations

import re

import pytest

from cuoshi.errors import DocumentError
from cuoshi.reading import markdown
from cuoshi.reading.markdown import read_markdown

SOURCE = """---
title: 讲话
tags: [疫情]
---
# 一、加强领导

\u3000\u3000各乡镇要**立即**行动，*不得*延误，落实**“四早”**要求。
第二行<br>第三行

    缩进的段落要登记。

3. 甲[链接](http://a.b "t")
4. 乙
   - 丙 `代码` ![图](x.png)

| 措施 | 单位 |
|------|------|
| 排查 | 卫健委 |

```text
围栏里的话。
```

<div>一块<br>HTML</div>

> 1\\. 引文 &amp; &lt;

副题
====
"""

TEXT = """一、加强领导

各乡镇要立即行动，不得延误，落实“四早”要求。
第二行
第三行

缩进的段落要登记。

3. 甲链接

4. 乙

丙 代码

措施\u3000单位

排查\u3000卫健委

围栏里的话。

一块
HTML

1. 引文 & <

副题"""


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_markdown_becomes_the_lines_that_it_stands_for(line_end: str) -> None:
    data = SOURCE.replace("\n", line_end).encode("gb18030")
    assert read_markdown(data, "x.md") == (TEXT, "gb18030")


def test_plain_speeches_lose_no_sentence_as_markdown(speeches: dict[str, str]) -> None:
    for text in speeches.values():
        read = read_markdown(text.encode(), "x.md")[0]
        # Blanks and Markdown's own marks may go: two speeches have * and _ for names.
        assert re.sub(r"[\s>*_]", "", read) == re.sub(r"[\s>*_]", "", text)


@pytest.mark.parametrize("mark", ["[", "*a ", "`", "<a ", "![["])
def test_unclosed_marks_without_end_cost_little(mark: str) -> None:
    data = ("甲" + mark * 200_000 + "正文。").encode()
    assert read_markdown(data, "x.md")[0].endswith("正文。")


@pytest.mark.parametrize("mark", ["> ", "- ", "1. "])
def test_nesting_without_end_is_refused(mark: str) -> None:
    assert read_markdown((mark * 10 + "深处。").encode(), "x.md")[0].endswith("深处。")
    with pytest.raises(DocumentError, match="more than 50 deep: flatten"):
        read_markdown((mark * 50_000 + "深处。").encode(), "x.md")


def test_too_much_markdown_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(markdown, "MAX_MARKDOWN_CHARACTERS", 9)
    with pytest.raises(DocumentError, match="10 characters of Markdown, more than 9: split it"):
        read_markdown(b"a" * 10, "x.md")
