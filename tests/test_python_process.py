import json
import signal

import pytest

from seq2seq.python_process import how_it_ended, pipes_of, start_python

ECHO = """
import json, os, sys
from seq2seq.python_process import answers_stream
answers = answers_stream()
print("said by a library")
answers.write(json.dumps([sys.stdin.readline(), os.environ.get("FEW"), os.getpgid(0) == os.getpid()]).encode())
"""


def test_process_answers_and_what_is_printed_gets_not_between():
    process = start_python(ECHO, {"FEW": "1"})
    orders, answers = pipes_of(process)
    with orders, answers:
        orders.write(b"question\n")
        orders.flush()
        assert json.loads(answers.read()) == ["question\n", "1", True]
    assert str(how_it_ended(process)) == "ended with status 0"


@pytest.mark.parametrize(
    ("statements", "words"),
    [
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", f"was ended by signal {int(signal.SIGKILL)}"),
        ("raise SystemExit(3)", "ended with status 3"),
    ],
)
def test_end_is_told_in_words(statements, words):
    process = start_python(statements)
    for pipe in pipes_of(process):
        pipe.close()
    assert str(how_it_ended(process)) == words
