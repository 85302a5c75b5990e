"""Write a fine-tuned BertForSequenceClassification as two ONNX graphs: fp32, and 8-bit integers.

The graphs are built node by node from the weights instead of traced, so that what the processor
runs is what this module says. Both take `input_ids`, `attention_mask` and `token_type_ids`
(int64, any batch and length) and give float32 logits: `logits` of the measures, `(n, 4)`, and
`tags` of the tokens, `(n, length, 5)`. onnxruntime loads them as they are. Whether their answers
are good enough is for the stage that calls this to judge.

Three things make both quick without changing the answer: tokens are one long list of rows
outside the attention; 1/sqrt(head width) is folded into the query's weights; and the last layer
computes its query and everything after it for the first token alone, which the pooler reads;
tags are read off the layer before it.

The integer graph
-----------------
Weights are int8 with one scale per output, activations uint8, products int32. onnxruntime's
`quantize_dynamic` takes one scale per tensor, that is per batch: a sentence's scores then depend
on its neighbours. Here every scale is either a constant or belongs to one token:

- What a layer norm or the attention gives has a constant scale, measured on `sample`. A few
  channels of a layer norm's output are ten times larger than the rest; they are divided by a
  constant per channel first and the weights multiplied by it (SmoothQuant, arXiv:2211.10438).
- What Gelu gives has rare values a hundred times the usual (32 where most stay below 0.3), so
  each token has its own scale there.

Weights use 7 of 8 bits. Without VNNI, onnxruntime multiplies u8 by s8 with VPMADDUBSW, whose sum
of two products saturates at 32,767: 2 * 255 * 63 = 32,130 stays below, 2 * 255 * 127 does not
(https://onnxruntime.ai/docs/performance/model-optimizations/quantization.html, "when and why do
I need to try U8U8"). uint8 weights need no such care but run at half the speed even with VNNI.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np
import onnx
import onnxruntime as ort
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from safetensors import SafetensorError
from safetensors.numpy import load_file

from cuoshi.errors import ModelError
from cuoshi.files import replace_file
from cuoshi.stages.config import TAGGER_FILE
from cuoshi.tags import TAGS

Floats = NDArray[np.float32]
Feed = Mapping[str, NDArray[np.int64]]

INPUTS: Final = ("input_ids", "attention_mask", "token_type_ids")
OPSET: Final = 20
"""The first opset with Gelu and LayerNormalization as one node each; onnxruntime >= 1.17."""

_MICROSOFT: Final = "com.microsoft"
_IR_VERSION: Final = 9

_WEIGHT_LIMIT: Final = 63
_GELU_LOW: Final = np.float32(0.17)
"""Gelu is never below -0.16998."""
_SMOOTHING: Final = 0.65
"""Exponent of the activations against the weights; 0.3, 0.5 and 0.8 gave larger errors."""
_DAMPING: Final = 0.01
"""Share of the mean diagonal added to a gram matrix, as GPTQ does."""
_SAMPLE_BATCH: Final = 8
"""Sentences observed at a time: every value of every layer is in memory then."""
_SAMPLE_STEP: Final = 4
"""Every fourth such part goes into the gram matrices: 1,024 sentences are plenty."""
_BLOCK: Final = 128
"""Columns rounded before the rest is told; any number gives the same integers."""
_ONE: Final = np.float32(1)
_LEAST: Final = np.float32(1e-6)
"""Stands for 0 where something is divided by it."""


def write_fp32(trained: Path, output: Path, opset: int = OPSET) -> None:
    """Write the model in `trained` as fp32 in standard operators.

    Args:
        trained: folder with config.json and model.safetensors, as transformers writes them, and
            the head for tags.
        output: the .onnx file.
        opset: of the standard operators, 20 or later.

    Raises:
        ModelError: the folder has no such model, or one that is not a plain BERT.
    """
    _save(_build(_Bert.read(trained), _Fp32(), opset), output)


def write_int8(trained: Path, output: Path, sample: Iterable[Feed], opset: int = OPSET) -> None:
    """Write the model in `trained` with 8-bit weights, activations and word embeddings.

    Args:
        trained: folder with config.json and model.safetensors, as transformers writes them, and
            the head for tags.
        output: the .onnx file.
        sample: inputs of the graph, such as the training material gives, from which the ranges
            of the activations are taken: some hundred sentences, with and without context.
        opset: of the standard operators, 20 or later.

    Raises:
        ModelError: the folder has no such model, or one that is not a plain BERT, or the sample
            is empty.
    """
    bert = _Bert.read(trained)
    seen = _observe(bert, sample, opset)
    _save(_build(bert, _Int8(seen), opset), output)


class _Bert:
    """The weights by their names in transformers, and the few numbers of the configuration."""

    def __init__(self, config: dict[str, Any], weights: dict[str, Floats]) -> None:
        self.weights = weights
        self.width: int = config["hidden_size"]
        self.heads: int = config["num_attention_heads"]
        self.layers: int = config["num_hidden_layers"]
        self.epsilon: float = config["layer_norm_eps"]

    @classmethod
    def read(cls, trained: Path) -> _Bert:
        try:
            config = json.loads((trained / "config.json").read_text(encoding="utf-8"))
            weights = load_file(trained / "model.safetensors")
            tagger = load_file(trained / TAGGER_FILE)
        except FileNotFoundError as error:
            raise ModelError(f"{error.filename or trained} is missing; train the model") from error
        except (ValueError, SafetensorError) as error:
            raise ModelError(f"{trained} cannot be read: {error}; train the model anew") from error
        kind = config.get("architectures"), config.get("hidden_act")
        if kind != (["BertForSequenceClassification"], "gelu"):
            raise ModelError(
                f"{trained} holds {kind[0]} with the activation {kind[1]}; the export writes "
                "BertForSequenceClassification with gelu: choose such a base encoder"
            )
        weights |= {f"tagger.{name}": value for name, value in tagger.items()}
        return cls(config, {name: value.astype(np.float32) for name, value in weights.items()})

    def linear(self, name: str) -> tuple[Floats, Floats]:
        """Weight `(out, in)` and bias `(out,)`."""
        return self.weights[f"{name}.weight"], self.weights[f"{name}.bias"]


class _Graph:
    """Nodes and constants in the making; a value is known by its name."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: dict[str, onnx.TensorProto] = {}

    def add(self, operator: str, *inputs: str, domain: str = "", **attributes: Any) -> str:
        name = f"{operator}_{len(self.nodes)}"
        self.nodes.append(
            helper.make_node(operator, inputs, [name], name=name, domain=domain, **attributes)
        )
        return name

    def constant(self, value: Any, name: str | None = None) -> str:
        array = np.asarray(value, order="C")
        name = name or f"constant_{len(self.constants)}"
        if name not in self.constants:
            self.constants[name] = numpy_helper.from_array(array, name)
        return name

    def axes(self, *values: int) -> str:
        return self.constant(np.array(values, dtype=np.int64), f"int64_{values}")

    def integer(self, value: int) -> str:
        return self.constant(np.array(value, dtype=np.int64), f"int64_{value}")


