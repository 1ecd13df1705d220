"""The pages that are generated from the code, and a hook of MkDocs.

`python docs/generated.py` writes docs/reference/, which a test compares with the code.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, Mapping
from itertools import groupby, takewhile
from pathlib import Path
from typing import Any, NamedTuple

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from sprint.agent_orchestration.config import CONFIGS as SPRINT_CONFIGS
from sprint.base_model_evaluation.config import CONFIGS as BASELINE_CONFIGS
from sprint.commands import COMMANDS, config_of
from sprint.model_server.config import ServerConfig
from sprint.utils.config import Config
from sprint.utils.config.fields import Field, fields_of
from sprint.utils.config.flags import title_of

ROOT = Path(__file__).resolve().parents[1]
REFERENCE = ROOT / "docs" / "reference"
SCRIPTS = ROOT / "run"
PROMPTS = ROOT / "src" / "prompts"

OF_METHODS: Mapping[str, Mapping[str, type[Config]]] = {
    "orchestrate": SPRINT_CONFIGS,
    "baseline": BASELINE_CONFIGS,
}
"""The configurations of each method, for the commands that have several."""

VARIABLE = re.compile(r"^([A-Z_]+)=\$\{\1:([-?])(.*)\}$")
CODE = re.compile(r"\[(`[^`\]]+`)\]\(\.\./src/[^)]*\)")
"""A link to code, which the site does not contain."""
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
        of_flag = self.flag is not None and not self.flag.is_switch
        meaning = self.flag.doc if self.flag and of_flag else self.comment
        return _row(f"`{self.name}`", flag, self.default, _escaped(meaning))


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Called by MkDocs: adds the changelog and the pictures, which lie outside of docs/."""
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8").replace("](docs/", "](")
    files.append(File.generated(config, "changelog.md", content=changes))
    for picture in sorted((ROOT / "figures").glob("*.png")):
        path = f"figures/{picture.name}"
        files.append(File.generated(config, path, abs_src_path=str(picture)))
    return files


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Called by MkDocs: pages link to figures/ and src/ as they lie in the repository."""
    return CODE.sub(r"\1", markdown.replace("](../figures/", "](figures/"))


def pages() -> dict[str, str]:
    """The text of each page of docs/reference/ by its name."""
    made = {f"{command}.md": command_page(command) for command in COMMANDS}
    return made | {"variables.md": variables_page(), "prompts.md": prompts_page()}


def command_page(command: str) -> str:
    """What a command does, and its flags; groups are headings, so that the search finds them."""
    text = "\n".join(_reference(config_of(command))) + "\n"
    text += "\n`--config FILE` and the order of flags, files and environment: "
    text += "[Configuration](../configuration.md).\n"
    return text + (methods_section(OF_METHODS[command]) if command in OF_METHODS else "")


def _reference(kind: type[Config]) -> Iterator[str]:
    yield from (f"# sprint {kind.command}", "", _escaped(inspect.getdoc(kind) or ""))
    group: type[Config] | None = None
    for field in fields_of(kind):
        if field.group is not group:
            group = field.group
            if group is not kind:
                yield from ("", f"## {_escaped(title_of(group))}")
            yield from ("", "| flag | takes | default | meaning |", "|---|---|---|---|")
        name = field.positional.name if field.positional is not None else field.flag
        default = f"`{field.default}`" if field.default else ""
        required = "required" if field.info.is_required() else default
        yield _row(f"`{name}`", _escaped(field.values), required, _escaped(field.doc))


def methods_section(configs: Mapping[str, type[Config]]) -> str:
    """The fields whose defaults depend on the method."""
    defaults = {
        method: {field.flag: field.default for field in fields_of(kind)}
        for method, kind in configs.items()
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
            lines += _and_those_of(script)
    return "\n".join(lines) + "\n"


def variables_of(script: Path) -> list[Variable]:
    """What a script reads from the environment, in its order."""
    text = script.read_text(encoding="utf-8")
    flags = _flags(script, text)
    found, comment = list[Variable](), list[str]()
    for line in text.splitlines():
        if match := VARIABLE.match(line):
            name, kind, default = match.groups()
            flag = flags.get(name)
            value = _resolved(default) or (flag.default if flag and not flag.is_switch else "")
            shown = "required" if kind == "?" else f"`{value}`" if value else ""
            found.append(Variable(name, shown, " ".join(comment), flag))
        comment = [*comment, line[2:]] if line.startswith("# ") else []
    return found


def _resolved(default: str) -> str:
    """A default that is another variable: its value in run/, else its name."""
    named = re.fullmatch(r"\$([A-Z_]+)|\$\{([A-Z_]+):-\}", default)
    if named is None:
        return default
    texts = (script.read_text(encoding="utf-8") for script in SCRIPTS.glob("*.sh"))
    values = (re.search(rf"^{named[1]}=(.*)$", text, re.MULTILINE) for text in texts)
    return next((value[1] for value in values if value), named[1] or named[2])


def _and_those_of(script: Path) -> Iterator[str]:
    """The sections of the variables that a script has from others."""
    for part in SCRIPTS.glob("*.sh"):
        if _sources(script, part) and variables_of(part):
            yield from ("", f"And those of [run/{part.name}](#run{part.stem}sh).")


def _sources(script: Path, part: Path) -> bool:
    return f"\n. run/{part.name}\n" in script.read_text(encoding="utf-8")


def _flags(script: Path, text: str) -> dict[str, Field]:
    """The field that each variable of a script sets; none of a script without a command.

    What other scripts source has their command.
    """
    users = sorted(one for one in SCRIPTS.glob("run_*.sh") if _sources(one, script))
    for named in (script, *users):
        module = re.search(r"-m sprint\.([\w.]+)", named.read_text(encoding="utf-8"))
        if module:
            break
    kinds = configs_of(module[1]) if module else []
    # The first configuration decides: that of the default method.
    fields = {field.flag: field for kind in reversed(kinds) for field in fields_of(kind)}
    pairs = [pair[::-1] for pair in re.findall(r'(--\w+) "\$([A-Z_]+)"', text)]
    pairs += re.findall(r"^case \$([A-Z_]+) in$.*?1\) \w+=(--\w+)", text, re.M | re.S)
    return {variable: fields[flag] for variable, flag in pairs if flag in fields}


def configs_of(module: str) -> list[type[Config]]:
    """The configurations of `python -m sprint.<module>`: one, or one for each method."""
    if module == "model_server":
        return [ServerConfig]
    command = {name: word for word, name in COMMANDS.items()}[module]
    return [*OF_METHODS[command].values()] if command in OF_METHODS else [config_of(command)]


def _introduction(script: Path) -> str:
    """The comment that a script begins with; its indented lines are code."""
    text = script.read_text(encoding="utf-8").removeprefix("#!/bin/sh\n")
    comment = [line[2:] for line in takewhile(lambda line: line.startswith("#"), text.splitlines())]
    parts = list[str]()
    for is_code, group in groupby(comment, key=lambda line: line.startswith("  ")):
        lines = [*group]
        code = ["```text", *(line[2:] for line in lines), "```"]
        parts.append("\n".join(code) if is_code else _escaped(" ".join(lines)))
    return "\n\n".join(parts)


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


def main() -> None:
    REFERENCE.mkdir(exist_ok=True)
    for name, text in pages().items():
        (REFERENCE / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
