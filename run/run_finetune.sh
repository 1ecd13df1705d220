#!/bin/sh
# Stage 4: full fine-tuning with TRL on accelerate. One process on a CPU or one GPU; ZeRO-3 or FSDP2
# on several GPUs. The same script trains SPRINT (per_call, trie, full_trajectory) and RFT (serial).
set -eu
. "$(dirname "$0")/python.sh"

# Empty variables use the command's defaults: see --help.
BASE_MODEL=${BASE_MODEL:-deepseek-ai/DeepSeek-R1-Distill-Qwen-7B}
FINETUNING_DATA=${FINETUNING_DATA:?set FINETUNING_DATA to LOGS_DIR/finetuning_data/<dataset> of stage 3}
OUTPUT_MODEL=${OUTPUT_MODEL:?set OUTPUT_MODEL to the folder of the trained model}
PRESENTATION=${PRESENTATION:-}
# Empty: the paper's value for a 7B model.
EPOCHS=${EPOCHS:-}
LEARNING_RATE=${LEARNING_RATE:-}
WARMUP=${WARMUP:-}
WEIGHT_DECAY=${WEIGHT_DECAY:-}
BATCH_SIZE=${BATCH_SIZE:-}
GRADIENT_ACCUMULATION=${GRADIENT_ACCUMULATION:-}
MAX_LENGTH=${MAX_LENGTH:-}
EVAL_STEPS=${EVAL_STEPS:-}
# Steps between checkpoints, for --resume; 0: one at each evaluation.
SAVE_STEPS=${SAVE_STEPS:-}
REPORT_TO=${REPORT_TO:-}
# Special tokens that appear in texts, such as <|im_end|>: remove them, or drop their rows.
SPECIAL_TOKENS=${SPECIAL_TOKENS:-}
# on: make the frequent tags of the training data single tokens of the model.
TAG_TOKENS=${TAG_TOKENS:-}
# Hub repository to push the trained model to, with HF_TOKEN; empty: no push.
PUSH_TO_HUB=${PUSH_TO_HUB:-}
# Number of processes without a GPU.
CPU_PROCESSES=${CPU_PROCESSES:-1}
# How several GPUs share a model: zero3 or fsdp2.
SHARDING=${SHARDING:-zero3}
# Empty: all available GPUs.
NUM_GPUS=${NUM_GPUS:-}

if [ -z "$NUM_GPUS" ]; then
    NUM_GPUS=$("$PYTHON" -c 'import torch; print(torch.cuda.device_count())')
fi
case $NUM_GPUS$CPU_PROCESSES in
*[!0-9]*)
    echo "Error: NUM_GPUS is $NUM_GPUS and CPU_PROCESSES $CPU_PROCESSES: expected whole numbers." >&2
    exit 2
    ;;
esac
# One process needs no launcher: TRL's trainer runs on accelerate by itself.
LAUNCH=""
if [ "$NUM_GPUS" -gt 1 ]; then
    CONFIG=src/finetuning/$SHARDING.yaml
    if [ ! -f "$CONFIG" ]; then
        echo "Error: SHARDING is $SHARDING: expected zero3 or fsdp2." >&2
        exit 2
    fi
    # The command sets its own precision, see --precision.
    LAUNCH="-m accelerate.commands.accelerate_cli launch --config_file $CONFIG
        --num_processes $NUM_GPUS --mixed_precision no"
elif [ "$NUM_GPUS" -eq 0 ]; then
    # A process uses every GPU that it sees.
    export CUDA_VISIBLE_DEVICES=
    # glibc returns large blocks to the system, which clears their pages again at the next step.
    # Here it keeps them, in large pages, and finds one for the next tensor of the same size.
    keep=glibc.malloc.mmap_max=0:glibc.malloc.trim_threshold=68719476736
    keep=$keep:glibc.malloc.top_pad=268435456:glibc.malloc.hugetlb=1
    keep=$keep:glibc.malloc.tcache_count=0:glibc.malloc.mxfast=0
    export GLIBC_TUNABLES="${GLIBC_TUNABLES:-$keep}"
    if [ "$CPU_PROCESSES" -gt 1 ]; then
        LAUNCH="-m torch.distributed.run --standalone --nproc_per_node $CPU_PROCESSES"
    fi
else
    # A single process uses all visible GPUs and splits each batch across them.
    CUDA_VISIBLE_DEVICES=${CUDA_VISIBLE_DEVICES:-0}
    CUDA_VISIBLE_DEVICES=${CUDA_VISIBLE_DEVICES%%,*}
    export CUDA_VISIBLE_DEVICES
fi

# shellcheck disable=SC2086  # LAUNCH is several words on purpose
exec "$PYTHON" $LAUNCH -m sprint.finetuning \
    --model "$BASE_MODEL" \
    --data "$FINETUNING_DATA" \
    --output "$OUTPUT_MODEL" \
    ${PRESENTATION:+--presentation "$PRESENTATION"} \
    ${EPOCHS:+--epochs "$EPOCHS"} \
    ${LEARNING_RATE:+--learning_rate "$LEARNING_RATE"} \
    ${WARMUP:+--warmup "$WARMUP"} \
    ${WEIGHT_DECAY:+--weight_decay "$WEIGHT_DECAY"} \
    ${BATCH_SIZE:+--batch_size "$BATCH_SIZE"} \
    ${GRADIENT_ACCUMULATION:+--gradient_accumulation "$GRADIENT_ACCUMULATION"} \
    ${MAX_LENGTH:+--max_length "$MAX_LENGTH"} \
    ${EVAL_STEPS:+--eval_steps "$EVAL_STEPS"} \
    ${SAVE_STEPS:+--save_steps "$SAVE_STEPS"} \
    ${REPORT_TO:+--report_to "$REPORT_TO"} \
    ${SPECIAL_TOKENS:+--special_tokens "$SPECIAL_TOKENS"} \
    ${TAG_TOKENS:+--tag_tokens "$TAG_TOKENS"} \
    ${PUSH_TO_HUB:+--push_to_hub "$PUSH_TO_HUB"} \
    "$@"