class _Arithmetic(Protocol):
    """How a graph keeps its word vectors and multiplies by its weights."""

    def words(self, graph: _Graph, table: Floats) -> str: ...

    def linear(self, graph: _Graph, x: str, weight: Floats, bias: Floats, name: str) -> str: ...


class _Fp32:
    """The model as it was trained."""

    def __init__(self) -> None:
        self.inputs: dict[str, str] = {}

    def words(self, graph: _Graph, table: Floats) -> str:
        return graph.add("Gather", graph.constant(table, "word_embeddings"), "input_ids")

    def linear(self, graph: _Graph, x: str, weight: Floats, bias: Floats, name: str) -> str:
        self.inputs[name] = x
        product = graph.add("MatMul", x, graph.constant(weight.T, f"{name}.weight"))
        return graph.add("Add", product, graph.constant(bias, f"{name}.bias"))


class _Int8:
    """8-bit words, weights and activations; see the module's docstring."""

    def __init__(self, seen: Mapping[str, _Seen]) -> None:
        self.seen = seen
        self.quantized: dict[str, tuple[str, str, str, Floats]] = {}

    def words(self, graph: _Graph, table: Floats) -> str:
        scale = _positive(np.abs(table).max(axis=1, keepdims=True) / np.float32(127))
        steps = graph.constant(np.rint(table / scale).astype(np.int8), "word_embeddings")
        floats = graph.add("Cast", graph.add("Gather", steps, "input_ids"), to=TensorProto.FLOAT)
        scales = graph.add("Gather", graph.constant(scale, "word_embeddings.scale"), "input_ids")
        return graph.add("Mul", floats, scales)

    def linear(self, graph: _Graph, x: str, weight: Floats, bias: Floats, name: str) -> str:
        if _reads_gelu(name):
            return self._scale_per_token(graph, x, weight, bias, name)
        return self._constant_scale(graph, x, weight, bias, name)

    def _constant_scale(
        self, graph: _Graph, x: str, weight: Floats, bias: Floats, name: str
    ) -> str:
        seen = self.seen[name]
        if x not in self.quantized:
            self.quantized[x] = self._quantize(graph, x, name)
        steps, scale, zero, channels = self.quantized[x]
        integers, weight_scale = _integers(
            weight * channels, seen.gram / np.outer(channels, channels)
        )
        bias = bias + _mean_error(weight, integers, weight_scale, seen.mean, channels)
        return graph.add(
            "MatMulIntegerToFloat",
            steps,
            graph.constant(integers.T, f"{name}.weight"),
            scale,
            graph.constant(weight_scale, f"{name}.weight_scale"),
            zero,
            "",
            graph.constant(bias, f"{name}.bias"),
            domain=_MICROSOFT,
        )

    def _quantize(self, graph: _Graph, x: str, name: str) -> tuple[str, str, str, Floats]:
        """Names of `x` in steps, its scale and its zero; by what its channels were divided."""
        seen = self.seen[name]
        channels = np.ones_like(seen.mean)
        if not name.endswith(".attention.output.dense"):
            channels = _smoothing(seen)
            x = graph.add("Mul", x, graph.constant(1 / channels, f"{name}.smoothing"))
        # Clipping what is rare costs accuracy: the largest values are the model's own signals.
        low, high = (seen.low / channels).min(), (seen.high / channels).max()
        scale = np.float32(max(high - low, 1e-6) / 255)
        scale_name = graph.constant(scale, f"{name}.scale")
        zero = graph.constant(np.uint8(np.rint(-low / scale)), f"{name}.zero")
        return graph.add("QuantizeLinear", x, scale_name, zero), scale_name, zero, channels

    def _scale_per_token(
        self, graph: _Graph, x: str, weight: Floats, bias: Floats, name: str
    ) -> str:
        # x = (steps - zero) * scale, with scale * zero = 0.17 for every token: then the zero's
        # part of the product is one constant, and goes into the bias.
        low = graph.constant(_GELU_LOW, "gelu_low")
        top = graph.add("ReduceMax", x, graph.axes(-1), keepdims=0)
        span = graph.add("Add", graph.add("Relu", top), low)
        zero = graph.add("Div", graph.constant(_GELU_LOW * np.float32(255), "gelu_steps"), span)
        one = graph.constant(_ONE, "one")
        zero = graph.add("Max", graph.add("Floor", zero), one)
        scale = graph.add("Div", low, zero)
        steps = graph.add(
            "QuantizeLinear", x, scale, graph.add("Cast", zero, to=TensorProto.UINT8), axis=0
        )
        seen = self.seen[name]
        integers, weight_scale = _integers(weight, seen.gram)
        product = graph.add(
            "MatMulIntegerToFloat",
            steps,
            graph.constant(integers.T, f"{name}.weight"),
            one,
            graph.constant(weight_scale, f"{name}.weight_scale"),
            domain=_MICROSOFT,
        )
        bias = bias + _mean_error(weight, integers, weight_scale, seen.mean)
        sums = integers.sum(axis=1, dtype=np.int32).astype(np.float32)
        bias = bias - _GELU_LOW * sums * weight_scale
        product = graph.add("Mul", product, graph.add("Unsqueeze", scale, graph.axes(1)))
        return graph.add("Add", product, graph.constant(bias, f"{name}.bias"))


