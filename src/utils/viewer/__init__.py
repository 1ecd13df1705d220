"""A page to look at trajectories with: `python -m sprint.utils.viewer FOLDER…`."""
