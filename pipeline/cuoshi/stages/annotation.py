"""Read the annotation files and check every line of them before anything is built on it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from cuoshi.errors import DataError
from cuoshi.measures import MEASURES
from cuoshi.tags import Role

SPEECHES_FILE = "speeches.jsonl"


class Unit(BaseModel):
    """What every annotated sentence has: its cleaned text and the measures it directs."""

    model_config = ConfigDict(extra="ignore", strict=True, frozen=True)

    text: Annotated[str, Field(min_length=1)]
    labels: list[str]


class SpeechUnit(Unit):
    """A sentence of a real speech, at character offsets into its document."""

    document: str
    start: Annotated[int, Field(ge=0)]
    end: Annotated[int, Field(ge=0)]


class AuthoredUnit(Unit):
    """A single sentence written for the data set."""

    id: str


class AuthoredSpeechUnit(Unit):
    """A sentence of a whole speech written for the data set, in reading order."""

    speech: str
    heading: bool


AUTHORED_FILES: dict[str, type[AuthoredUnit] | type[AuthoredSpeechUnit]] = {
    "authored.jsonl": AuthoredUnit,
    "authored-speeches.jsonl": AuthoredSpeechUnit,
    "authored-speeches-2.jsonl": AuthoredSpeechUnit,
    "authored-speeches-3.jsonl": AuthoredSpeechUnit,
    "authored-speeches-4.jsonl": AuthoredSpeechUnit,
    "authored-documents.jsonl": AuthoredSpeechUnit,
}
"""What was written for the data set, and what its lines are."""


class MarkedBody(BaseModel):
    """A body that is marked in a sentence; offsets are characters of the sentence."""

    model_config = ConfigDict(extra="ignore", strict=True, frozen=True)

    start: Annotated[int, Field(ge=0)]
    end: int
    text: Annotated[str, Field(min_length=1)]
    role: Role


class BodiesUnit(BaseModel):
    """A sentence whose bodies are marked; only those for development are trained on."""

    model_config = ConfigDict(extra="ignore", strict=True, frozen=True)

    text: Annotated[str, Field(min_length=1)]
    set: Literal["development", "validation", "held-out"]
    bodies: list[MarkedBody]


AnyLine = TypeVar("AnyLine", bound=BaseModel)
AnyUnit = TypeVar("AnyUnit", bound=Unit)


class Line(Generic[AnyLine]):
    """A unit and where it stands, for error messages."""

    def __init__(self, path: Path, number: int, unit: AnyLine) -> None:
        self.path, self.number, self.unit = path, number, unit

    @property
    def place(self) -> str:
        """`file:line`."""
        return f"{self.path}:{self.number}"


def read_annotation(path: Path, model: type[AnyUnit]) -> list[Line[AnyUnit]]:
    """Read one JSON Lines file of units.

    Raises:
        DataError: the file is missing or empty, or a line is malformed or names an unknown
            measure.
    """
    lines = _read_lines(path, model)
    for line in lines:
        unknown = [label for label in line.unit.labels if label not in MEASURES]
        if unknown:
            raise DataError(
                f"{line.place}: unknown label {unknown[0]!r}; use {', '.join(MEASURES)}"
            )
    return lines


def read_bodies(paths: Iterable[Path]) -> dict[str, list[MarkedBody]]:
    """The bodies of each sentence that may be trained on, by its text.

    Raises:
        DataError: a file is missing or empty, a line is malformed, a body is not what stands
            at its offsets or overlaps the one before, or a sentence is marked twice.
    """
    seen: dict[str, Line[BodiesUnit]] = {}
    for path in paths:
        for line in _read_lines(path, BodiesUnit):
            _check_bodies(line)
            first = seen.setdefault(line.unit.text, line)
            if first is not line:
                raise DataError(f"{line.place}: {first.place} marks this sentence too; keep one")
    return {text: line.unit.bodies for text, line in seen.items() if line.unit.set == "development"}


def check_consistency(lines: list[Line[AnyUnit]]) -> None:
    """One text carries one set of labels, wherever it stands.

    Raises:
        DataError: two lines give the same text different labels.
    """
    seen: dict[str, Line[AnyUnit]] = {}
    for line in lines:
        first = seen.setdefault(line.unit.text, line)
        if set(first.unit.labels) != set(line.unit.labels):
            raise DataError(
                f"{line.place}: labels {_name(line.unit)} where {first.place} gives the same text "
                f"{_name(first.unit)}; decide by the codebook and correct one"
            )


def check_offsets(lines: list[Line[SpeechUnit]], documents: dict[str, str]) -> None:
    """Every unit lies inside a document that is there.

    Raises:
        DataError: the document is missing, or the offsets point outside it.
    """
    for line in lines:
        unit = line.unit
        if unit.document not in documents:
            raise DataError(
                f"{line.place}: document {unit.document} is not in data/speeches; "
                "add it or remove the line"
            )
        length = len(documents[unit.document])
        if not unit.start < unit.end <= length:
            raise DataError(
                f"{line.place}: offsets {unit.start}-{unit.end} point outside {unit.document} "
                f"({length} characters); correct them"
            )


def _check_bodies(line: Line[BodiesUnit]) -> None:
    position = 0
    for body in line.unit.bodies:
        if body.start < position or body.text != line.unit.text[body.start : body.end]:
            raise DataError(
                f"{line.place}: {body.start}-{body.end} is not {body.text!r} there, or overlaps "
                "the body before; correct the offsets"
            )
        position = body.end


def _read_lines(path: Path, model: type[AnyLine]) -> list[Line[AnyLine]]:
    lines = []
    try:
        content = path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise DataError(f"{path} is missing; restore it from git") from error
    except UnicodeDecodeError as error:
        raise DataError(f"{path} is not UTF-8 (byte {error.start}); save it as UTF-8") from error
    for number, text in enumerate(content.split("\n"), start=1):
        if not text.strip():
            continue
        try:
            unit = model.model_validate(json.loads(text))
        except json.JSONDecodeError as error:
            raise DataError(
                f"{path}:{number}: not valid JSON ({error.msg} at column {error.colno}); "
                "correct the line"
            ) from error
        except ValidationError as error:
            problem = error.errors()[0]
            key = ".".join(str(part) for part in problem["loc"]) or "the line"
            raise DataError(f"{path}:{number}: {key}: {problem['msg']}; correct it") from error
        lines.append(Line(path, number, unit))
    if not lines:
        raise DataError(f"{path} holds no annotated sentence; restore it from git")
    return lines


def _name(unit: Unit) -> str:
    return "、".join(unit.labels) or "(none)"
