#!/bin/sh
# Stage 4: full fine-tuning with TRL on accelerate. One process on a CPU or one GPU; ZeRO-3 or FSDP2
# on several GPUs. The same script trains SPRINT (per_call, trie, full_trajectory) and RFT (serial).
set -eu
. "$(dirname "$0")/python.sh"

BASE_MODEL=${BASE_MODEL:-deepseek-ai/DeepSeek-R1-Distill-Qwen-7B}
FINETUNING_DATA=${FINETUNING_DATA:?set FINETUNING_DATA to LOGS_DIR/finetuning_data/<dataset> of stage 3}
OUTPUT_MODEL=${OUTPUT_MODEL:?set OUTPUT_MODEL to the folder of the trained model}
PRESENTATION=${PRESENTATION:-per_call}
# The paper's hyper-parameters for a 7B model.
EPOCHS=${EPOCHS:-5}
LEARNING_RATE=${LEARNING_RATE:-1e-5}
WARMUP=${WARMUP:-0.05}
WEIGHT_DECAY=${WEIGHT_DECAY:-1e-4}
BATCH_SIZE=${BATCH_SIZE:-1}
GRADIENT_ACCUMULATION=${GRADIENT_ACCUMULATION:-16}
MAX_LENGTH=${MAX_LENGTH:-7168}
EVAL_STEPS=${EVAL_STEPS:-100}
# Steps between checkpoints, for --resume; 0: one at each evaluation.
SAVE_STEPS=${SAVE_STEPS:-0}
REPORT_TO=${REPORT_TO:-none}
# Special tokens written out in texts, such as <|im_end|>: remove them, or drop their rows.
SPECIAL_TOKENS=${SPECIAL_TOKENS:-remove}
# Name on the hub that the trained model is pushed to, with HF_TOKEN; empty: none.
PUSH_TO_HUB=${PUSH_TO_HUB:-}
# Processes where there is no GPU.
CPU_PROCESSES=${CPU_PROCESSES:-1}
# How several GPUs share a model: zero3 or fsdp2.
SHARDING=${SHARDING:-zero3}

if [ -z "${NUM_GPUS:-}" ]; then
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
    PRECISION=$("$PYTHON" -c 'from sprint.utils.precision import bfloat16_is_fast as fast
print("bf16" if fast() else "no")')
    LAUNCH="-m accelerate.commands.accelerate_cli launch --config_file $CONFIG
        --num_processes $NUM_GPUS --mixed_precision $PRECISION"
elif [ "$NUM_GPUS" -eq 0 ]; then
    # A process that sees GPUs takes them.
    export CUDA_VISIBLE_DEVICES=
    if [ "$CPU_PROCESSES" -gt 1 ]; then
        LAUNCH="-m torch.distributed.run --standalone --nproc_per_node $CPU_PROCESSES"
    fi
else
    # A single process takes all GPUs that it sees, and splits each batch over them.
    CUDA_VISIBLE_DEVICES=${CUDA_VISIBLE_DEVICES:-0}
    CUDA_VISIBLE_DEVICES=${CUDA_VISIBLE_DEVICES%%,*}
    export CUDA_VISIBLE_DEVICES
fi

# shellcheck disable=SC2086  # LAUNCH is several words on purpose
exec "$PYTHON" $LAUNCH -m sprint.finetuning \
    --model "$BASE_MODEL" --data "$FINETUNING_DATA" --output "$OUTPUT_MODEL" \
    --presentation "$PRESENTATION" --epochs "$EPOCHS" --learning_rate "$LEARNING_RATE" \
    --warmup "$WARMUP" --weight_decay "$WEIGHT_DECAY" --batch_size "$BATCH_SIZE" \
    --gradient_accumulation "$GRADIENT_ACCUMULATION" --max_length "$MAX_LENGTH" \
    --eval_steps "$EVAL_STEPS" --save_steps "$SAVE_STEPS" --report_to "$REPORT_TO" \
    --special_tokens "$SPECIAL_TOKENS" ${PUSH_TO_HUB:+--push_to_hub "$PUSH_TO_HUB"} "$@"
