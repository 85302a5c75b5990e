import io
from dataclasses import replace

from rich.console import Console

from cuoshi.outputs.table import show_document

from .test_rows import SENTENCE


def show(sentences: list, total: int, **console: object) -> str:
    stream = io.StringIO()
    show_document("a.txt", sentences, total, Console(file=stream, width=80, **console))
    return stream.getvalue()


def test_the_table_shows_position_score_and_sentence() -> None:
    shown = show([SENTENCE], 90)
    for part in ("a.txt", "12", "物资", "0.99", "问责", "0.70", SENTENCE.text):
        assert part in shown
    assert "共 90 句，1 句提出措施：隔离 0　宣传 0　物资 1　问责 1" in shown


def test_a_document_cannot_colour_or_hide_its_text() -> None:
    hostile = replace(SENTENCE, text="[red]要登记[/red] [link=http://a]")
    assert hostile.text in show([hostile], 1, force_terminal=True, color_system=None)


def test_a_document_without_measures_has_a_summary_alone() -> None:
    assert "共 3 句，0 句提出措施" in show([], 3)
