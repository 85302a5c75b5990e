"""Recognise what a line is: the title of a piece, a heading, or matter of the web page around it.

All of it is decided from the line alone, so that a document from anywhere can be read;
cutting lines into sentences is left to `cuoshi.text.sentences`.
"""

from __future__ import annotations

import re

HEADING_LENGTH = 45
"""Most characters of a heading that begins with an ordinal."""

PLAIN_HEADING_LENGTH = 30
"""Most characters of a heading without an ordinal, which must be free of marks."""

_NUMERAL = r"[一二三四五六七八九十百零〇\d]{1,4}"
_PIECE_TITLE = re.compile(
    rf"[\s>]*(?:第{_NUMERAL}篇\s*[:：]|篇{_NUMERAL}\s*[:：]|[【\[]\s*篇\s*{_NUMERAL}\s*[】\]])"
)
_ORDINAL = re.compile(
    rf"(?:第{_NUMERAL}[、，,：:\s章节条部]"
    rf"|{_NUMERAL}\s*[、．]|[一二三四五六七八九十]{{1,3}}\."
    rf"|\d{{1,2}}(?:\.\d{{1,2}})*[.)）](?!\d)"
    rf"|[（(]\s*{_NUMERAL}\s*[)）]"
    r"|[①-⑳㈠-㈩])"
)
_STYLES = {
    name: re.compile(rf"\s*(?:{pattern})")
    for name, pattern in {
        "第一章": rf"第{_NUMERAL}[章节条部]",
        "第一，": rf"第{_NUMERAL}",
        "一、": r"[一二三四五六七八九十百零〇]{1,4}\s*[、．.]",
        "（一）": r"[（(]\s*[一二三四五六七八九十百零〇]+\s*[)）]|[㈠-㈩]",
        "（1）": r"[（(]\s*\d+\s*[)）]",
        "1.1": r"\d{1,2}\.\d",
        "1.": r"\d{1,4}\s*[、．.)）]",
        "①": r"[①-⑳]",
    }.items()
}
_ANSWERS = re.compile(
    r"[（(](?:责任|牵头|主办|承办|配合|协办)(?:单位|部门|领导|人)?[：:]"
    r"(?:[^（）()]|[（(][^（）()]{0,20}[）)]){1,200}[）)]\Z"
)
_CLOSING_MARK = re.compile(r"(?:[。！？!?；;：:…，,、]|(?<=[\u4e00-\u9fff])\.)[”’」』）)】》\"']*$")
_MARK = re.compile(r"[。！？!?；;：:…，,“”\"|]")
_WEB_MATTER = re.compile(
    r"以下是(?:小编|[^。]{0,6})?(?:为|给)大家"
    r"|小编(?:为|给)大家"
    r"|(?:仅供|供大家)(?:学习)?参考"
    r"|欢迎(?:品鉴|阅读|下载)"
    r"|^\s*推荐访问\s*[:：]"
    r"|^\s*(?:本文系|本文由|文章来源|来源\s*[:：]|责任编辑|编辑\s*[:：]|上一篇|下一篇|相关阅读|点击(?:查看|下载))"
    r"|请勿(?:照搬|转载)|未经(?:授权|许可)(?:，|,)?(?:不得|禁止)转载"
    r"|演讲稿是人们在|领导讲话稿是各级领导|演讲可以分为"
)


def is_piece_title(line: str) -> bool:
    """Whether a line opens a new piece of a compilation: 第一篇:, 篇二:, 【篇3】."""
    return _PIECE_TITLE.match(line) is not None


def is_heading(line: str) -> bool:
    """Whether a whole line is a heading.

    A heading has no closing mark and either begins with an ordinal (一、 （二） 3. 第四，)
    and is at most `HEADING_LENGTH` characters long, or has no mark at all and is at most
    `PLAIN_HEADING_LENGTH` long. A bracket that says who answers for its section (责任单位：……)
    does not count.
    """
    line = _ANSWERS.sub("", line.strip())
    if not line or _CLOSING_MARK.search(line):
        return False
    if _ORDINAL.match(line):
        return len(line) <= HEADING_LENGTH
    return len(line) <= PLAIN_HEADING_LENGTH and not _MARK.search(line)


def ordinal_style(heading: str) -> str:
    """How a heading is numbered, "一、" or "1." for instance; "" if it is not.

    Headings of one level are numbered alike, whatever order of styles a document takes.
    """
    return next((name for name, style in _STYLES.items() if style.match(heading)), "")


def is_web_matter(sentence: str) -> bool:
    """Whether a sentence belongs to the page that carried the document, not to the document."""
    return _WEB_MATTER.search(sentence) is not None
