"""What the README of an export says is so: its program runs, and its tables name the graphs' values."""

import re
import subprocess
import sys

from seq2seq.settings.config import Translation
from seq2seq.translator import Translator


def test_program_of_the_readme_translates_without_seq2seq(exported):
    text = (exported / "README.md").read_text(encoding="utf-8")
    program = re.search(r"```python\n(.*?)```", text, re.DOTALL)[1]
    assert "seq2seq" not in program
    done = subprocess.run(
        [sys.executable, "-I", "-c", program],
        cwd=exported,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    greedy = Translator.load(exported, Translation(beam_size=1, max_length_ratio=1.0, max_length_extra=94))
    assert done.stdout.rstrip("\n") == greedy.translate(["A man is sleeping."])[0]


def test_readme_names_every_value_with_its_shape(exported):
    text = (exported / "README.md").read_text(encoding="utf-8")
    for row in (
        "| input | `source` | int32 | (B, T) |",
        "| output | `summary` | float32 | (B, 16) |",
        "| output | `summary_input` | float32 | (B, 1, 36) |",
        "| input | `token` | int32 | (B, K) |",
        "| output | `log_probs` | float32 | (B, K, 340) |",
        "| output | `next_h0` | float32 | (B, K, 12) |",
    ):
        assert row in text
