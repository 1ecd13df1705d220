"""Runs `sprint view`."""

from __future__ import annotations

from ...utils.files.atomic import write_chunks
from ..answer_tables import load_references
from ..compare.judged_folders import regrade_from
from .collecting import Collection
from .config import ViewerConfig
from .page import page_parts


def run(config: ViewerConfig) -> None:
    """Write the page."""
    references = load_references(config.test_hub_path)
    collection = Collection(
        config.folders, config.tokenizer, references, regrade_from(config), config.time_prices
    )
    parts = page_parts(collection.page, collection.problems())
    write_chunks(config.output, (part.encode() for part in parts))
    if collection.why_characters:
        print(f"{collection.why_characters}: lengths are in characters (--tokenizer).")
    number = len(collection.page.rows)
    print(f"{number} problem{'s' * (number != 1)}: {config.output}")
