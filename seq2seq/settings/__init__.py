"""The settings of a run: their names and defaults, their bounds, how a file is read, and how faults are explained."""
