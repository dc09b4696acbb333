"""Search and sampling. Knows only step(state, token) -> (scores, state)."""
