# Sourced by the scripts that run several stages and their own servers. A shell handles a signal
# only when its foreground command has ended. So a stage runs in the background, and a signal is
# passed on to it at once. Neither a stage nor a server outlives the script, even if it is killed.
running=
serving=

# stage COMMAND...: runs it, and returns its exit status.
stage() {
    running=yes
    "$PYTHON" -m sprint.model_server stage --owner $$ -- "$@" &
    stage_status=0
    wait "$!" || stage_status=$?
    running=
    return "$stage_status"
}

# Fails unless WORK contains the models of the quickstart.
require_models() {
    for model in RFT SPRINT; do
        if [ ! -f "$WORK/models/$model/recipe.txt" ]; then
            echo "Error: no model $WORK/models/$model: run 'sh run/quickstart.sh' first." >&2
            exit 2
        fi
    done
}

# serve MODEL: starts a server, which this script must stop.
serve() {
    serving=yes
    stage env MODEL="$1" SERVER_OWNER=$$ sh run/run_server.sh || {
        # No server is running.
        stage_status=$?
        serving=
        exit "$stage_status"
    }
}

stop_server() {
    SERVER_OWNER=$$ sh run/run_server.sh stop
    serving=
}

clean_up() {
    trap '' HUP INT QUIT TERM USR1 USR2
    if [ -n "$running" ]; then
        kill -TERM "$!" 2>/dev/null || true
        kill -CONT "$!" 2>/dev/null || true
        wait "$!" || true
    fi
    [ -z "$serving" ] || stop_server
}
trap clean_up EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 131' QUIT
trap 'exit 138' USR1
trap 'exit 140' USR2
trap 'exit 143' TERM
