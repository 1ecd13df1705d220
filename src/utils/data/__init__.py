"""Datasets as people have them: files, folders and the hub, with the columns that they have."""
