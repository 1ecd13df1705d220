"""A GGUF file becomes a folder that transformers loads, with the same outputs and tokens."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import gguf
import torch
from sprint.model_download.gguf_package import convert
from tokenizers.pre_tokenizers import ByteLevel
from transformers import AutoModelForCausalLM, AutoTokenizer, LlamaConfig, LlamaForCausalLM

BYTES = sorted(ByteLevel.alphabet())
TOKENS = [*BYTES, "ab", "abc", "<|im_end|>"]
MERGES = ["a b", "ab c"]
BLOCK = 32
"""Weights that Q8_0 packs together."""
NAMES = {
    "model.embed_tokens": "token_embd",
    "model.norm": "output_norm",
    "input_layernorm": "attn_norm",
    "post_attention_layernorm": "ffn_norm",
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
}
"""Names of transformers, and of GGUF."""


def small_llama() -> LlamaForCausalLM:
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=len(TOKENS),
        hidden_size=2 * BLOCK,
        intermediate_size=3 * BLOCK,
        num_hidden_layers=1,
        num_attention_heads=2,
        num_key_value_heads=1,
        max_position_embeddings=64,
        tie_word_embeddings=True,
    )
    return LlamaForCausalLM(config).eval()


def gguf_name(name: str) -> str:
    stem, _, kind = name.rpartition(".")
    if stem.startswith("model.layers."):
        _, _, number, place = stem.split(".", 3)
        return f"blk.{number}.{NAMES[place]}.{kind}"
    return f"{NAMES[stem]}.{kind}"


def in_pairs(weight: torch.Tensor, heads: int) -> torch.Tensor:
    """llama.cpp turns neighbouring rows of a head together, transformers those of its halves."""
    halves = weight.reshape(heads, 2, -1, weight.shape[1])
    return halves.transpose(1, 2).reshape(weight.shape)


def write_gguf(path: Path, model: LlamaForCausalLM) -> None:
    """The model with matrices in Q8_0, as quantized models are shared."""
    config = model.config
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_block_count(config.num_hidden_layers)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_vocab_size(config.vocab_size)
    writer.add_tokenizer_model("gpt2")
    writer.add_token_list(TOKENS)
    writer.add_token_merges(MERGES)
    writer.add_eos_token_id(TOKENS.index("<|im_end|>"))
    heads = {"q_proj": config.num_attention_heads, "k_proj": config.num_key_value_heads}
    for name, weight in model.model.state_dict(prefix="model.").items():
        kind = name.split(".")[-2]
        if kind in heads:
            weight = in_pairs(weight, heads[kind])
        if weight.dim() == 1:
            writer.add_tensor(gguf_name(name), weight.numpy())
            continue
        packing = gguf.GGMLQuantizationType.Q8_0
        packed = gguf.quants.quantize(weight.numpy(), packing)
        writer.add_tensor(gguf_name(name), packed, raw_dtype=packing)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def test_a_quantized_model_becomes_a_folder_in_bfloat16(tmp_path: Path) -> None:
    model = small_llama()
    write_gguf(tmp_path / "model.gguf", model)
    convert(tmp_path / "model.gguf", tmp_path / "base")

    written = json.loads((tmp_path / "base" / "config.json").read_text())
    assert "quantization_config" not in written
    assert written["dtype"] == "bfloat16"
    found: Any = AutoModelForCausalLM.from_pretrained(tmp_path / "base", dtype=torch.float32)
    ids = torch.tensor([[1, 2, 3, 4, 5]])
    with torch.no_grad():
        expected, logits = model(ids).logits, found.eval()(ids).logits
    assert (logits - expected).norm() < 0.02 * expected.norm()

    tokenizer = AutoTokenizer.from_pretrained(tmp_path / "base")
    assert tokenizer("abcab", add_special_tokens=False)["input_ids"] == [
        TOKENS.index("abc"),
        TOKENS.index("ab"),
    ]
    assert tokenizer.eos_token == "<|im_end|>"
