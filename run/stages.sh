# Sourced by the scripts that run one stage after another and servers of their own. A shell acts on
# a signal only when the command it waits for in the foreground has ended. So a stage runs in the
# background, and a signal is handed on to it at once. Neither a stage nor a server outlives the
# script, even one that is killed.
running=
serving=

# stage COMMAND...: runs it, and has its exit status.
stage() {
    running=yes
    "$PYTHON" -m sprint.model_server stage --owner $$ -- "$@" &
    stage_status=0
    wait "$!" || stage_status=$?
    running=
    return "$stage_status"
}

# The models that the quickstart makes in WORK.
require_models() {
    for model in RFT SPRINT; do
        if [ ! -f "$WORK/models/$model/recipe.txt" ]; then
            echo "Error: no model $WORK/models/$model: run 'sh run/quickstart.sh' first." >&2
            exit 2
        fi
    done
}

# serve MODEL: from here on the server is ours to stop, whatever happens.
serve() {
    serving=yes
    stage env MODEL="$1" SERVER_OWNER=$$ sh run/run_server.sh || {
        # It has left no server behind.
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
