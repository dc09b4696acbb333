"""Training: `loop.train` reads like the recipe."""
