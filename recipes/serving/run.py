"""How a server bears load: throughput and latency, ten times too much, clients that hang up, and its end.

python recipes/serving/run.py --runs en-fr tests/stored_runs/plain
"""

import argparse
import asyncio
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

FOLDER = Path(__file__).parent
sys.path.append(str(FOLDER))
import load  # noqa: E402
from client import Connection  # noqa: E402
from report import write_report  # noqa: E402

from seq2seq import Translator, phrases  # noqa: E402
from seq2seq.export.writing import export  # noqa: E402

CLIENTS = (1, 2, 4, 8, 16, 32, 64)
BATCH = 64
WEIGHTS = ("float32", "int8")
OVERLOAD = 10
HANG_UPS = 60


class Server:
    """A process of `seq2seq serve`.

    Args:
        run: what is served.
    """

    def __init__(self, run: Path):
        start = time.monotonic()
        line = [sys.executable, "-m", "seq2seq", "serve", str(run), "--port", "0"]
        self._process = subprocess.Popen(line, stderr=subprocess.PIPE, text=True)
        messages = []
        for message in self._process.stderr:
            messages.append(message)
            if match := re.match(r"ready: (http://127\.0\.0\.1:\d+)/", message):
                self.address = match[1]
                break
        else:
            raise SystemExit(f"the server did not start: {''.join(messages)}")
        self.ready_seconds = time.monotonic() - start

    def memory_mb(self) -> float:
        """What the process holds in memory."""
        status = Path(f"/proc/{self._process.pid}/status").read_text(encoding="utf-8")
        return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024

    def cpu_seconds(self) -> float:
        """The time that its threads have computed."""
        fields = Path(f"/proc/{self._process.pid}/stat").read_text(encoding="utf-8").rsplit(") ", 1)[1].split(" ")
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def terminate(self) -> None:
        """Send SIGTERM."""
        self._process.send_signal(signal.SIGTERM)

    def status(self) -> int:
        """Wait for the end: the exit status."""
        return self._process.wait(60)


def plain(translator: Translator, sentences: list[str], seconds: float) -> dict[str, Any]:
    """The translator without a server: all at once, and one at a time."""
    translator.translate(sentences[:BATCH])
    start = time.monotonic()
    rounds = 0
    while time.monotonic() - start < seconds:
        translator.translate(sentences)
        rounds += 1
    rate = rounds * len(sentences) / (time.monotonic() - start)
    times = []
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        begin = time.monotonic()
        translator.translate([sentences[len(times) % len(sentences)]])
        times.append(time.monotonic() - begin)
    return {"sentences_per_second": rate, **load.percentiles(times)}


async def measured(server: Server, expected: dict[str, str], seconds: float) -> dict[str, Any]:
    """What load does to a server."""
    address = server.address
    await load.waiting_clients(address, expected, 8, min(seconds, 1))
    clients = [await load.waiting_clients(address, expected, number, seconds) for number in CLIENTS]
    lists = await load.waiting_clients(address, expected, 2, seconds, texts=BATCH)
    capacity = max(lists["sentences_per_second"], *(entry["sentences_per_second"] for entry in clients))
    before = server.memory_mb()
    overload = await load.flood(address, expected, OVERLOAD * capacity, 2 * seconds)
    overload["memory_mb"] = [before, server.memory_mb()]
    hang_ups = await load.hang_ups(address, expected, HANG_UPS)
    return {"clients": clients, "lists": lists, "overload": overload, "hang_ups": hang_ups}


async def ended(server: Server, expected: dict[str, str]) -> dict[str, Any]:
    """SIGTERM while clients wait: how many of them are answered."""
    requests = []
    for text in list(expected)[:BATCH]:
        fields = {"q": text, "source": "en", "target": "fr"}
        requests.append(asyncio.create_task(Connection(server.address).ask("POST", "/translate", fields)))
    while not await load.queue_length(server.address):
        if all(request.done() for request in requests):
            break
    server.terminate()
    answers = await asyncio.gather(*requests)
    outcomes = [load.outcome(answer, expected[text]) for answer, text in zip(answers, expected, strict=False)]
    return {"waiting": BATCH, "right": outcomes.count("right"), "exit_status": server.status()}


def serve_and_measure(name: str, run: Path, options: argparse.Namespace) -> dict[str, Any]:
    """All figures of one run or export.

    Args:
        name: what the tables call it.
        run: its folder.
        options: of the command line: sentences, seconds of each measurement, starts, of which the last is measured.
    """
    print(f"measuring {name}")
    sentences = [pair.english for pair in phrases("test", options.sentences, min_words=3, max_words=12)]
    translator = Translator.load(run)
    expected = dict(zip(sentences, translator.translate(sentences), strict=True))
    without_server = plain(translator, sentences, options.seconds)
    ready = []
    for number in range(options.starts):
        server = Server(run)
        ready.append({"ready_seconds": server.ready_seconds, "cpu_seconds": server.cpu_seconds()})
        if number < options.starts - 1:
            server.terminate()
            server.status()
    figures = asyncio.run(measured(server, expected, options.seconds))
    end = asyncio.run(ended(server, expected))
    medians = {key: float(np.median([start[key] for start in ready])) for key in ready[0]}
    return {"name": name, "start": medians, "plain": without_server, **figures, "end": end}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", nargs="+", default=["en-fr"], help="runs from English to French (default en-fr)")
    parser.add_argument("--seconds", type=float, default=4.0, help="of each measurement (default 4)")
    parser.add_argument("--sentences", type=int, default=400, help="different ones, of 3 to 12 words (default 400)")
    parser.add_argument("--starts", type=int, default=3, help="of each server, for the median (default 3)")
    parser.add_argument("--weights", nargs="+", choices=WEIGHTS, default=WEIGHTS, help="of the export (default both)")
    parser.add_argument("--results", type=Path, default=FOLDER, help="folder of results.json and the picture")
    options = parser.parse_args()
    results = []
    with tempfile.TemporaryDirectory() as temporary:
        for run in options.runs:
            for weights in options.weights:
                name = f"{Path(run).name}, {weights}"
                folder = export(run, Path(temporary) / name, int8=weights == "int8")
                results.append(serve_and_measure(name, folder, options))
    print(write_report(results, options.results))


if __name__ == "__main__":
    main()
