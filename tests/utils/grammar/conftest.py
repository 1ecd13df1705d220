from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def published_logs() -> Path:
    """The folder of the published logs, which lies beside the repository or is missing."""
    folder = Path(__file__).resolve().parents[3].parent / "shared" / "data" / "published_logs"
    if not folder.is_dir():
        pytest.skip("the published logs are not beside the repository")
    return folder
