# Sourced by the scripts that start servers, with PYTHON set: whether vLLM can compile on a CPU.

has_gpu() {
    nvidia-smi >/dev/null 2>&1
}

# can_compile: whether there are a C++ compiler and Python's headers, which torch.compile needs.
can_compile() {
    command -v "${CXX:-g++}" >/dev/null && "$PYTHON" -c '
import pathlib
import sys
import sysconfig

sys.exit(not pathlib.Path(sysconfig.get_path("include"), "Python.h").is_file())
'
}

# check_compile VALUE: ends the script if a server cannot follow SERVER_COMPILE.
check_compile() {
    case $1 in
    on)
        if ! has_gpu && ! can_compile; then
            echo "Error: SERVER_COMPILE=on needs a C++ compiler (${CXX:-g++}) and Python's headers:" \
                "install g++ and python3-dev, or leave out SERVER_COMPILE." >&2
            exit 2
        fi
        ;;
    off | "") ;;
    *)
        echo "Error: expected SERVER_COMPILE to be on or off, not '$1'." >&2
        exit 2
        ;;
    esac
}
