"""Show scored sentences in the terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from cuoshi.classifier import ScoredSentence
from cuoshi.measures import MEASURES

COLOURS = {"隔离": "red", "宣传": "blue", "物资": "green", "问责": "magenta"}

PLAIN_WIDTH = 120
"""Columns where the output is no terminal, which would tell its own."""


def show_document(
    name: str, sentences: Sequence[ScoredSentence], total: int, console: Console
) -> None:
    """Print the sentences of a document, and how many direct each measure.

    Args:
        name: of the document.
        sentences: those to show.
        total: how many sentences the document has.
        console: where to print.
    """
    console.print(Text(name, style="bold"))
    if sentences:
        table = Table(box=SIMPLE_HEAD, pad_edge=False)
        table.add_column("位置", justify="right", no_wrap=True, style="dim")
        table.add_column("措施", no_wrap=True)
        table.add_column("得分", justify="right", no_wrap=True)
        table.add_column("句子", overflow="fold")
        for sentence in sentences:
            given = sentence.measures
            table.add_row(
                str(sentence.start),
                _lines(given),
                "\n".join(f"{sentence.scores[measure]:.2f}" for measure in given),
                Text(sentence.text),
            )
        console.print(table)
    console.print(summarise(sentences, total))


def summarise(sentences: Iterable[ScoredSentence], total: int) -> Text:
    """How many of `total` sentences direct each measure."""
    counts: Counter[str] = Counter()
    directing = 0
    for sentence in sentences:
        counts.update(sentence.measures)
        directing += bool(sentence.measures)
    summary = Text(f"共 {total} 句，{directing} 句提出措施：")
    for i, measure in enumerate(MEASURES):
        summary.append("　" if i else "")
        summary.append(measure, style=COLOURS[measure])
        summary.append(f" {counts[measure]}")
    return summary


def _lines(measures: Iterable[str]) -> Text:
    return Text("\n").join(Text(measure, style=COLOURS[measure]) for measure in measures)
