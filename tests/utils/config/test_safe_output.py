"""What reaches a terminal: no control character but our own line breaks, and no key."""

from __future__ import annotations

import io
import logging
import subprocess
import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sprint.utils.config.safe_output import _Shown, one_line
from tqdm import tqdm

HARMLESS = {"\n", "\t", "\u200c", "\u200d", "\u00ad"}


def controls(text: str) -> set[str]:
    return {one for one in text if unicodedata.category(one) in ("Cc", "Cf", "Cs", "Zl", "Zp")}


@given(st.text(st.characters(categories=["Cc", "Cf", "Cs", "Zl", "Zp", "L"])))
def test_no_control_character_is_written(text: str) -> None:
    stream = io.StringIO()
    print("Said:", text, file=_Shown(stream))  # type: ignore[arg-type]
    rare = {one for one in controls(stream.getvalue()) if unicodedata.category(one) == "Cf"}
    assert controls(stream.getvalue()) - rare <= HARMLESS
    assert not {one for one in rare if unicodedata.bidirectional(one) in BIDI}
    assert controls(one_line(text)) - rare - HARMLESS == set()
    assert not {"\n", "\t"} & set(one_line(text))


BIDI = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}


def test_a_progress_bar_is_a_bar() -> None:
    stream = io.StringIO()
    with tqdm(total=2, desc="RFT", file=_Shown(stream), ascii=True) as bar:  # type: ignore[type-var]
        bar.update()
    assert stream.getvalue().startswith("\rRFT")


def test_what_the_stream_cannot_hold_is_an_escape() -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")
    print("\u00fc \U0001f600", file=_Shown(stream))  # type: ignore[arg-type]
    stream.flush()
    assert raw.getvalue() == b"\\xfc \\U0001f600\n"


EVIL = "a\x1b[2Jb\rError: c\x07\x9bd\u202ee"

PROGRAM = """
import argparse, logging, sys, warnings
from sprint.sample_world import SampleWorldConfig
from sprint.utils.config.cli import run_main
from sprint.utils.config import from_command_line
from sprint.utils.errors import InputError
evil = {evil!r}

def main():
    {line}

run_main(main)
"""


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("print(evil)", 0),
        ("sys.stdout.writelines([evil])", 0),
        ("logging.getLogger('x').warning('It says %s', evil)", 0),
        ("warnings.warn(evil)", 0),
        ("raise InputError(evil)", 2),
        ("from_command_line(SampleWorldConfig, ['--' + evil])", 2),
        ("raise RuntimeError(evil)", 1),
        ("sys.exit(evil)", 1),
    ],
)
def test_every_way_to_a_terminal_is_guarded(line: str, code: int) -> None:
    program = PROGRAM.format(evil=EVIL, line=line)
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False)
    shown = (ended.stdout + ended.stderr).decode()
    assert ended.returncode == code, shown
    assert controls(shown) <= HARMLESS, shown
    assert "\\x1b[2Jb" in shown


def test_a_message_of_the_log_is_one_line(caplog: pytest.LogCaptureFixture) -> None:
    program = PROGRAM.format(
        evil="a\n12:00:00 All is well", line="logging.getLogger('x').warning('Says %s', evil)"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert len(ended.stderr.decode().splitlines()) == 1
    assert logging.getLogger("openai").name not in caplog.text
