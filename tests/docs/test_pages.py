"""The README and the pages of docs/ agree with the code."""

from __future__ import annotations

import re
from functools import cache
from itertools import chain
from pathlib import Path

import generated
import pytest
from sprint.base_model_evaluation.config import CONFIGS
from sprint.commands import COMMANDS, config_of
from sprint.utils.api.completion import UnfinishedError
from sprint.utils.api.retry import CALLS, INVALID, PAID, ROUNDS
from sprint.utils.config.fields import fields_of
from sprint.utils.data import column_aliases as aliases
from sprint.utils.errors import BusyError, FailedError, SilentError

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
MOST_WORDS = 1800
STATED = re.compile(r"`(?:sprint (\w+) )?--(\w+)` \(default ([^\s():,;]+)")


@cache
def defaults() -> dict[str, dict[str, str]]:
    """The defaults of each flag by command; those that depend on a method are of RFT."""
    found: dict[str, dict[str, str]] = {}
    for command in COMMANDS:
        for field in fields_of(config_of(command)):
            found.setdefault(field.name, {})[command] = field.default
    for field in fields_of(CONFIGS["SoT-reasoning"]):
        found.setdefault(field.name, {"baseline": field.default})
    return found


def same(stated: str, default: str) -> bool:
    try:
        return float(stated.replace(",", "")) == float(default)
    except ValueError:
        return stated == default


def stated() -> list[tuple[str, str, str, str]]:
    return [
        (page.name, *found)
        for page in PAGES
        for found in STATED.findall(page.read_text(encoding="utf-8"))
    ]


def test_defaults_are_stated() -> None:
    assert len(stated()) > 20


@pytest.mark.parametrize(("page", "command", "flag", "value"), stated())
def test_a_stated_default_is_the_configurations(
    page: str, command: str, flag: str, value: str
) -> None:
    of = defaults()[flag]
    of = {command: of[command]} if command else of
    assert {word: default for word, default in of.items() if not same(value, default)} == {}


@pytest.mark.parametrize("method", CONFIGS)
def test_baselines_have_the_defaults_of_their_row(method: str) -> None:
    text = (ROOT / "docs" / "baselines.md").read_text(encoding="utf-8")
    (row,) = (line for line in text.splitlines() if re.match(rf"\| [^|]*`{method}`", line))
    fields = CONFIGS[method].model_fields
    api, temperature, length = (
        fields[name].default for name in ("api", "temperature", "max_tokens")
    )
    assert row.endswith(f"| {api}, {temperature:g}, {length} |")


def values_of(*scripts: str) -> dict[str, str]:
    """The default of each variable of these scripts that has one."""
    return {
        variable.name: variable.default.strip("`")
        for script in scripts
        for variable in generated.variables_of(generated.SCRIPTS / script)
        if variable.default
    }


@pytest.mark.parametrize(
    ("page", "scripts"),
    [
        ("demo", ["demo.sh"]),
        ("installation", ["setup.sh"]),
        ("quickstart", ["quickstart_folder.sh", "quickstart.sh"]),
        ("servers", ["run_server.sh"]),
        ("latency_tuning", ["run_latency_tuning.sh"]),
    ],
)
def test_tables_of_variables_have_the_defaults_of_the_script(page: str, scripts: list[str]) -> None:
    text = (ROOT / "docs" / f"{page}.md").read_text(encoding="utf-8")
    table = dict[str, str]()
    for names, values in re.findall(r"^\| ((?:`[A-Z_]+`(?:, )?)+) \| ([^|]*) \|", text, re.M):
        table |= zip(
            re.findall(r"[A-Z_]+", names), values.replace("`", "").split(", "), strict=False
        )
    defaults = values_of(*scripts)
    assert len(table.keys() & defaults.keys()) >= 3
    assert {name: table[name] for name in table if name in defaults} == {
        name: defaults[name] for name in table if name in defaults
    }


IN_TEXT = {
    "BATCH_SIZE": "quickstart.sh",
    "NUM_WORKERS": "compare_methods.sh",
    "SAMPLES": "run_base_model_evaluation.sh",
    "TEST_PROCESSES": "run_tests.sh",
}
"""Variables whose value stands in a text, as `SAMPLES` (20), and their scripts."""


def test_values_of_variables_within_a_text_are_those_of_the_script() -> None:
    text = "".join(page.read_text(encoding="utf-8") for page in PAGES)
    stated = re.findall(r"`([A-Z_]+)` \((\d+)\)", text)
    assert set(stated) == {(name, values_of(script)[name]) for name, script in IN_TEXT.items()}