def _build(bert: _Bert, arithmetic: _Arithmetic, opset: int) -> onnx.ModelProto:
    """The whole model; `rows` are tokens, `(batch * length, width)`."""
    graph = _Graph()
    shape = graph.add("Shape", "input_ids")
    batch, length = (graph.add("Gather", shape, graph.integer(axis)) for axis in (0, 1))
    row_shape = graph.axes(-1, bert.width)
    rows = graph.add("Reshape", _embed(graph, bert, arithmetic, length), row_shape)
    steps = graph.add("Range", graph.integer(0), batch, graph.integer(1))
    first_rows = graph.add("Mul", steps, length)

    head_shape = graph.axes(bert.heads, bert.width // bert.heads)
    every = graph.add("Concat", shape, head_shape, axis=0)
    batch_and_one = graph.add(
        "Concat", graph.add("Unsqueeze", batch, graph.axes(0)), graph.axes(1), axis=0
    )
    single = graph.add("Concat", batch_and_one, head_shape, axis=0)

    mask = graph.add("Cast", "attention_mask", to=TensorProto.FLOAT)
    mask = graph.add("Sub", mask, graph.constant(_ONE, "one"))
    # exp(-10,000) is 0 in fp32: a padded token weighs nothing at all.
    mask = graph.add("Mul", mask, graph.constant(np.float32(1e4), "mask_weight"))
    mask = graph.add("Unsqueeze", mask, graph.axes(1, 2))

    fp32 = _Fp32()
    for layer in range(bert.layers):
        name = f"bert.encoder.layer.{layer}"
        last = layer == bert.layers - 1
        if last:
            tags = fp32.linear(graph, rows, *bert.linear("tagger"), "tagger")
        asking = graph.add("Gather", rows, first_rows) if last else rows

        def linear(x: str, part: str, factor: float = 1.0, name: str = name) -> str:
            weight, bias = (np.float32(factor) * value for value in bert.linear(f"{name}.{part}"))
            return arithmetic.linear(graph, x, weight, bias, f"{name}.{part}")

        def heads(x: str, split: str, order: list[int]) -> str:
            return graph.add("Transpose", graph.add("Reshape", x, split), perm=order)

        factor = (bert.width // bert.heads) ** -0.5
        query = linear(asking, "attention.self.query", factor)
        query = heads(query, single if last else every, [0, 2, 1, 3])
        key = heads(linear(rows, "attention.self.key"), every, [0, 2, 3, 1])
        value = heads(linear(rows, "attention.self.value"), every, [0, 2, 1, 3])
        scores = graph.add("Add", graph.add("MatMul", query, key), mask)
        read = graph.add("MatMul", graph.add("Softmax", scores, axis=-1), value)
        read = graph.add("Reshape", graph.add("Transpose", read, perm=[0, 2, 1, 3]), row_shape)

        rows = graph.add("Add", linear(read, "attention.output.dense"), asking)
        rows = _normalize(graph, bert, rows, f"{name}.attention.output.LayerNorm")
        wide = graph.add("Gelu", linear(rows, "intermediate.dense"))
        rows = graph.add("Add", linear(wide, "output.dense"), rows)
        rows = _normalize(graph, bert, rows, f"{name}.output.LayerNorm")

    # One row a sentence: fp32 costs nothing here.
    rows = fp32.linear(graph, rows, *bert.linear("bert.pooler.dense"), "bert.pooler.dense")
    rows = graph.add("Tanh", rows)
    weight, bias = bert.linear("classifier")
    logits = fp32.linear(graph, rows, weight, bias, "classifier")
    graph.nodes.append(helper.make_node("Identity", [logits], ["logits"], name="logits"))
    shape = graph.add("Concat", shape, graph.axes(-1), axis=0)
    graph.nodes.append(helper.make_node("Reshape", [tags, shape], ["tags"], name="tags"))

    inputs = [helper.make_tensor_value_info(i, TensorProto.INT64, ["n", "length"]) for i in INPUTS]
    outputs = [
        helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["n", len(bias)]),
        helper.make_tensor_value_info("tags", TensorProto.FLOAT, ["n", "length", len(TAGS)]),
    ]
    return helper.make_model(
        helper.make_graph(
            graph.nodes, "classifier", inputs, outputs, list(graph.constants.values())
        ),
        producer_name="cuoshi",
        opset_imports=[helper.make_opsetid("", opset), helper.make_opsetid(_MICROSOFT, 1)],
        ir_version=_IR_VERSION,
    )


def _embed(graph: _Graph, bert: _Bert, arithmetic: _Arithmetic, length: str) -> str:
    """Word, segment and position, normalised: `(batch, length, width)`."""
    name = "bert.embeddings"
    words = arithmetic.words(graph, bert.weights[f"{name}.word_embeddings.weight"])
    table = graph.constant(bert.weights[f"{name}.token_type_embeddings.weight"], "segments")
    summed = graph.add("Add", words, graph.add("Gather", table, "token_type_ids"))
    table = graph.constant(bert.weights[f"{name}.position_embeddings.weight"], "positions")
    end = graph.add("Unsqueeze", length, graph.axes(0))
    positions = graph.add("Slice", table, graph.axes(0), end, graph.axes(0))
    return _normalize(graph, bert, graph.add("Add", summed, positions), f"{name}.LayerNorm")


def _normalize(graph: _Graph, bert: _Bert, x: str, name: str) -> str:
    weight, bias = bert.linear(name)
    return graph.add(
        "LayerNormalization",
        x,
        graph.constant(weight, f"{name}.weight"),
        graph.constant(bias, f"{name}.bias"),
        axis=-1,
        epsilon=bert.epsilon,
    )


@dataclass
class _Seen:
    """What linear layers read over the sample; layers that read the same value share one."""

    width: int
    weights: Floats
    """Greatest absolute weight that meets each channel, `(width,)`."""

    def __post_init__(self) -> None:
        self.low = np.zeros(self.width, dtype=np.float32)
        self.high = np.zeros(self.width, dtype=np.float32)
        self.gram = np.zeros((self.width, self.width), dtype=np.float32)
        self.total = np.zeros(self.width, dtype=np.float32)
        self.count = 0
        self.parts = 0

    def add(self, rows: Floats) -> None:
        """Take in tokens, `(tokens, width)`."""
        self.low = np.minimum(self.low, rows.min(axis=0))
        self.high = np.maximum(self.high, rows.max(axis=0))
        if self.parts % _SAMPLE_STEP == 0:
            self.gram += rows.T @ rows
        self.parts += 1
        self.total += rows.sum(axis=0)
        self.count += len(rows)

    @property
    def mean(self) -> Floats:
        """The mean of each channel, `(width,)`."""
        return self.total / np.float32(self.count)


def _observe(bert: _Bert, sample: Iterable[Feed], opset: int) -> dict[str, _Seen]:
    """What each linear layer of the fp32 model reads, without padding."""
    fp32 = _Fp32()
    model = _build(bert, fp32, opset)
    encoder = {name: x for name, x in fp32.inputs.items() if name.startswith("bert.encoder")}
    seen: dict[str, _Seen] = {}
    for name, value in encoder.items():
        peaks = np.abs(bert.weights[f"{name}.weight"]).max(axis=0)
        if value in seen:
            seen[value].weights = np.maximum(seen[value].weights, peaks)
        else:
            seen[value] = _Seen(len(peaks), peaks)
            output = helper.make_tensor_value_info(value, TensorProto.FLOAT, None)
            model.graph.output.append(output)
    session = ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    for feed in sample:
        for first in range(0, len(feed["input_ids"]), _SAMPLE_BATCH):
            part = {name: rows[first : first + _SAMPLE_BATCH] for name, rows in feed.items()}
            inside = part["attention_mask"].astype(bool).ravel()
            for value, read in zip(seen, session.run(list(seen), part), strict=True):
                # The last layer's later inputs have one row a sentence, never a padded one.
                seen[value].add(read[inside] if len(read) == len(inside) else read)
    if not all(value.count for value in seen.values()):
        raise ModelError("the sample for the integer model is empty; give it sentences")
    return {name: seen[value] for name, value in encoder.items()}


def _reads_gelu(name: str) -> bool:
    """Whether a linear layer is the second of a feed-forward block."""
    return name.endswith(".output.dense") and not name.endswith(".attention.output.dense")


def _smoothing(seen: _Seen) -> Floats:
    """By what to divide each input channel so that none of them sets the scale alone, `(in,)`."""
    channels = _positive(np.maximum(seen.high, -seen.low)) ** _SMOOTHING
    channels /= _positive(seen.weights) ** (1 - _SMOOTHING)
    return np.asarray(channels / np.exp(np.log(channels).mean()), dtype=np.float32)


def _integers(weight: Floats, gram: Floats) -> tuple[NDArray[np.int8], Floats]:
    """`(out, in)` integers of at most 63 and a scale for each output.

    Each column is rounded in turn and the columns not yet rounded make up for its error, as far
    as inputs with this `gram` matrix `(in, in)` allow (GPTQ, arXiv:2210.17323).
    """
    scale = _positive(np.abs(weight).max(axis=1) / np.float32(_WEIGHT_LIMIT))
    order = np.argsort(-np.diag(gram))
    hessian = gram[np.ix_(order, order)].astype(np.float64)
    hessian += np.eye(len(hessian)) * (_DAMPING * np.diag(hessian).mean() + 1e-6)
    spread = np.linalg.cholesky(np.linalg.inv(hessian)).T.astype(np.float32)
    left = np.ascontiguousarray((weight / scale[:, None]).T[order])
    rounded = np.empty_like(left)
    for first in range(0, len(left), _BLOCK):
        block = slice(first, min(first + _BLOCK, len(left)))
        errors = np.empty_like(left[block])
        for column in range(block.start, block.stop):
            rounded[column] = np.clip(np.rint(left[column]), -_WEIGHT_LIMIT, _WEIGHT_LIMIT)
            error = (left[column] - rounded[column]) / spread[column, column]
            errors[column - first] = error
            later = slice(column + 1, block.stop)
            left[later] -= np.outer(spread[column, later], error)
        left[block.stop :] -= spread[block, block.stop :].T @ errors
    integers = np.empty_like(rounded, dtype=np.int8)
    integers[order] = rounded
    return integers.T, scale


def _mean_error(
    weight: Floats,
    integers: NDArray[np.int8],
    scale: Floats,
    mean: Floats,
    channels: Floats | np.float32 = _ONE,
) -> Floats:
    """What the integers' product with a mean input lacks, `(out,)`; the bias makes up for it."""
    kept = scale[:, None] * integers.astype(np.float32) / channels
    return np.asarray((weight - kept) @ mean, dtype=np.float32)


def _positive(values: Floats) -> Floats:
    """The same, with a small number where there was none to divide by."""
    return np.maximum(values, _LEAST)


def _save(model: onnx.ModelProto, output: Path) -> None:
    onnx.checker.check_model(model)
    with replace_file(output) as beside:
        beside.write_bytes(model.SerializeToString())
