"""What the API takes and gives, as its OpenAPI description says it."""

from __future__ import annotations

import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

MAX_TEXTS = 1_000

Measure = Literal["隔离", "宣传", "物资", "问责"]


class Schema(BaseModel):
    """What all share: no field that is not described."""

    model_config = ConfigDict(extra="forbid")


class Texts(Schema):
    """Sentences to classify."""

    texts: list[str] = Field(
        min_length=1,
        max_length=MAX_TEXTS,
        description="The sentences.",
        examples=[["对返乡人员逐一登记、居家观察。"]],
    )
    contexts: list[str] | None = Field(
        default=None,
        description="As many: the headings above each and the end of the sentence before it, "
        "an empty string where there is neither.",
        examples=[["一、加强返乡人员管理"]],
    )


class Scored(Schema):
    """What a sentence directs."""

    measures: list[Measure] = Field(
        description="The measures whose score reaches the model's threshold.", examples=[["隔离"]]
    )
    scores: dict[Measure, float] = Field(
        description="One probability per measure.",
        examples=[{"隔离": 0.9871, "宣传": 0.0102, "物资": 0.0044, "问责": 0.0013}],
    )


class Predictions(Schema):
    """One prediction per text, in the order of the texts."""

    predictions: list[Scored]


class Span(Schema):
    """A part of the document: character offsets into its text, and the part itself."""

    start: int = Field(ge=0)
    end: int = Field(ge=0)
    text: str


class Body(Span):
    """A responsible body (责任单位)."""

    role: Literal["lead", "support"]
    inherited: bool = Field(description="Whether it stands before the task, not in it.")


class Deadline(Span):
    """A time by which, from which or how often something is to be done (时限)."""

    kind: Literal["absolute", "relative", "recurring"]
    date: datetime.date | None = Field(description="The day it falls on, where that can be told.")


class Criterion(Span):
    """What makes a task checkable."""

    kind: Literal["quantity", "condition"]


class Sentence(Span, Scored):
    """A sentence of the document."""

    heading: str = Field(description="The nearest heading above it, or an empty string.")
    web_matter: bool = Field(description="Whether it belongs to the web page around the document.")


class Task(Span, Scored):
    """One thing to be done."""

    number: int = Field(ge=1)
    sentence: int = Field(ge=0, description="The index of its sentence.")
    heading: str
    confidence: float = Field(description="The lowest score among its measures.")
    uncertain: bool = Field(description="Whether a person should look at it.")
    bodies: list[Body]
    deadlines: list[Deadline]
    criteria: list[Criterion]


class Document(Schema):
    """A document, its tasks and all its sentences."""

    document: str = Field(description="Its name.", examples=["speech.docx"])
    reference_date: datetime.date | None = Field(
        description="The day that deadlines are counted from."
    )
    tasks: list[Task]
    text: str = Field(description="Its text, which all offsets point into.")
    sentences: list[Sentence]


class Documents(Schema):
    """The documents of a request; there is always one."""

    documents: list[Document]


class Model(Schema):
    """The model in use."""

    name: str = Field(examples=["export"])
    sha256: str = Field(description="Of its manifest, which holds those of all its files.")
    measures: list[Measure]


class Health(Schema):
    """That the server runs, and with what."""

    status: Literal["ok"]
    version: str = Field(examples=["0.1.0"])
    model: Model
    requests: int = Field(description="How many are being worked for or wait.")


class Problem(Schema):
    """Why a request was refused."""

    detail: str = Field(
        description="What, where and what to do, in one line.",
        examples=["speech.pdf is a picture: run text recognition (OCR) on it first"],
    )
