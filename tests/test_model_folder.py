import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cuoshi.errors import ModelError
from cuoshi.files import sha256, write_json
from cuoshi.model_folder import check_hashes, find_model, open_model_folder
from cuoshi.selftest import run_selftest


@pytest.fixture
def folder(tiny_export: Path, tmp_path: Path) -> Path:
    """A copy of the exported model that a test may damage."""
    return Path(shutil.copytree(tiny_export, tmp_path / "export"))


def test_an_export_opens_and_passes_its_selftest(tiny_export: Path) -> None:
    assert open_model_folder(tiny_export).precisions == ("fp32", "int8")
    lines = list(run_selftest(tiny_export))
    assert lines[0] == "files: all 8 as exported"
    assert all("decisions and bodies equal" in line for line in lines[1:])
    assert len(lines) == 3


def test_no_model_says_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"there is no model at .*: run `make train`"):
        open_model_folder(tmp_path / "none")
    with pytest.raises(ModelError, match=r"manifest\.json is missing, so this is no exported"):
        open_model_folder(tmp_path)


def test_a_missing_or_cut_file_is_named(folder: Path) -> None:
    data = (folder / "model.onnx").read_bytes()
    (folder / "model.onnx").write_bytes(data[:-1])
    with pytest.raises(ModelError, match=r"model\.onnx has \d+ bytes, not \d+"):
        open_model_folder(folder)
    (folder / "model.onnx").unlink()
    with pytest.raises(ModelError, match=r"model\.onnx is missing"):
        open_model_folder(folder)


def test_a_changed_file_of_the_same_size_is_found_by_its_hash(folder: Path) -> None:
    data = bytearray((folder / "model.int8.onnx").read_bytes())
    data[len(data) // 2] ^= 1
    (folder / "model.int8.onnx").write_bytes(data)
    with pytest.raises(ModelError, match=r"model\.int8\.onnx is not the file that was exported"):
        check_hashes(open_model_folder(folder))


def test_a_model_of_another_version_is_refused(folder: Path) -> None:
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    (folder / "manifest.json").write_text(json.dumps(manifest | {"format": 99}), encoding="utf-8")
    with pytest.raises(ModelError, match=r"is of format 99, this cuoshi reads 3"):
        open_model_folder(folder)


def change_selftest(folder: Path, change: Callable[[dict[str, Any]], None]) -> None:
    """Change the first probe, and the manifest with it."""
    path = folder / "selftest.json"
    selftest = json.loads(path.read_text(encoding="utf-8"))
    change(selftest["probes"][0])
    write_json(path, selftest)
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    manifest["files"]["selftest.json"] = {"bytes": path.stat().st_size, "sha256": sha256(path)}
    write_json(folder / "manifest.json", manifest)


def test_a_selftest_with_other_scores_fails(folder: Path) -> None:
    def raise_score(probe: dict[str, Any]) -> None:
        probe["scores"]["fp32"][0] += 0.05

    change_selftest(folder, raise_score)
    with pytest.raises(ModelError, match=r"model\.onnx scores a probe 0\.05 off"):
        list(run_selftest(folder))


def test_a_selftest_with_other_bodies_fails(folder: Path) -> None:
    change_selftest(folder, lambda probe: probe["bodies"]["fp32"].append([0, 1, "lead", 0.9]))
    with pytest.raises(ModelError, match=r"model\.onnx finds other bodies"):
        list(run_selftest(folder))


def test_the_model_is_found_from_inside_the_project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CUOSHI_MODEL", raising=False)
    (tmp_path / "models" / "export").mkdir(parents=True)
    (tmp_path / "data" / "speeches").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "data" / "speeches")
    assert find_model() == tmp_path / "models" / "export"
    monkeypatch.setenv("CUOSHI_MODEL", "/elsewhere")
    assert find_model() == Path("/elsewhere")
