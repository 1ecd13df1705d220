"""Moved: `sprint figures`, which is also `python -m sprint.analysis.figures`."""

import runpy

if __name__ == "__main__":
    runpy.run_module("sprint.analysis.figures", run_name="__main__", alter_sys=True)
