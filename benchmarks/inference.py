"""How fast sentences are classified, beside other ways to run the same weights.

    python benchmarks/inference.py [--model models/export] [--sentences 10000] [--peers 600]

Every contender runs in a process of its own, in turn, `--repeat` times; the best run counts.
Slow peers read only the first `--peers` sentences, which are drawn like the rest: a rate, not a
total, is compared. The int8 bound is what a bare 8-bit integer matrix product of this encoder's
shape reaches on this machine, over the products that one sentence needs.
"""

from __future__ import annotations

import argparse
import json
import platform
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).parent.parent
SEED = 42
BATCH = 32


def read_sentences(count: int) -> list[str]:
    """Sentences of the real speeches, drawn with replacement, always the same."""
    lines = (PROJECT / "data/annotation/speeches.jsonl").read_text(encoding="utf-8").splitlines()
    texts = [json.loads(line)["text"] for line in lines]
    return random.Random(SEED).choices(texts, k=count)


def pipeline(model: Path, texts: list[str], batch_size: int) -> float:
    """`transformers.pipeline`, torch fp32, in order."""
    from transformers import pipeline as make_pipeline
    from transformers.utils import logging

    logging.set_verbosity_error()
    logging.disable_progress_bar()
    classify = make_pipeline("text-classification", model=str(model), top_k=None, device="cpu")
    classify(texts[:4], batch_size=batch_size)
    start = time.perf_counter()
    classify(texts, batch_size=batch_size)
    return time.perf_counter() - start


def plain_onnx(model: Path, file: Path, texts: list[str]) -> float:
    """onnxruntime as it comes, in order, padded to the longest of each batch."""
    import numpy as np
    import onnxruntime as ort
    from tokenizers import Tokenizer

    session = ort.InferenceSession(str(file), providers=["CPUExecutionProvider"])
    tokenizer = Tokenizer.from_file(str(model / "tokenizer.json"))
    padding = json.loads((model / "config.json").read_text(encoding="utf-8"))["pad_token_id"]
    tokenizer.enable_padding(pad_id=padding)
    tokenizer.enable_truncation(192)

    def run(batch: list[str]) -> None:
        encoded = tokenizer.encode_batch(batch)
        ids = np.array([e.ids for e in encoded], dtype=np.int64)
        mask = np.array([e.attention_mask for e in encoded], dtype=np.int64)
        feed = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        session.run(["logits"], feed)

    run(texts[:BATCH])
    start = time.perf_counter()
    for first in range(0, len(texts), BATCH):
        run(texts[first : first + BATCH])
    return time.perf_counter() - start


STOCK = """
import sys
import torch
from onnxruntime.quantization import quantize_dynamic
from transformers import AutoModelForSequenceClassification

source, traced, quantized = sys.argv[1:]
model = AutoModelForSequenceClassification.from_pretrained(source, attn_implementation="eager")
names = ["input_ids", "attention_mask", "token_type_ids"]
inputs = {name: torch.ones((2, 16), dtype=torch.int64) for name in names}
axes = {name: {0: "n", 1: "length"} for name in names} | {"logits": {0: "n"}}
torch.onnx.export(
    model.eval(), (), traced, kwargs=inputs, input_names=names, output_names=["logits"],
    dynamic_axes=axes, opset_version=17, dynamo=False,
)
quantize_dynamic(traced, quantized, per_channel=True, reduce_range=True)
"""


def stock_int8(model: Path, texts: list[str]) -> float:
    """torch's own ONNX export with onnxruntime's own dynamic quantization, nothing tuned."""
    with tempfile.TemporaryDirectory() as folder:
        traced, quantized = Path(folder) / "traced.onnx", Path(folder) / "stock.onnx"
        command = [sys.executable, "-c", STOCK, str(model), str(traced), str(quantized)]
        subprocess.run(command, check=True, capture_output=True)
        return plain_onnx(model, quantized, texts)


