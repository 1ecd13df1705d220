# Sourced by the scripts that start servers, with PYTHON set.

# can_compile: whether there is what torch.compile needs on a CPU, a C++ compiler and Python's
# headers.
can_compile() {
    command -v "${CXX:-g++}" >/dev/null && "$PYTHON" -c '
import pathlib
import sys
import sysconfig

sys.exit(not pathlib.Path(sysconfig.get_path("include"), "Python.h").is_file())
'
}
