# Sourced by setup.sh: checks the machine, and turns failures of pip into one sentence.

# The minor version of glibc that the wheels need (llguidance has none for an older one).
OLDEST_GLIBC=31
# The oldest driver for CUDA 13, which the GPU set is built for.
OLDEST_DRIVER=580

require_platform() {
    system=$(uname -s)
    [ "$system" = Linux ] ||
        fail "this needs Linux, but this machine runs $system: use a Linux machine or container" \
            "(on Windows, WSL 2)."
    machine=$(uname -m)
    case $machine in
    x86_64 | aarch64) ;;
    *) fail "this needs an x86-64 or aarch64 processor, but this one is $machine." ;;
    esac
    glibc=$(getconf GNU_LIBC_VERSION 2>/dev/null) || glibc=none
    minor=${glibc#glibc 2.}
    [ "${minor%%[!0-9]*}" -ge "$OLDEST_GLIBC" ] 2>/dev/null ||
        fail "this needs glibc 2.$OLDEST_GLIBC or later (Debian 11, Ubuntu 20.04, RHEL 9)," \
            "but this machine has $glibc: use a container with a newer Linux (Alpine has no glibc)."
}

require_driver() {
    driver=$(nvidia-smi --query-gpu=driver_version --format=csv,noheader | head -n 1)
    [ "${driver%%.*}" -ge "$OLDEST_DRIVER" ] 2>/dev/null ||
        fail "the GPU set is built for CUDA 13, which needs NVIDIA driver $OLDEST_DRIVER or later," \
            "but found ${driver:-none}: update the driver, or set REQUIREMENTS=requirements.txt" \
            "to use the CPU (REQUIREMENTS=requirements-gpu.txt skips this check)."
}

# Only an environment may be deleted: VENV may be mistyped.
require_replaceable() {
    [ ! -e "$1" ] || [ -f "$1/pyvenv.cfg" ] || [ -z "$(ls -A "$1")" ] ||
        fail "$1 contains something other than a virtual environment: set VENV to another folder."
}

place_of() {
    (cd "$1" && pwd -P)
}

was_moved() {
    [ -f "$1/setup.place" ] && [ "$(cat "$1/setup.place")" != "$(place_of "$1")" ]
}

# require_space FOLDER REQUIREMENTS: the size of an existing environment in FOLDER counts as free.
require_space() {
    case $2 in
    requirements.txt) needed=4 ;;
    requirements-gpu.txt) needed=10 ;;
    *) return 0 ;;
    esac
    # The free blocks come before the used percentage.
    disk=$1
    [ -d "$disk" ] || disk=$(dirname "$1")
    free=$(df -Pk "$disk" 2>/dev/null | awk 'END { for (i = 2; $i !~ /^[0-9]+%$/; i++) if (i > NF) exit
        print $(i - 1) }')
    used=0
    [ ! -f "$1/pyvenv.cfg" ] || used=$(du -sk "$1/lib" 2>/dev/null | cut -f 1)
    [ -n "$free" ] || return 0
    used=${used:-0}
    [ "$(((free + used) / 1048576))" -ge "$needed" ] ||
        fail "$2 needs about $needed GB in $1, but only $((free / 1048576)) GB are free: free up" \
            "space, or set VENV to a folder on another disk."
}

# If pip is killed while it writes a package, the package looks installed but is incomplete: pip
# writes the list of its files last.
remove_halves() {
    for folder in "$1"/lib/python3.11/site-packages/*.dist-info; do
        [ ! -d "$folder" ] || [ -f "$folder/RECORD" ] || rm -rf "$folder"
    done
}

without_password() {
    echo "$1" | sed 's#//[^/@]*@#//#'
}

# fault_of_pip WHAT LOG: explains why pip failed.
fault_of_pip() {
    words="(pip's output is in $2)"
    if grep -q 'DO NOT MATCH THE HASHES' "$2"; then
        package=$(sed -n '/DO NOT MATCH THE HASHES/{n;s/^ *//;s/ from .*//p;}' "$2" | head -n 1)
        echo "the file that pip found for $package does not match its hash in $1: do not" \
            "install it, and check the index that it comes from $words."
    elif grep -q 'Errno 28\|No space left on device' "$2"; then
        echo "the disk is full: free up space in $VENV and in ${TMPDIR:-/tmp}, and run the" \
            "set-up again $words."
    elif grep -q 'ProxyError\|ConnectionError\|TimeoutError\|IncompleteRead\|Read timed out' "$2"; then
        echo "pip cannot download the packages in $1: check the network and the proxy, and run the" \
            "set-up again to continue $words."
    else
        # The reason is in the last line of a traceback.
        reason=$(sed -n 's/^ *[Ee][Rr][Rr][Oo][Rr]: //p' "$2" | grep -vx 'Exception: *' | tail -n 1)
        [ -n "$reason" ] || reason=$(grep -v '^ *$' "$2" | tail -n 1)
        echo "pip cannot install $1: $(echo "$reason" | cut -c -300) $words."
    fi
}
