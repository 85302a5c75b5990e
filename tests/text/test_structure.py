import json

import pytest

from cuoshi.text.structure import is_heading, is_piece_title, is_web_matter

from ..conftest import PROJECT


@pytest.mark.parametrize(
    "line",
    [
        "一、加强组织领导",
        "（二）强化保障",
        "3. 做好宣传",
        "第四，抓好落实",
        "疫情防控工作要点",
        "（三）药品储备（牵头单位：市卫健委；配合单位：各区（县）人民政府、市医保局、市财政局、市商务局）",
    ],
)
def test_headings(line: str) -> None:
    assert is_heading(line)


@pytest.mark.parametrize(
    "line",
    [
        "同志们：",
        "一、加强组织领导。",
        "一是加强领导，要做到守土有责",
        "一、" + "加强领导" * 12,
        "一、" + "加强领导" * 12 + "（责任单位：县政府）",
        "要做好排查，不漏一人",
        "",
        "3.5万人返乡，其中",
    ],
)
def test_other_lines(line: str) -> None:
    assert not is_heading(line)


def test_headings_of_the_authored_speeches_are_recognised() -> None:
    path = PROJECT / "data" / "annotation" / "authored-speeches.jsonl"
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    wrong = [row["text"] for row in rows if is_heading(row["text"]) != row["heading"]]
    # Titles of speeches that are longer than a heading may be.
    assert len(wrong) == 3
    assert all("讲话" in text for text in wrong)


@pytest.mark.parametrize("line", ["第一篇: 讲话", "篇二:讲话", " 【篇3】讲话", "第十二篇：讲话"])
def test_piece_titles(line: str) -> None:
    assert is_piece_title(line)


@pytest.mark.parametrize("line", ["第一，讲话", "篇幅所限：", "一篇讲话", "【通知】"])
def test_other_titles(line: str) -> None:
    assert not is_piece_title(line)


@pytest.mark.parametrize(
    "sentence",
    [
        "以下是为大家整理的关于疫情防控的文章5篇 ,欢迎品鉴！",
        "推荐访问:疫情防控部署会书记讲话 疫情 防控 部署",
        "本文系作者原创投稿，仅供学习参考，请勿照搬照抄！",
    ],
)
def test_web_matter(sentence: str) -> None:
    assert is_web_matter(sentence)


def test_hardly_a_sentence_with_a_measure_is_web_matter() -> None:
    taken = []
    for name in ("speeches", "authored", "authored-speeches"):
        path = PROJECT / "data" / "annotation" / f"{name}.jsonl"
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        taken += [row["text"] for row in rows if row["labels"] and is_web_matter(row["text"])]
    # A page's teaser that quotes a demand of the speech below it.
    assert len(taken) == 1
    assert taken[0].endswith("下面是小编为大家整理的疫情防控部署会书记讲话4篇,供大家参考。")