def cuoshi(model: Path, texts: list[str], precision: Any) -> float:
    """Ours: `classifier.predict` on a stream."""
    from cuoshi.classifier import load

    classifier = load(model, precision=precision)
    classifier.predict(texts[:BATCH])
    start = time.perf_counter()
    count = sum(1 for _ in classifier.predict(text for text in texts))
    seconds = time.perf_counter() - start
    assert count == len(texts)
    return seconds


CONTENDERS: dict[str, tuple[bool, Callable[[Path, list[str]], float]]] = {
    "transformers.pipeline fp32, batch 1": (True, lambda m, t: pipeline(m, t, 1)),
    "transformers.pipeline fp32, batch 32": (True, lambda m, t: pipeline(m, t, 32)),
    "onnxruntime fp32, batch 32": (True, lambda m, t: plain_onnx(m, m / "model.onnx", t)),
    "onnxruntime stock int8, batch 32": (True, stock_int8),
    "onnxruntime model.int8.onnx, batch 32": (
        True,
        lambda m, t: plain_onnx(m, m / "model.int8.onnx", t),
    ),
    "cuoshi fp32": (False, lambda m, t: cuoshi(m, t, "fp32")),
    "cuoshi int8": (False, lambda m, t: cuoshi(m, t, "int8")),
}
"""Whether it is a slow peer, and what gives the seconds that it takes for texts."""


