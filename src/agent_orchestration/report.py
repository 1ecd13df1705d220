"""Moved: `sprint report`, which is also `python -m sprint.analysis.report`."""

import runpy

if __name__ == "__main__":
    runpy.run_module("sprint.analysis.report", run_name="__main__", alter_sys=True)
