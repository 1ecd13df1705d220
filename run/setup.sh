#!/bin/sh
# Creates the virtual environment .venv and installs the pinned requirements, once.
#   sh run/setup.sh          what the stages need
#   sh run/setup.sh dev      also what the tests need
set -eu
cd "$(dirname "$0")/.."

# The Python 3.11 that creates the environment.
BASE_PYTHON=${BASE_PYTHON:-}
VENV=${VENV:-.venv}
# The index for PyTorch's CPU build, if pip does not find it by itself.
TORCH_INDEX_URL=${TORCH_INDEX_URL:-https://download.pytorch.org/whl/cpu}
# Seconds to wait for an answer of an index.
INDEX_TIMEOUT=${INDEX_TIMEOUT:-8}
# requirements-gpu.txt if there is an NVIDIA GPU.
REQUIREMENTS=${REQUIREMENTS:-}

# Settings of a shell or a container for other environments: packages that shadow those of this one,
# other install locations and versions, or a silent pip.
unset PYTHONPATH PYTHONHOME PIP_TARGET PIP_PREFIX PIP_ROOT PIP_DRY_RUN PIP_CONSTRAINT
export PIP_USER=0 PIP_QUIET=0

. run/setup_checks.sh

fail() {
    echo "Error: $*" >&2
    exit 2
}

is_python_3_11() {
    "$1" -c 'import sys
sys.exit((sys.implementation.name, sys.version_info[:2]) != ("cpython", (3, 11)))' 2>/dev/null
}

pip() {
    "$VENV/bin/python" -m pip --disable-pip-version-check "$@"
}

# install NAME OPTION...: writes pip's output to the log, replacing that of the last install; on
# failure it prints one sentence.
install() {
    name=$1
    shift
    pip install --quiet "$@" >"$LOG" 2>&1 || fail "$(fault_of_pip "$name" "$LOG")"
}

# A stamp records the installed requirements and their folder, for a fast second call.
stamp() {
    { pwd -P && cat requirements* pyproject.toml; } | cksum
}
installed() {
    [ -f "$VENV/$1.stamp" ] && [ "$(cat "$VENV/$1.stamp")" = "$(stamp)" ]
}

# Writes the stamp atomically.
write_stamp() {
    stamp >"$VENV/$1.stamp.new"
    mv "$VENV/$1.stamp.new" "$VENV/$1.stamp"
}

fresh=
begin() {
    fresh=1
    place_of "$VENV" >"$VENV/setup.place"
    : >"$LOG"
    remove_halves "$VENV"
}

# finds_torch [OPTION...]: whether pip finds the CPU build with these options. The time is bounded,
# however the index behaves.
finds_torch() {
    timeout $((2 * INDEX_TIMEOUT + 10)) "$VENV/bin/python" -m pip --disable-pip-version-check \
        index versions torch --retries 1 --timeout "$INDEX_TIMEOUT" "$@" 2>>"$LOG" |
        tr -d ' ' | tr ',:' '\n\n' | grep -qxF "$torch"
}

install_torch() {
    torch=$(sed -n 's/^torch==\([^ ]*\).*/\1/p' requirements-torch-cpu.txt)
    "$VENV/bin/python" -c "from importlib import metadata
assert metadata.version('torch') == '$torch'" 2>/dev/null && return
    if finds_torch; then
        set --
    elif finds_torch --index-url "$TORCH_INDEX_URL"; then
        set -- --index-url "$TORCH_INDEX_URL"
    else
        fail "PyTorch's CPU build, torch $torch, is neither where pip looks by itself nor on" \
            "$(without_password "$TORCH_INDEX_URL"), or they do not answer: check the network and the" \
            "proxy, or set TORCH_INDEX_URL to an index that has it (pip's output is in $LOG)."
    fi
    install requirements-torch-cpu.txt --no-deps --require-hashes --only-binary :all: --retries 2 \
        --timeout "$INDEX_TIMEOUT" "$@" -r requirements-torch-cpu.txt
}

# Installs only the packages in a lock file: none is built, and none is installed without its hash.
install_locked() {
    install "$1" --no-deps --require-hashes --only-binary :all: -r "$1"
}

case ${1:-} in
"" | dev) ;;
*) fail "unknown argument $1: run 'sh run/setup.sh', or 'sh run/setup.sh dev' for the tests." ;;
esac
case $INDEX_TIMEOUT in
*[!0-9]* | 0*) fail "INDEX_TIMEOUT is $INDEX_TIMEOUT: expected a whole number of seconds, 1 or more." ;;
esac
[ -z "$BASE_PYTHON" ] || is_python_3_11 "$BASE_PYTHON" ||
    fail "BASE_PYTHON is $BASE_PYTHON, which is not a working CPython 3.11: set it to one, or unset it."
require_platform
if [ -z "$REQUIREMENTS" ]; then
    if nvidia-smi >/dev/null 2>&1; then
        REQUIREMENTS=requirements-gpu.txt
        require_driver
    else
        REQUIREMENTS=requirements.txt
    fi
fi

installed "$REQUIREMENTS" || require_space "$VENV" "$REQUIREMENTS"

# The scripts in an environment contain its path: one in a moved or copied folder is created again.
# So is one that does not run, for example because its Python was removed.
if ! pip --version >/dev/null 2>&1 || was_moved "$VENV"; then
    require_replaceable "$VENV"
    for candidate in python3.11 python3; do
        [ -n "$BASE_PYTHON" ] || ! is_python_3_11 "$candidate" || BASE_PYTHON=$candidate
    done
    [ -n "$BASE_PYTHON" ] || fail "Python 3.11 is needed: install it, or set BASE_PYTHON to its path."
    # Python's venv refuses a link, for example to a folder on a larger disk.
    output=$("$BASE_PYTHON" -m venv --clear "$(readlink -f "$VENV")" 2>&1) || {
        rm -rf "$VENV"
        fail "$BASE_PYTHON cannot create a virtual environment in $VENV: install its venv module" \
            "(python3.11-venv on Debian), and check that the folder can be written" \
            "($(echo "$output" | tail -n 1))."
    }
fi
is_python_3_11 "$VENV/bin/python" ||
    fail "$VENV contains another Python than 3.11: remove it, or set VENV to another folder."
LOG=$VENV/setup.log

if ! installed "$REQUIREMENTS"; then
    echo "Installing $REQUIREMENTS into $VENV (a few minutes)"
    [ "$machine" != aarch64 ] || echo "aarch64 has not been tested: the wheels exist."
    begin
    if [ "$REQUIREMENTS" = requirements.txt ]; then
        install_torch
        install_locked requirements-cpu.lock
        # Uses the build tools in the lock file.
        install "this project" --no-deps --no-build-isolation -e .
    else
        install "$REQUIREMENTS" -r "$REQUIREMENTS"
    fi
    write_stamp "$REQUIREMENTS"
fi
if [ "${1:-}" = dev ] && ! installed requirements-dev.txt; then
    begin
    if [ "$REQUIREMENTS" = requirements.txt ]; then
        install_locked requirements-dev.lock
    else
        install requirements-dev.txt -r requirements-dev.txt
    fi
    write_stamp requirements-dev.txt
fi
if [ "$fresh" ]; then
    echo "Set up in $VENV. Next steps are in README.md: the quickstart, or the stages."
fi
