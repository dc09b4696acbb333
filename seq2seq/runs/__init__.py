"""A run on disk: its files, what ties them together, its checkpoints and its log."""
