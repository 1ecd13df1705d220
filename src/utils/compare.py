"""Moved: `sprint compare`, which is also `python -m sprint.analysis.compare`."""

import runpy

if __name__ == "__main__":
    runpy.run_module("sprint.analysis.compare", run_name="__main__", alter_sys=True)
