"""The parts of train_base.py: its documents, its tokenizer and its optimizer."""
