"""Moved: `sprint view`, which is also `python -m sprint.analysis.viewer`."""

import runpy

if __name__ == "__main__":
    runpy.run_module("sprint.analysis.viewer", run_name="__main__", alter_sys=True)
