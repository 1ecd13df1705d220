# Sourced by the scripts that run several stages, each by its own script.

# use_only NAME...: exports these variables, and unsets all others that the stages' scripts read, so
# that settings of other runs do not affect this one.
use_only() {
    for name in $(sed -n 's/^\([A-Z_]*\)=\${\1:.*/\1/p' run/run_*.sh \
        run/annotation.sh run/curation.sh run/planner.sh run/test_set.sh) PROMPTS_DIR; do
        case " $* STOP_TIMEOUT VLLM_CPU_KVCACHE_SPACE " in
        *" $name "*) ;;
        *) unset "$name" ;;
        esac
    done
    export "$@"
}
