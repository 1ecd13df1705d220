# Sourced by the other scripts: changes to the repository's root and finds the Python to use.
cd "$(dirname "$0")/.."
PYTHON=${PYTHON:-${VENV:-.venv}/bin/python}
if ! command -v "$PYTHON" >/dev/null 2>&1; then
    echo "Error: no Python at $PYTHON: run 'sh run/setup.sh' first, or set PYTHON." >&2
    exit 2
fi
