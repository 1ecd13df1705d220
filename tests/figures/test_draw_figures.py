"""The pictures of the README can be drawn again, and what is shipped is what the code draws."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from matplotlib.image import imread

FIGURES = Path(__file__).resolve().parents[2] / "figures"
NAMES = ("SPRINT_Training_overview.png", "SPRINT_inference.png")
WIDTH = 2160
MAX_BYTES = 400_000


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of pictures, drawn by the script as a user would run it from anywhere."""
    folder = tmp_path_factory.mktemp("pictures")
    script = FIGURES / "draw_figures.py"
    done = subprocess.run(
        [sys.executable, "-W", "error::UserWarning", str(script), "--output", str(folder)],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return folder


def test_both_pictures_are_drawn_and_nothing_else(drawn: Path) -> None:
    assert sorted(path.name for path in drawn.iterdir()) == sorted(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_picture_has_the_size_of_a_print(drawn: Path, name: str) -> None:
    height, width = imread(drawn / name).shape[:2]
    assert width == WIDTH
    assert WIDTH / 2 < height < WIDTH


@pytest.mark.parametrize("name", NAMES)
def test_the_margin_is_white_so_nothing_runs_off_the_page(drawn: Path, name: str) -> None:
    pixels = imread(drawn / name)[..., :3]
    edges = (pixels[:4], pixels[-4:], pixels[:, :4], pixels[:, -4:])
    assert all(np.all(edge == 1.0) for edge in edges)


@pytest.mark.parametrize("name", NAMES)
def test_the_shipped_picture_is_the_drawn_one(drawn: Path, name: str) -> None:
    """Compared coarsely: another version of matplotlib may shift the edges of letters."""
    shipped, fresh = imread(FIGURES / name)[..., :3], imread(drawn / name)[..., :3]
    assert (FIGURES / name).stat().st_size < MAX_BYTES
    assert shipped.shape == fresh.shape
    assert np.abs(shipped - fresh).mean() < 0.01
