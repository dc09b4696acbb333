"""A real process: it says when it is ready, answers, and after SIGTERM finishes what it took."""

import json
import re
import signal
import socket
import subprocess
import sys
import threading
import urllib.request
from pathlib import Path

import pytest

from seq2seq.errors import ConfigError
from seq2seq.serving.server import _listener, serve

RUN = Path(__file__).parents[1] / "stored_runs" / "plain"
# The network is not the point here.
PROGRAM = """
import sys, time, webbrowser
from seq2seq.cli import main
from seq2seq.hypothesis import Hypothesis
from seq2seq.serving import tasks

def in_capitals(self, items):
    time.sleep(1.5 if "slowly" in items else 0)
    return [[Hypothesis(item.upper(), 0.0, 0.0, False)] for item in items]

tasks.Translating.__call__ = in_capitals
webbrowser.open = lambda page: print(page, file=sys.stderr)
sys.exit(main(["serve", sys.argv[1], "--port", "0", "--open"]))
"""


def ask(address, q):
    body = json.dumps({"q": q, "target": "fr"}).encode()
    request = urllib.request.Request(f"{address}/translate", body, {"Content-Type": "application/json"})  # noqa: S310
    with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
        return json.load(answer)["translatedText"]


def test_server_ends_at_sigterm_when_all_is_answered():
    line = [sys.executable, "-c", PROGRAM, str(RUN)]
    answers = []
    with subprocess.Popen(line, stderr=subprocess.PIPE, text=True) as process:
        try:
            address = next(
                match[1] for text in process.stderr if (match := re.match(r"ready: (http://127\.0\.0\.1:\d+)/ ", text))
            )
            assert process.stderr.readline() == f"{address}/\n"
            assert ask(address, "at once") == "AT ONCE"
            asking = threading.Thread(target=lambda: answers.append(ask(address, "slowly")))
            asking.start()
            asking.join(0.5)
            assert asking.is_alive()
            process.send_signal(signal.SIGTERM)
            assert process.wait(60) == 0
            asking.join(60)
        finally:
            process.kill()
    assert answers == ["SLOWLY"]


def test_address_in_use_is_said_before_a_run_is_opened(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ConfigError, match=rf"cannot listen at 127\.0\.0\.1, port {port}: Address already in use"):
            serve([tmp_path], port=port)


def test_host_that_is_no_address_of_this_computer_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="choose another --host or --port"):
        serve([tmp_path], host="192.0.2.1", port=0)


def test_small_packets_are_sent_at_once():
    """asyncio sees to that for sockets of TCP; without it the end of each answer would wait for 40 ms."""
    with _listener("127.0.0.1", 0) as listener:
        assert listener.proto == socket.IPPROTO_TCP
