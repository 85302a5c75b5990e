"""What several tests stand on: the project's own files."""

from pathlib import Path

import pytest

PROJECT = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def speeches() -> dict[str, str]:
    """The five documents by file name, as they are on disk."""
    folder = PROJECT / "data" / "speeches"
    return {path.name: path.read_bytes().decode("utf-8") for path in sorted(folder.glob("*.txt"))}
