"""A worker extension of vLLM: new weights for a running server (`--worker-extension-cls`)."""

from __future__ import annotations

from typing import Any


class WeightLoading:
    """Its methods are added to vLLM's workers, and called by /collective_rpc."""

    model_runner: Any

    def load_weights_from(self, folder: str) -> None:
        """Load the weights of a model folder in place.

        vLLM does not pack a tied head again when it reloads, so on a CPU the logits would still be
        those of the old weights.
        """
        from vllm.model_executor.layers.vocab_parallel_embedding import VocabParallelEmbedding

        self.model_runner.reload_weights(weights_path=folder)
        for module in self.model_runner.get_model().modules():
            if isinstance(module, VocabParallelEmbedding):
                module.quant_method.process_weights_after_loading(module)
