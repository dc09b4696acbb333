"""A run for other people: a folder with a model card, pushed to a hub."""
