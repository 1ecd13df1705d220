"""Annotation by a paid model: stored answers, batches, prices and cost limits."""
