# Sourced after stages.sh by the scripts that fine-tune models which they then use.

# has_recipe FILE: whether a training with this recipe wrote it.
has_recipe() {
    [ -f "$1" ] && [ "$(cat "$1")" = "$recipe" ]
}

# finetune MODEL RECIPE WORD...: writes the folder MODEL with the command `env WORD...`, which reads
# OUTPUT_MODEL. Keeps an existing model of the same recipe, a text with all that affects the model,
# and continues its training from the last checkpoint.
finetune() {
    model=$1
    recipe=$2
    shift 2
    if has_recipe "$model/recipe.txt"; then
        echo "$model already exists."
        return
    fi
    if ! has_recipe "$model.part.recipe.txt"; then
        rm -rf "$model" "$model.part" "$model.part.checkpoints"
        mkdir -p "$(dirname "$model")"
        echo "$recipe" >"$model.part.recipe.txt"
    fi
    resume=
    for manifest in "$model.part.checkpoints"/checkpoint-*/checksums.json; do
        [ ! -f "$manifest" ] || resume=--resume
    done
    # Else the script was stopped right after the training.
    if [ ! -f "$model.part/training.json" ]; then
        # What was written without a complete checkpoint is of no use.
        [ -n "$resume" ] || rm -rf "$model.part" "$model.part.checkpoints"
        stage env OUTPUT_MODEL="$model.part" "$@" $resume
    fi
    cp "$model.part.recipe.txt" "$model.part/recipe.txt"
    mv "$model.part" "$model"
    rm -rf "$model.part.recipe.txt" "$model.part.checkpoints"
}
