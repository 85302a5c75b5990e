"""Separate a sentence that directs several things into its parts, by asking the classifier again.

Where the cuts may fall is left to `cuoshi.tasks.clauses`; what the parts become is left to
`cuoshi.tasks.extract`.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from cuoshi.classifier import Classifier, Prediction, ScoredSentence
from cuoshi.measures import MEASURES
from cuoshi.tasks.clauses import split_clauses
from cuoshi.tasks.task import Body
from cuoshi.text.document import Context

_HANDED = re.compile("(?:[这此该]件?事|[此该]项工作|(?:相关|以上|上述)工作)?[由归]")
"""How a clause begins that hands the act before it to somebody."""
_ROLE = re.compile("(?:要|具体|全面|统一|总)?(?:负责|牵头|主办|承办|负总责|落实)[。；;！!]?$")
"""What a clause ends in that is nothing but a name and its part in the act before it."""
_SHARED = re.compile("(?:牵头|主办|负总责)$")
"""How a clause ends that goes on with who else does its act."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a sentence that becomes one task.

    Attributes:
        start, end: character offsets into the sentence's cleaned text.
        measures: those it directs, in the order of `MEASURES`.
        scores: one probability per measure.
    """

    start: int
    end: int
    measures: tuple[str, ...]
    scores: dict[str, float]


@dataclass(slots=True)
class _Clause:
    start: int
    end: int
    measures: frozenset[str]
    scores: dict[str, float]
    leads: bool
    is_handed: bool
    is_role: bool
    is_shared: bool


def separate(
    sentences: Sequence[ScoredSentence],
    contexts: Sequence[Context],
    bodies: Sequence[Sequence[Body]],
    classifier: Classifier,
) -> list[list[Part]]:
    """The parts of each sentence, at least one, in order and covering its words.

    A sentence is scored clause by clause where it has several measures, or names bodies to act
    in several clauses. Neighbouring clauses that share a measure stay together unless the later
    one names its own leading bodies: one body's task is not another's. A clause without a
    measure of its own goes with the clause before it; with the one after where it stands first
    or names who acts there. What only says who does the act before it goes with that
    (捐赠物资……，由区红十字会接收; 林业局牵头，乡镇出人).
    Where the clauses together do not give exactly the sentence's measures, the sentence stays
    whole.

    Args:
        sentences: those that direct a measure.
        contexts: for each, what stands above and before it.
        bodies: for each, those found in its cleaned text.
        classifier: scores all clauses of all sentences in one call.
    """
    cuts = [_cut(sentence, found) for sentence, found in zip(sentences, bodies, strict=True)]
    texts, beside = [], []
    for sentence, spans, context in zip(sentences, cuts, contexts, strict=True):
        for start, end in spans:
            texts.append(sentence.text[start:end])
            # The clauses before are to a clause what the sentence before is to a sentence.
            beside.append(context.text(said=sentence.text[:start]))
    predictions = iter(classifier.predict(texts, beside) if texts else [])
    return [
        _group(sentence, found, spans, [next(predictions) for _ in spans])
        for sentence, found, spans in zip(sentences, bodies, cuts, strict=True)
    ]


def _cut(sentence: ScoredSentence, bodies: Sequence[Body]) -> list[tuple[int, int]]:
    """The clauses to score; none where the sentence can only be one task."""
    spans = split_clauses(sentence.text)
    several = len(sentence.measures) > 1 or len(_leading_clauses(bodies, spans)) > 1
    return spans if len(spans) > 1 and several else []


def _group(
    sentence: ScoredSentence,
    bodies: Sequence[Body],
    spans: Sequence[tuple[int, int]],
    predictions: Sequence[Prediction],
) -> list[Part]:
    wanted = frozenset(sentence.measures)
    leading = _leading_clauses(bodies, spans)
    ends = {body.start: body.end for body in bodies}
    clauses = [
        _Clause(
            *span,
            measures=wanted.intersection(prediction.measures),
            scores=dict(prediction.scores),
            leads=number in leading,
            is_handed=_HANDED.match(sentence.text, span[0]) is not None,
            is_role=_ROLE.fullmatch(sentence.text, ends.get(span[0], span[0]), span[1]) is not None,
            is_shared=_SHARED.search(sentence.text[slice(*span)]) is not None,
        )
        for number, (span, prediction) in enumerate(zip(spans, predictions, strict=True))
    ]
    if not clauses or wanted != frozenset().union(*(clause.measures for clause in clauses)):
        return [Part(0, len(sentence.text), sentence.measures, dict(sentence.scores))]
    groups: list[_Clause] = []
    for clause, after in zip(clauses, [*clauses[1:], None], strict=True):
        if groups and _belongs(groups[-1], clause) and not _leads_up_to(clause, after):
            _merge(groups[-1], clause)
        else:
            groups.append(clause)
    return [
        Part(
            group.start,
            group.end,
            tuple(measure for measure in MEASURES if measure in group.measures),
            group.scores,
        )
        for group in groups
    ]


def _belongs(group: _Clause, clause: _Clause) -> bool:
    if not group.measures or not clause.measures:
        return True
    if not group.measures & clause.measures:
        return False
    if not clause.leads or clause.is_role or group.is_shared:
        return True
    return clause.is_handed and not group.leads


def _leads_up_to(clause: _Clause, after: _Clause | None) -> bool:
    """Whether a clause without a measure names who acts in the one after it."""
    if clause.measures or clause.is_role or not clause.leads or after is None:
        return False
    return bool(after.measures) and not after.leads


def _merge(group: _Clause, clause: _Clause) -> None:
    """A clause's scores are its own; of several the highest says what they direct together."""
    group.end = clause.end
    group.measures |= clause.measures
    group.leads |= clause.leads
    group.is_shared = clause.is_shared
    group.scores = {m: max(score, clause.scores[m]) for m, score in group.scores.items()}


def _leading_clauses(bodies: Sequence[Body], spans: Sequence[tuple[int, int]]) -> set[int]:
    """Numbers of the clauses that name a leading body."""
    starts = [start for start, _ in spans]
    leading = set()
    for body in bodies:
        number = bisect_right(starts, body.start) - 1
        if body.role == "lead" and number >= 0 and body.end <= spans[number][1]:
            leading.add(number)
    return leading
