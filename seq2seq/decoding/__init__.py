"""Search and sampling. Knows only step(state, token) -> (log_probs, state)."""
