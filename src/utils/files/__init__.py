"""Files that appear whole or not at all, locks, kept room on the disk, records of a run."""
