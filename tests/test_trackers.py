"""The programs of docs/trackers.md run, with stand-ins for the trackers, which are not installed, and the training."""

import re
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from seq2seq.settings.config import Config

PAGE = (Path(__file__).parents[1] / "docs" / "trackers.md").read_text(encoding="utf-8")
PROGRAMS = re.findall(r"```python\n(.*?)```", PAGE, flags=re.DOTALL)
RECORD = {"epoch": 1, "step": 7, "loss": 2.5, "dev_bleu": 3.5, "dev_warning": "text"}


class Tracker:
    """Notes what is logged, with the signatures of W&B (a run that is also a context), MLflow and trackio."""

    def __init__(self):
        self.logged = []

    def init(self, *, project, name, config):
        assert config["model"]["cell"]
        return self

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return None

    def start_run(self, *, run_name):
        return self

    def log_params(self, params):
        assert params["cell"]

    def log_metrics(self, metrics, *, step):
        assert all(isinstance(value, int | float) for value in metrics.values())
        self.logged.append(step)

    def log(self, metrics, step=None):
        self.logged.append(metrics["step"])

    def finish(self):
        return None


@pytest.mark.parametrize("program", PROGRAMS, ids=["print", "wandb", "mlflow", "trackio"])
def test_program_logs_the_record_of_an_epoch(program, monkeypatch, capsys):
    tracker = Tracker()
    for name in ("wandb", "mlflow", "trackio"):
        monkeypatch.setitem(sys.modules, name, tracker)
    monkeypatch.setitem(
        sys.modules,
        "seq2seq",
        SimpleNamespace(load_config=lambda path: Config(), train=lambda config, run, *, on_epoch: on_epoch(RECORD)),
    )
    exec(program, {})  # noqa: S102
    assert tracker.logged == [7] or capsys.readouterr().out == f"{RECORD}\n"


def test_page_names_what_a_record_holds():
    assert {"epoch", "step", "loss", "seconds", "tokens_per_second"} <= set(re.findall(r"`(\w+)`", PAGE))
