"""What tests of several devices start: JAX counts its devices once, when it is loaded, and joins before it computes.

``devices FOLDER N ...`` trains a run on each number of devices, ``finetune FOLDER N ...`` fine-tunes one on each, from
the run of one device; other arguments are those of seq2seq.
"""

import sys
from pathlib import Path


def start(arguments):
    """Train with few shapes of batches, each of which is compiled in each process and for each number of devices."""
    from seq2seq.backend import open_backend

    open_backend()  # before what imports Keras
    from seq2seq.cli import main
    from seq2seq.settings.config import load_config
    from seq2seq.training import building
    from seq2seq.training.loop import finetune, train

    building._MOST_COMPILED_SHAPES = 1
    if arguments[0] not in ("devices", "finetune"):
        return main(arguments)
    folder = Path(arguments[1])
    for devices in arguments[2:]:
        number = [f"training.devices={devices}"]
        if arguments[0] == "devices":
            outcome = train(load_config(folder / "config.json", number), folder / f"run{devices}")
        else:
            outcome = finetune(folder / "run1", load_config(folder / "tuned.json", number), folder / f"tuned{devices}")
        assert outcome.finished
    return 0


if __name__ == "__main__":  # pytest looks for doctests here too
    sys.exit(start(sys.argv[1:]))
