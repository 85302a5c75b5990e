"""The network in use, on a tiny random BERT that the export's own graphs are written from."""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.special import expit, logit
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
from transformers import BertConfig, BertForSequenceClassification, PreTrainedTokenizerFast

from cuoshi.calibration import Calibration
from cuoshi.engine import WINDOW_SENTENCES, Engine
from cuoshi.errors import ModelError
from cuoshi.measures import MEASURES
from cuoshi.model_folder import FILES, ModelFolder
from cuoshi.stages.config import TAGGER_FILE
from cuoshi.stages.network import TwoHeads
from cuoshi.stages.onnx_graph import write_fp32, write_int8
from cuoshi.stages.scoring import collate, encode, predict_logits, sigmoid

NETWORK_ALONE = Calibration(scale=1.0, keyword=0.0, bias=0.0, thresholds=(0.5,) * 4)
MAX_LENGTH = 40
CHARACTERS = "对返乡人员逐一登记居家观察各村要用大喇叭宣传备足口罩消毒液落实不力的点名通报，。"

Pair = tuple[str, str]


@pytest.fixture(scope="module")
def tokenizer() -> PreTrainedTokenizerFast:
    pieces = ["<s>", "<pad>", "</s>", "<unk>", "▁", *dict.fromkeys(CHARACTERS), "口罩", "各村"]
    scores = [0.0] * 4 + [-float(len(pieces) - i) / len(pieces) for i in range(4, len(pieces))]
    backend = Tokenizer(models.Unigram(list(zip(pieces, scores, strict=True)), unk_id=3))
    backend.add_special_tokens(["<s>", "<pad>", "</s>", "<unk>"])
    backend.normalizer = normalizers.NFKC()
    backend.pre_tokenizer = pre_tokenizers.Metaspace()
    backend.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=backend,
        bos_token="<s>",
        cls_token="<s>",
        eos_token="</s>",
        sep_token="</s>",
        unk_token="<unk>",
        pad_token="<pad>",
    )


@pytest.fixture(scope="module")
def network(tokenizer: PreTrainedTokenizerFast) -> TwoHeads:
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(tokenizer),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=64,
        max_position_embeddings=64,
        num_labels=4,
        # Large enough that scores differ between sentences.
        initializer_range=0.3,
    )
    network = TwoHeads(BertForSequenceClassification(config), tag_weight=1.0).eval()
    torch.nn.init.normal_(network.tagger.weight, std=0.5)
    return network


@pytest.fixture(scope="module")
def folder(
    tokenizer: PreTrainedTokenizerFast,
    network: TwoHeads,
    tmp_path_factory: pytest.TempPathFactory,
) -> ModelFolder:
    path = tmp_path_factory.mktemp("export")
    network.save(path)
    tokenizer.save_pretrained(path)
    write_fp32(path, path / FILES["fp32"])
    texts, contexts = zip(*make_pairs(64, seed=1), strict=True)
    encoded = encode(tokenizer, list(texts), list(contexts), MAX_LENGTH)
    batch = collate(tokenizer, encoded)
    write_int8(path, path / FILES["int8"], [{name: t.numpy() for name, t in batch.items()}])
    return ModelFolder(path, {"files": {}}, NETWORK_ALONE, MAX_LENGTH)


