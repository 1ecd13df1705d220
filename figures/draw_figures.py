"""Draw the pictures of the README: `python figures/draw_figures.py`.

Needs matplotlib alone. The same code gives the same pixels: fonts and colours are fixed.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from inference import draw_inference
from style import fixed_style
from training_overview import draw_training_overview

PICTURES = {
    "SPRINT_Training_overview.png": draw_training_overview,
    "SPRINT_inference.png": draw_inference,
}


def draw_all(folder: Path) -> list[Path]:
    """Draw every picture into `folder`, which is created if missing; return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    with fixed_style():
        for name, draw in PICTURES.items():
            draw().save(folder / name)
            paths.append(folder / name)
    return paths


def main() -> None:
    parser = argparse.ArgumentParser(description="Draw the pictures of the README.")
    parser.add_argument(
        "--output",
        type=Path,
        default=Path(__file__).parent,
        help="folder that the PNG files are written to (default: the folder of this script)",
    )
    for path in draw_all(parser.parse_args().output):
        print(path)


if __name__ == "__main__":
    main()
