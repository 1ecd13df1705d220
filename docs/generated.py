"""A hook of MkDocs: the pages that are made from the code at each build, and never committed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from sprint.base_model_evaluation.config import CONFIGS
from sprint.commands import COMMANDS, config_of
from sprint.utils.config.fields import Field, fields_of
from sprint.utils.config.reference import reference

ROOT = Path(__file__).resolve().parents[1]
SCRIPTS = ROOT / "run"
PROMPTS = ROOT / "src" / "prompts"

VARIABLE = re.compile(r"^([A-Z_]+)=\$\{\1:([-?])(.*)\}$")
WRITTEN: Mapping[str, str] = {
    "demo.sh": "../demo.md#variables",
    "quickstart.sh": "../quickstart.md#variables",
    "run_server.sh": "../servers.md#start-a-server",
    "setup.sh": "../installation.md#variables",
}
"""Pages that explain a script whose variables are no flags."""


class Variable(NamedTuple):
    """A variable of a script. `flag`: the field that it sets, None for the script's own."""

    name: str
    default: str
    comment: str
    flag: Field | None

    @property
    def row(self) -> str:
        flag = f"`{self.flag.flag}`" if self.flag else ""
        meaning = self.flag.doc if self.flag else self.comment
        return _row(f"`{self.name}`", flag, self.default, _escaped(meaning))


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Called by MkDocs: adds the pages, and the pictures that lie outside of docs/."""
    for path, text in pages().items():
        files.append(File.generated(config, path, content=text))
    for picture in sorted((ROOT / "figures").glob("*.png")):
        path = f"figures/{picture.name}"
        files.append(File.generated(config, path, abs_src_path=str(picture)))
    return files


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Called by MkDocs: pages link to figures/ as it lies in the repository."""
    return markdown.replace("](../figures/", "](figures/")


def pages() -> dict[str, str]:
    """The text of each page by its path."""
    made = {f"reference/{command}.md": command_page(command) for command in COMMANDS}
    made["reference/variables.md"] = variables_page()
    made["reference/prompts.md"] = prompts_page()
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    made["changelog.md"] = changes.replace("](docs/", "](")
    return made


def command_page(command: str) -> str:
    """The flags of a command; its groups are headings, so that the search finds them."""
    text = reference(config_of(command)).replace("## ", "# ", 1)
    text = re.sub(r"^\*\*(.+)\*\*$", r"## \1", text, flags=re.MULTILINE)
    text += "\n`--config FILE` and the order of flags, files and environment: "
    text += "[Configuration](../configuration.md).\n"
    return text + (methods_section() if command == "baseline" else "")


def methods_section() -> str:
    """The fields whose defaults depend on the method."""
    defaults = {
        method: {field.flag: field.default for field in fields_of(kind)}
        for method, kind in CONFIGS.items()
    }
    flags = dict.fromkeys(flag for fields in defaults.values() for flag in fields)
    flags.pop("--method")
    differ = [flag for flag in flags if len({fields.get(flag) for fields in defaults.values()}) > 1]
    lines = ["", "## Defaults of each method", "", _row("`--method`", *(f"`{f}`" for f in differ))]
    lines.append(_row(*["---"] * (len(differ) + 1)))
    for method, fields in defaults.items():
        lines.append(_row(f"`{method}`", *(fields.get(flag, "no such flag") for flag in differ)))
    return "\n".join(lines) + "\n"


def variables_page() -> str:
    """The variables of each script in run/."""
    lines = ["# Variables of the scripts in run/", ""]
    lines += [
        "Set a variable in the environment: `MAX_PHASES=4 sh run/run_agent_orchestration.sh`. "
        "Flags after the script's name go to the command behind it. A variable that is empty "
        "leaves the command's own default.",
    ]
    for script in sorted(SCRIPTS.glob("*.sh")):
        if found := variables_of(script):
            lines += ["", f"## run/{script.name}", "", _introduction(script)]
            if script.name in WRITTEN:
                lines += ["", f"All of them are explained [here]({WRITTEN[script.name]})."]
            lines += ["", "| variable | flag | default | meaning |", "|---|---|---|---|"]
            lines += [variable.row for variable in found]
    return "\n".join(lines) + "\n"


def variables_of(script: Path) -> list[Variable]:
    """What a script reads from the environment, in its order."""
    text = script.read_text(encoding="utf-8")
    flags = _flags(text)
    found, comment = list[Variable](), list[str]()
    for line in text.splitlines():
        if match := VARIABLE.match(line):
            name, kind, default = match.groups()
            flag = flags.get(name)
            value = default or (flag.default if flag else "")
            shown = "required" if kind == "?" else f"`{value}`" if value else ""
            found.append(Variable(name, shown, " ".join(comment), flag))
        comment = [*comment, line[2:]] if line.startswith("# ") else []
    return found


def _flags(text: str) -> dict[str, Field]:
    """The field that each variable of a script sets; none of a script without a command."""
    module = re.search(r"-m sprint\.([\w.]+)", text)
    command = {name: word for word, name in COMMANDS.items()}.get(module[1]) if module else None
    if command is None:
        return {}
    kinds = CONFIGS.values() if command == "baseline" else [config_of(command)]
    fields = {field.flag: field for kind in kinds for field in fields_of(kind)}
    pairs = re.findall(r'(--\w+) "\$([A-Z_]+)"', text)
    return {variable: fields[flag] for flag, variable in pairs if flag in fields}


def _introduction(script: Path) -> str:
    """The comment that a script begins with."""
    text = script.read_text(encoding="utf-8").removeprefix("#!/bin/sh\n")
    return " ".join(_comment(text.splitlines()))


def _comment(lines: list[str]) -> Iterator[str]:
    for line in lines:
        if not line.startswith("#"):
            return
        yield _escaped(line[1:].strip())


def prompts_page() -> str:
    """Every text that is sent to a model, as it is shipped."""
    lines = ["# Prompts", ""]
    lines += ["`PROMPTS_DIR` names a folder whose files replace those of the same name."]
    for path in sorted(PROMPTS.glob("*.txt")):
        text = path.read_text(encoding="utf-8").strip()
        lines += ["", f"## {path.name}", "", "````text", text, "````"]
    return "\n".join(lines) + "\n"


def _row(*cells: str) -> str:
    return "| " + " | ".join(cells) + " |"


def _escaped(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")