@pytest.fixture(scope="module", params=["fp32", "int8"])
def precision(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def engine(folder: ModelFolder, precision: str) -> Engine:
    return Engine(folder, precision, threads=2)


def make_pairs(count: int, seed: int) -> list[Pair]:
    generator = random.Random(seed)

    def text(longest: int) -> str:
        return "".join(generator.choices(CHARACTERS, k=generator.randint(0, longest)))

    return [(text(36), text(50) if generator.random() < 0.5 else "") for _ in range(count)]


def score(engine: Engine, pairs: list[Pair]) -> np.ndarray:
    return np.array(list(engine.score(pairs)), dtype=np.float32).reshape(-1, 4)


def run_one(session: ort.InferenceSession, ids: list[int], first: int, padding: int = 0) -> Any:
    rows = {
        "input_ids": ids + [1] * padding,
        "attention_mask": [1] * len(ids) + [0] * padding,
        "token_type_ids": [0] * first + [1] * (len(ids) - first) + [0] * padding,
    }
    feed = {name: np.array([row], dtype=np.int64) for name, row in rows.items()}
    return sigmoid(session.run(["logits"], feed)[0])[0]


def test_fp32_scores_as_torch_does(folder: ModelFolder, tokenizer: Any, network: TwoHeads) -> None:
    pairs = make_pairs(80, seed=2)
    texts, contexts = (list(column) for column in zip(*pairs, strict=True))
    logits = predict_logits(
        network.classifier, tokenizer, texts, contexts, max_length=MAX_LENGTH, batch_size=16
    )
    expected = sigmoid(logits)
    assert expected.std(axis=0).min() > 0.02
    np.testing.assert_allclose(score(Engine(folder, "fp32"), pairs), expected, atol=1e-4)


def tag_with_torch(network: TwoHeads, tokenizer: Any, ids: list[int]) -> Any:
    """Tags `(length, 5)` of an input's tokens."""
    with torch.inference_mode():
        return network.tag(**collate(tokenizer, [ids]))[0].softmax(-1).numpy()


def test_scores_weigh_the_network_and_the_words_of_the_codebook(folder: ModelFolder) -> None:
    pairs = [
        ("（一）各镇要备足口罩。", ""),
        ("各镇已备足口罩。", "要"),
        ("各镇要备足" * 20 + "口罩。", ""),
    ]
    calibration = Calibration(scale=0.5, keyword=3.0, bias=-1.0, thresholds=(0.5,) * 4)
    alone = score(Engine(folder, "fp32"), pairs)
    given = np.zeros_like(alone)
    given[[0, 2], MEASURES.index("物资")] = 1
    expected = expit(0.5 * logit(alone) + 3.0 * given - 1.0)
    weighed = score(Engine(replace(folder, calibration=calibration), "fp32"), pairs)
    np.testing.assert_allclose(weighed, expected, atol=1e-5)


def test_bodies_are_those_that_the_network_tags(
    folder: ModelFolder, tokenizer: Any, network: TwoHeads
) -> None:
    pairs = make_pairs(40, seed=9)
    found = 0
    for (text, context), reading in zip(pairs, Engine(folder, "fp32").read(pairs), strict=True):
        (ids,) = encode(tokenizer, [text], [context], MAX_LENGTH)
        alone = tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)
        offsets = alone["offset_mapping"]
        tags = tag_with_torch(network, tokenizer, ids)[1 : len(offsets) + 1]
        np.testing.assert_allclose(reading.tagging.probabilities, tags, atol=1e-4)
        assert reading.tagging.offsets == offsets
        found += len(reading.tagging.spans())
    assert found > 40


def test_numbers_and_blanks_change_nothing_but_the_offsets(engine: Engine) -> None:
    text, context = "各村要用大喇叭宣传，备足口罩", "返乡人员 对人员逐一登记。"
    numbered = ("（三）一是各村要用大喇叭宣传， 备足口罩", "二、返乡人员 （1）对人员逐一登记。")
    plain, other = engine.read([(text, context), numbered])
    np.testing.assert_allclose(other.scores, plain.scores, atol=1e-6)
    assert [text[start:end] for start, end in plain.tagging.offsets] == [
        numbered[0][start:end].replace(" ", "") for start, end in other.tagging.offsets
    ]