def test_the_table_of_retries_has_the_numbers_of_the_policies() -> None:
    text = (ROOT / "docs" / "servers.md").read_text(encoding="utf-8")
    section = text.partition("## Retry policy")[2].partition("\n## ")[0]
    numbers = {
        row.split(" | ")[0]: [int(number) for number in re.findall(r"\d+", row.partition(" | ")[2])]
        for row in re.findall(r"^\| (.*) \|$", section, re.M)
    }
    calls, paid = CALLS.tries_of[SilentError], PAID.tries_of
    assert numbers["invalid replies (malformed, empty)"] == [INVALID.tries] * 3
    assert numbers["failed calls (5xx, a broken connection, an invalid answer)"] == [
        CALLS.tries,
        paid[FailedError],
    ]
    assert numbers["timeouts among them"] == [calls, paid[FailedError]]
    assert numbers["refused by 429"] == [paid[BusyError]]
    assert numbers["ended by a content filter or similar"] == [paid[UnfinishedError]]
    assert (
        f"up to {CALLS.tries} calls cycles through all servers up to {ROUNDS.tries} times" in text
    )
    assert f"of {ROUNDS.first_delay} s that double up to {ROUNDS.longest_delay:g} s" in text
    assert f"wait {PAID.first_delay} s, doubling up to {PAID.longest_delay:g} s" in text
    assert f"asks, up to {ROUNDS.longest_named:g} s" in text
    assert f"for more than {PAID.longest_named:g} s" in text


def test_the_readme_is_short() -> None:
    assert len(PAGES[0].read_text(encoding="utf-8").split()) <= MOST_WORDS


def test_links_of_the_readme_lead_somewhere() -> None:
    text = PAGES[0].read_text(encoding="utf-8")
    links = [link for link in re.findall(r"\]\(([^)]+)\)", text) if "://" not in link]
    assert len(links) > 20
    assert [link for link in links if not leads_somewhere(link)] == []


def leads_somewhere(link: str) -> bool:
    path, _, anchor = link.partition("#")
    target = ROOT / path
    if not anchor:
        return target.exists()
    headings = re.findall(r"^#+ (.+)$", target.read_text(encoding="utf-8"), re.MULTILINE)
    return anchor in {re.sub(r"[^\w -]", "", text).lower().replace(" ", "-") for text in headings}


@pytest.mark.parametrize(
    "script", sorted(generated.SCRIPTS.glob("*.sh")), ids=lambda path: path.name
)
def test_the_pages_explain_each_variable(script: Path) -> None:
    """By the flag that it sets, by a comment in the script, or in a table of a written page."""
    written = "".join(page.read_text(encoding="utf-8") for page in PAGES)
    variables = generated.variables_of(script)
    assert len(variables) == len(
        re.findall(r"^([A-Z_]+)=\$\{\1:", script.read_text(encoding="utf-8"), re.MULTILINE)
    )
    unexplained = [
        variable.name
        for variable in variables
        if not (variable.flag or variable.comment or f"`{variable.name}`" in written)
    ]
    assert unexplained == []


def test_variables_name_the_flags_that_they_set() -> None:
    page = generated.variables_page()
    assert "| `MAX_PHASES` | `--max_phases` | `12` | Maximum planner calls per problem. " in page
    assert "| `PLANNER_MODEL` | `--planner_model` | required | " in page
    assert "| `SAMPLES` | `--samples` | `20` | " in page
    assert "| `BATCH` | `--batch` |  | 1: " in page


def test_a_default_that_is_another_variable_is_its_value_or_its_name() -> None:
    page = generated.variables_page()
    assert "| `SERVER_URL` | `--server_url` | `http://127.0.0.1:8000/v1` | " in page
    assert "| `QUICKSTART_PORT` |  | `8321` | " in page
    assert "| `MODEL` |  | `PLANNER_MODEL` | " in page


def test_usage_lines_of_a_script_stay_lines() -> None:
    page = generated.variables_page()
    assert "\n```text\nsh run/setup.sh          what the stages need\nsh run/setup.sh dev " in page


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_has_a_page_with_each_flag(command: str) -> None:
    page = generated.pages()[f"{command}.md"]
    assert page.startswith(f"# sprint {command}\n")
    fields = [field for field in fields_of(config_of(command)) if field.positional is None]
    assert [field.flag for field in fields if f"| `{field.flag}` |" not in page] == []


def test_methods_have_their_defaults_and_flags() -> None:
    page = generated.pages()["baseline.md"]
    rows = re.findall(r"^\| `self-consistency` \|.*$", page, re.MULTILINE)
    assert rows == ["| `self-consistency` | chat | 8000 | 0.3 | 20 | no such flag |"]


@pytest.mark.parametrize("command", COMMANDS)
def test_the_reference_names_every_field(command: str) -> None:
    text = generated.command_page(command)
    for field in fields_of(config_of(command)):
        name = field.positional.name if field.positional else field.flag
        assert f"| `{name}` |" in text


def test_the_committed_reference_is_that_of_the_code() -> None:
    committed = {path.name: path.read_text() for path in generated.REFERENCE.iterdir()}
    assert committed == generated.pages(), "run: .venv/bin/python docs/generated.py"


def test_every_recognised_column_is_on_the_page_of_data() -> None:
    page = (ROOT / "docs" / "data.md").read_text(encoding="utf-8")
    lists = (aliases.QUESTION, aliases.CONTEXT, aliases.ANSWER, aliases.OPTIONS, aliases.SOLUTION)
    lists += (aliases.RESPONSE, aliases.THOUGHT, aliases.CHAT, aliases.ID, aliases.LEVEL)
    names = {*chain(*lists, aliases.SUBJECT), *map(".".join, aliases.NESTED_ANSWER)}
    assert {name for name in names if f"`{name}`" not in page} == set()
