"""Training: `loop.train` reads like the recipe."""

from seq2seq.extras import require

require("training", "keras", "pyarrow", "matplotlib")  # now, and not when the picture is drawn at the end
