"""What train_base.py is made of: its documents, its tokenizer and its optimizer."""
