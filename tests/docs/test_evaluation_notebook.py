"""The notebook runs as it is, and shows the table and the figures of the shipped logs."""

from __future__ import annotations

from pathlib import Path

import nbformat
from nbclient import NotebookClient
from support.limits import PROCESS_PATIENCE

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOK = ROOT / "docs" / "evaluation.ipynb"


def test_notebook_reproduces_table_and_figures() -> None:
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    NotebookClient(
        notebook,
        timeout=PROCESS_PATIENCE,
        kernel_name="python3",
        resources={"metadata": {"path": ROOT / "docs"}},
    ).execute()
    data = [
        output["data"]
        for cell in notebook.cells
        if cell.cell_type == "code"
        for output in cell.outputs
        if "data" in output
    ]
    tables = [one["text/markdown"] for one in data if "text/markdown" in one]
    assert len(tables) == 1
    assert "| method against RFT |" in tables[0]
    assert sum("image/png" in one for one in data) == 3


def test_notebook_is_kept_without_outputs() -> None:
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    nbformat.validate(notebook)
    assert not any(cell.get("outputs") for cell in notebook.cells)
