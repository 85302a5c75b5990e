"""Find speeches and sentences that are near-copies of each other.

Candidates come from MinHash with locality-sensitive hashing (datasketch); each is then
confirmed by the exact Jaccard similarity of its character shingles.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from datasketch import MinHash, MinHashLSH

SPEECH_SHINGLE = 5
SENTENCE_SHINGLE = 3
PERMUTATIONS = 128
_SEED = 1


def group_speeches(speeches: dict[str, str], threshold: float) -> list[list[str]]:
    """Groups of speeches that are versions of one talk, each speech in exactly one group.

    Args:
        speeches: text by name.
        threshold: Jaccard similarity of five-character shingles from which two belong together.
    """
    shingles = {name: _shingle(text, SPEECH_SHINGLE) for name, text in speeches.items()}
    group = {name: name for name in speeches}
    for name, other in _similar_pairs(shingles, shingles, threshold):
        joined, kept = group[name], group[other]
        group = {n: kept if g == joined else g for n, g in group.items()}
    return [[n for n in speeches if group[n] == g] for g in dict.fromkeys(group.values())]


def find_copies(texts: list[str], originals: Iterable[str], threshold: float) -> dict[int, str]:
    """Which of `texts` are exact or near copies of an original.

    Texts are compared by their letters and ideographs alone; figures and placeholders for
    figures do not count.

    Returns:
        The original by the index of its copy.
    """
    theirs = {text: _shingle(text, SENTENCE_SHINGLE) for text in originals}
    exact = {_letters(text): text for text in theirs}
    copies = {i: exact[key] for i, text in enumerate(texts) if (key := _letters(text)) in exact}
    mine = {
        str(i): _shingle(text, SENTENCE_SHINGLE) for i, text in enumerate(texts) if i not in copies
    }
    for name, original in _similar_pairs(mine, theirs, threshold):
        copies.setdefault(int(name), original)
    return copies


def _letters(text: str) -> str:
    return "".join(c for c in text if c.isalpha() and c not in "xX")


def _shingle(text: str, length: int) -> frozenset[str]:
    letters = _letters(text)
    return frozenset(letters[i : i + length] for i in range(max(len(letters) - length + 1, 1)))


def _similar_pairs(
    these: dict[str, frozenset[str]], those: dict[str, frozenset[str]], threshold: float
) -> Iterator[tuple[str, str]]:
    # A lower threshold for the candidates makes up for MinHash being an estimate.
    index = MinHashLSH(threshold=threshold * 0.7, num_perm=PERMUTATIONS)
    for name, shingles in those.items():
        index.insert(name, _hash(shingles))
    for name, shingles in these.items():
        for other in sorted(index.query(_hash(shingles))):
            if name != other and _jaccard(shingles, those[other]) >= threshold:
                yield name, other


def _hash(shingles: frozenset[str]) -> MinHash:
    hashed = MinHash(num_perm=PERMUTATIONS, seed=_SEED)
    hashed.update_batch([shingle.encode("utf-8") for shingle in shingles])
    return hashed


def _jaccard(a: frozenset[str], b: frozenset[str]) -> float:
    return len(a & b) / len(a | b)