def measure_bound(model: Path, texts: list[str]) -> dict[str, float]:
    """Operations a second of bare integer products, and how many sentences they are."""
    import numpy as np
    import onnxruntime as ort
    from onnx import TensorProto, helper, numpy_helper
    from tokenizers import Tokenizer

    from cuoshi.engine import count_cores

    config = json.loads((model / "config.json").read_text(encoding="utf-8"))
    width, wide, layers = (
        config[key] for key in ("hidden_size", "intermediate_size", "num_hidden_layers")
    )
    rows, workers = 512, count_cores()
    generator = np.random.default_rng(SEED)
    weights = generator.integers(-63, 64, (width, wide), dtype=np.int8)
    graph = helper.make_graph(
        [helper.make_node("MatMulInteger", ["x", "w"], ["y"])],
        "product",
        [helper.make_tensor_value_info("x", TensorProto.UINT8, [rows, width])],
        [helper.make_tensor_value_info("y", TensorProto.INT32, [rows, wide])],
        [numpy_helper.from_array(weights, "w")],
    )
    file = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=9)
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    session = ort.InferenceSession(
        file.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    x = generator.integers(0, 256, (rows, width), dtype=np.uint8)
    calls, best = 200, 0.0

    def work(_: int) -> None:
        for _ in range(calls):
            session.run(None, {"x": x})

    with ThreadPoolExecutor(workers) as pool:
        for _ in range(5):
            start = time.perf_counter()
            list(pool.map(work, range(workers)))
            seconds = time.perf_counter() - start
            best = max(best, 2 * rows * width * wide * calls * workers / seconds)
    encoded = Tokenizer.from_file(str(model / "tokenizer.json")).encode_batch(texts)
    tokens = sum(len(e.ids) for e in encoded) / len(texts)
    products = layers * (4 * width * width + 2 * width * wide) * tokens
    return {"operations": best, "tokens": tokens, "bound": best / (2 * products)}


def run_apart(name: str, model: Path, count: int) -> dict[str, float]:
    """Run this file for one contender in a new process; what it printed."""
    command = [sys.executable, __file__, "--model", str(model), "--contender", name]
    command += ["--sentences", str(count)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    result: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return result


def run_here(name: str, model: Path, count: int) -> dict[str, float]:
    """Run one contender in this process: sentences a second and peak memory in MB."""
    texts = read_sentences(count)
    if name == "bound":
        return measure_bound(model, texts)
    _, seconds = CONTENDERS[name]
    rate = count / seconds(model, texts)
    # Linux counts kilobytes, macOS bytes.
    unit = 1e6 if sys.platform == "darwin" else 1e3
    return {"rate": rate, "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit}


def time_commands(model: Path) -> None:
    """Print how long the command line takes, process start included, best of three."""
    program = [sys.executable, "-c", "from cuoshi.cli import app; app()"]
    speeches = PROJECT / "data" / "speeches"
    commands = {
        "cuoshi --help": ["--help"],
        "cuoshi predict, 90 sentences": ["predict", str(speeches / "004_098f448c9d1eb0bb.txt")],
        "cuoshi predict, 466 sentences": ["predict", str(speeches / "002_d1ad4b9a7ddf73f7.txt")],
    }
    for name, arguments in commands.items():
        if arguments[0] == "predict":
            arguments += ["--model", str(model)]
        best = float("inf")
        for _ in range(3):
            start = time.perf_counter()
            subprocess.run([*program, *arguments], check=True, stdout=subprocess.DEVNULL)
            best = min(best, time.perf_counter() - start)
        print(f"{name}: {best:.2f} s")


def stream(model: Path, count: int) -> None:
    """Print the memory in use along a stream of `count` short sentences that nobody keeps."""
    from cuoshi.classifier import load

    short = [text for text in read_sentences(10_000) if len(text) <= 10]
    generator = random.Random(SEED)
    start = time.perf_counter()
    predictions = load(model).predict(generator.choice(short) for _ in range(count))
    for number, _ in enumerate(predictions, start=1):
        if number % (count // 10) == 0:
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
            seconds = time.perf_counter() - start
            print(f"{number:,} sentences, {seconds:.0f} s, peak {peak:.0f} MB", flush=True)


def print_table(rows: Sequence[Sequence[str]]) -> None:
    """Columns aligned, the first to the left."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = [row[0].ljust(widths[0])]
        cells += [cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)]
        print("  ".join(cells))


def main() -> None:
    """Compare all contenders, or run the one that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--model", type=Path, default=PROJECT / "models/export")
    parser.add_argument("--sentences", type=int, default=10_000)
    parser.add_argument("--peers", type=int, default=600, help="sentences for the slow ones")
    parser.add_argument("--repeat", type=int, default=2)
    parser.add_argument("--contender", help="run this one alone and print JSON")
    parser.add_argument("--stream", type=int, help="stream so many short sentences instead")
    options = parser.parse_args()
    if options.stream:
        stream(options.model, options.stream)
        return
    if options.contender:
        print(json.dumps(run_here(options.contender, options.model, options.sentences)))
        return

    best: dict[str, dict[str, float]] = {}
    bound: dict[str, float] = {}
    for _ in range(options.repeat):
        measured = run_apart("bound", options.model, options.sentences)
        bound = max(bound, measured, key=lambda b: b.get("bound", 0.0))
        for name, (slow, _) in CONTENDERS.items():
            count = min(options.peers, options.sentences) if slow else options.sentences
            result = run_apart(name, options.model, count)
            old = best.setdefault(name, {"rate": 0.0, "memory": 0.0})
            best[name] = {key: max(old[key], result[key]) for key in result}
            best[name]["count"] = count
    rows = [("", "sentences/s", "share of int8 bound", "peak memory", "sentences read")]
    for name, result in best.items():
        share = result["rate"] / bound["bound"]
        rows.append(
            (
                name,
                f"{result['rate']:.0f}",
                f"{share:.0%}",
                f"{result['memory']:.0f} MB",
                f"{result['count']:,}",
            )
        )
    print(f"{date.today()}, {platform.machine()}, Python {platform.python_version()}")
    print(
        f"{bound['tokens']:.1f} tokens a sentence; bare int8 products "
        f"{bound['operations'] / 1e12:.2f} T operations/s, bound {bound['bound']:.0f} sentences/s"
    )
    print_table(rows)
    ours = best["cuoshi int8"]["rate"]
    torch = max(best[name]["rate"] for name in best if name.startswith("transformers"))
    stock = best["onnxruntime stock int8, batch 32"]["rate"]
    print(f"cuoshi int8 is {ours / torch:.1f} x transformers.pipeline at its better batch size")
    print(f"and {ours / stock:.1f} x onnxruntime stock int8; peers read fewer sentences")
    time_commands(options.model)


if __name__ == "__main__":
    main()
