"""Tokenizers, special tokens, and how tokens are counted."""
