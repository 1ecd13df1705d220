"""What `sprint view` does."""

from __future__ import annotations

from ...utils.errors import InputError
from ...utils.files.atomic import write_chunks
from ..answer_tables import load_references
from ..compare.judged_folders import regrade_from
from .collecting import Collection
from .config import ViewerConfig
from .page import page_parts


def run(config: ViewerConfig) -> None:
    """Write the page."""
    references = load_references(config.test_hub_path)
    collection = Collection(config.folders, config.tokenizer, references, regrade_from(config))
    parts = page_parts(collection.page, collection.problems())
    try:
        write_chunks(config.output, (part.encode() for part in parts))
    except OSError as error:
        raise InputError(
            f"Cannot write {config.output} ({error.strerror}): choose a path in a folder that "
            "exists and that you may write to."
        ) from error
    if collection.why_characters:
        print(f"{collection.why_characters}: lengths are in characters (--tokenizer).")
    number = len(collection.page.rows)
    print(f"{number} problem{'s' * (number != 1)}: {config.output}")
