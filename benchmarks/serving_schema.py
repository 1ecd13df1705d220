"""Tests the server against its own OpenAPI description with schemathesis.

python benchmarks/serving_schema.py [--schemathesis schemathesis] [--examples 300] [--seed 5]

schemathesis (4.32.5 was tried) needs an environment of its own:

    python3.11 -m venv /tmp/schemathesis && /tmp/schemathesis/bin/pip install schemathesis==4.32.5
    python benchmarks/serving_schema.py --schemathesis /tmp/schemathesis/bin/schemathesis

It sends valid and invalid requests to each endpoint and checks status, headers and body of each
response. The model server answers every question. Exit code and output are those of schemathesis.
"""

from __future__ import annotations

import argparse
import subprocess
import sys

from token_clock import TokenClock, served

from serving import serving

ANSWER = "<Final_answer>\nIt is \\boxed{5}.\n</Final_answer>"
LEFT_OUT = "positive_data_acceptance"
"""The check that a request which fits the description is answered: no schema can say that the last
message must be a user's, with some text."""


class Answering(TokenClock):
    """Writes the same answer to every question."""

    def find(self, context: str) -> str:
        return ANSWER


def answering() -> Answering:
    return Answering({}, 0.0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--schemathesis", default="schemathesis", help="its command")
    parser.add_argument("--examples", type=int, default=300, help="for each endpoint and phase")
    parser.add_argument("--seed", type=int, default=5)
    arguments = parser.parse_args()
    with served(answering) as url, serving(url) as ours:
        command = [arguments.schemathesis, "run", ours.url.replace("/v1", "/openapi.json")]
        command += ["--checks", "all", "--exclude-checks", LEFT_OUT, "--continue-on-failure"]
        command += ["--max-examples", str(arguments.examples), "--seed", str(arguments.seed)]
        sys.exit(subprocess.run(command, check=False).returncode)


if __name__ == "__main__":
    main()
