"""The settings of a run: what there is, what values it may have, how it is read from a file, what is wrong with it."""