def test_each_token_of_a_long_sentence_is_tagged_where_it_lies_furthest_inside(
    folder: ModelFolder, tokenizer: Any, network: TwoHeads
) -> None:
    text = "".join(random.Random(10).choices(CHARACTERS, k=150))
    ids = tokenizer(text, add_special_tokens=False)["input_ids"]
    size = MAX_LENGTH - 2
    windows = {
        first: tag_with_torch(network, tokenizer, [0, *ids[first : first + size], 2])[1:-1]
        for first in [*range(0, len(ids) - size, size - size // 4), len(ids) - size]
    }
    tags = []
    for i in range(len(ids)):
        inside = [first for first in windows if first <= i < first + size]
        first = min(inside, key=lambda first: (abs(2 * (i - first) - size + 1), -first))
        tags.append(windows[first][i - first])
    ((_, tagging),) = Engine(folder, "fp32").read([(text, "")])
    np.testing.assert_allclose(tagging.probabilities, tags, atol=1e-4)


def test_int8_scores_stay_near_fp32(folder: ModelFolder) -> None:
    pairs = make_pairs(80, seed=3)
    difference = score(Engine(folder, "int8"), pairs) - score(Engine(folder, "fp32"), pairs)
    assert np.sqrt(np.square(difference).mean()) < 0.03


def test_integer_weights_leave_room_where_products_saturate(folder: ModelFolder) -> None:
    import onnx
    from onnx import numpy_helper

    graph = onnx.load(folder.path / FILES["int8"]).graph
    integers = {
        tensor.name: numpy_helper.to_array(tensor)
        for tensor in graph.initializer
        if tensor.data_type == onnx.TensorProto.INT8 and tensor.name != "word_embeddings"
    }
    assert len(integers) == 2 * 6
    # VPMADDUBSW adds two products of u8 and s8 in 16 bits.
    assert all(2 * 255 * int(np.abs(value).max()) <= 32_767 for value in integers.values())


@given(seed=st.integers(0, 1000), count=st.integers(1, 40))
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_scores_depend_neither_on_company_nor_on_order(
    engine: Engine, seed: int, count: int
) -> None:
    pairs = make_pairs(count, seed)
    together = score(engine, pairs)
    alone = np.concatenate([score(engine, [pair]) for pair in pairs])
    np.testing.assert_allclose(together, alone, atol=1e-4)
    order = random.Random(seed).sample(range(count), count)
    np.testing.assert_allclose(score(engine, [pairs[i] for i in order]), together[order], atol=1e-4)


def test_padding_changes_nothing(folder: ModelFolder, tokenizer: Any, precision: str) -> None:
    session = ort.InferenceSession(folder.path / FILES[precision])
    for ids in encode(tokenizer, [text for text, _ in make_pairs(20, seed=4)], None, MAX_LENGTH):
        plain = run_one(session, ids, len(ids))
        for padding in (1, 7, 20):
            padded = run_one(session, ids, len(ids), padding)
            np.testing.assert_allclose(padded, plain, atol=1e-4)


@pytest.mark.parametrize("context", ["", "各村要用大喇叭", CHARACTERS * 3])
def test_a_long_sentence_gets_the_highest_score_of_its_windows(
    engine: Engine, precision: str, folder: ModelFolder, tokenizer: Any, context: str
) -> None:
    generator = random.Random(5)
    text = "".join(generator.choices(CHARACTERS, k=200))
    body = tokenizer(text, add_special_tokens=False)["input_ids"]
    second = tokenizer(context, add_special_tokens=False)["input_ids"] if context else []
    ending = [2, *second[-(MAX_LENGTH // 3) :], 2] if second else [2]
    size = MAX_LENGTH - 1 - len(ending)
    step = size - size // 4
    firsts = [*range(0, len(body) - size, step), len(body) - size]
    assert set(range(len(body))) == {i for first in firsts for i in range(first, first + size)}
    session = ort.InferenceSession(folder.path / FILES[precision])
    windows = [run_one(session, [0, *body[f : f + size], *ending], size + 2) for f in firsts]
    (scored,) = engine.score([(text, context)])
    np.testing.assert_allclose(scored, np.max(windows, axis=0), atol=1e-4)


def test_a_sentence_that_just_fits_is_one_input(
    folder: ModelFolder, tokenizer: Any, network: TwoHeads
) -> None:
    engine = Engine(folder, "fp32")
    for length in range(MAX_LENGTH - 6, MAX_LENGTH - 2):
        text = "对" * length
        logits = predict_logits(
            network.classifier, tokenizer, [text], ["口罩"], max_length=MAX_LENGTH, batch_size=1
        )
        np.testing.assert_allclose(score(engine, [(text, "口罩")]), sigmoid(logits), atol=1e-4)


@given(st.lists(st.tuples(st.text(), st.text()), max_size=8))
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_string_gets_scores(engine: Engine, pairs: list[Pair]) -> None:
    scores = score(engine, pairs)
    assert scores.shape == (len(pairs), 4)
    assert ((scores >= 0) & (scores <= 1)).all()


@pytest.mark.parametrize(
    "text",
    ["", " ", "\x00\x07\x1b", "\ud800", "备\udfff足", "</s>", "<s></s></s>", "\u0301" * 300,
     "👩\u200d👩\u200d👧", "\u202e对返乡", "各村" * 50_000],
    ids=lambda text: repr(text[:8]),
)  # fmt: skip
def test_odd_strings_get_scores(engine: Engine, text: str) -> None:
    for pair in ((text, ""), ("各村", text), (text, text)):
        (scores,) = engine.score([pair])
        assert np.isfinite(scores).all()


def test_a_stream_is_read_as_it_is_asked_for(engine: Engine) -> None:
    read = 0

    def endless() -> Iterator[Pair]:
        nonlocal read
        for pair in itertools.cycle(make_pairs(50, seed=6)):
            read += 1
            yield pair

    stream = engine.score(endless())
    assert read == 0
    first = [next(stream) for _ in range(WINDOW_SENTENCES + 1)]
    assert read <= 3 * WINDOW_SENTENCES
    stream.close()
    expected = score(engine, make_pairs(50, seed=6))
    np.testing.assert_allclose(first[:50], expected, atol=1e-4)


def test_an_empty_stream_gives_nothing(engine: Engine) -> None:
    assert list(engine.score([])) == []


def test_two_streams_do_not_mix(engine: Engine) -> None:
    left, right = make_pairs(30, seed=7), make_pairs(30, seed=8)
    mixed = list(zip(engine.score(left), engine.score(right), strict=True))
    np.testing.assert_allclose([a for a, _ in mixed], score(engine, left), atol=1e-4)
    np.testing.assert_allclose([b for _, b in mixed], score(engine, right), atol=1e-4)


def test_a_damaged_model_is_named(folder: ModelFolder, tmp_path: Path) -> None:
    for name in (FILES["fp32"], "tokenizer.json"):
        (tmp_path / name).write_bytes(b"nothing")
        damaged = ModelFolder(tmp_path, {"files": {}}, NETWORK_ALONE, MAX_LENGTH)
        with pytest.raises(ModelError, match=name):
            Engine(damaged, "fp32")
        (tmp_path / name).write_bytes((folder.path / name).read_bytes())


def test_no_threads_are_refused(folder: ModelFolder) -> None:
    with pytest.raises(ValueError, match="threads"):
        Engine(folder, "fp32", threads=0)


def test_a_graph_is_written_from_a_plain_bert_only(folder: ModelFolder, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="missing"):
        write_fp32(tmp_path, tmp_path / "model.onnx")
    weights = (folder.path / "model.safetensors").read_bytes()
    (tmp_path / "model.safetensors").write_bytes(weights)
    (tmp_path / TAGGER_FILE).write_bytes((folder.path / TAGGER_FILE).read_bytes())
    config = json.loads((folder.path / "config.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps({**config, "hidden_act": "relu"}))
    with pytest.raises(ModelError, match="relu"):
        write_fp32(tmp_path, tmp_path / "model.onnx")
    (tmp_path / "config.json").write_text(json.dumps(config))
    (tmp_path / "model.safetensors").write_bytes(weights[:1000])
    with pytest.raises(ModelError, match="cannot be read"):
        write_fp32(tmp_path, tmp_path / "model.onnx")
    assert not (tmp_path / "model.onnx").exists()


def test_the_integer_graph_needs_a_sample(folder: ModelFolder, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="sample"):
        write_int8(folder.path, tmp_path / "model.int8.onnx", [])
