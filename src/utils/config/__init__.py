"""Configurations: fields with type, default, unit and bounds, and their flags and files.

Each command has one subclass of `Config`. Its flags, its --help, the check of --config files, the
reference in the docs and the record in run.json all come from its fields.
"""

from .base import Config, Positional, Variable, replace
from .config_files import RECORD, read_config, record
from .flags import from_command_line

__all__ = [
    "RECORD",
    "Config",
    "Positional",
    "Variable",
    "from_command_line",
    "read_config",
    "record",
    "replace",
]
