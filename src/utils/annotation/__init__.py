"""Asking a paid model to annotate: answers on disk, batches, prices and limits of cost."""
