"""What `sprint figures` does."""

from __future__ import annotations

from ...utils.files.atomic import writable_folder, write_bytes
from ..compare.judged_folders import read_folders
from .config import FiguresConfig
from .drawing import draw_figures, to_bytes


def run(config: FiguresConfig) -> None:
    """Draw the figures, and print their paths."""
    methods = read_folders(config)
    folder = writable_folder(config.output)
    for name, figure in draw_figures(methods).items():
        path = folder / f"{name}.{config.format}"
        write_bytes(path, to_bytes(figure, config.format))
        print(path)
