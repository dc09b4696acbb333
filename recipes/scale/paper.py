"""What sharing a batch costs on paper: t(N, B) = a B / N + b + the time to add up the gradients.

a is the time of a token and b that of a step, both of one device. b is what a device does whatever its rows are: it
starts operations, and updates all weights. The gradients travel around a ring.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from seq2seq.settings.config import Config, load_config
from seq2seq.weight_count import count_weights

HERE = Path(__file__).parent
NUMBER = 4  # bytes: weights and gradients are float32, also where products are bfloat16
IDS = 12  # bytes of a target token that all devices collect: two indices and a number, for the gradient of the loss
GIGA = 1e9


class Link(NamedTuple):
    """How devices are joined.

    Attributes:
        name: for the table.
        machines: how many machines a ring of the devices passes.
        bandwidth: of the slowest link of the ring, in one direction, in bytes a second.
    """

    name: str
    machines: int
    bandwidth: float


# An H200's NVLink has 900 GB/s in both directions together (NVIDIA's description for MLPerf); 100 Gbit/s is 12.5 GB/s.
NVLINK = 450 * GIGA
ETHERNET = 100 / 8 * GIGA
# Seconds that an all-reduce takes in any case, and those of each of its 2 (N - 1) hops, inside a machine and between
# machines: NCCL's table for rings with its protocol Simple, src/graph/tuning.cc at 01afd20.
LATENCY = 8.4e-6
HOP = {"inside": 3.4e-6, "between": 9.6e-6}
PLACES = {
    8: [Link("8 GPUs, NVLink", 1, NVLINK), Link("8 GPUs, 8 machines", 8, ETHERNET)],
    64: [Link("64 GPUs, 8 machines", 8, ETHERNET)],
}


class Cost(NamedTuple):
    """The time of a step of one device, as a straight line in the tokens of its batch.

    Attributes:
        token: seconds a target token, a.
        step: seconds a step, b.
    """

    token: float
    step: float

    def seconds(self, tokens: float) -> float:
        """Of a step with so many target tokens."""
        return self.token * tokens + self.step


def fitted(points: Sequence[tuple[float, float]]) -> Cost:
    """The straight line through (tokens, seconds), which makes the squares of its relative errors smallest."""
    tokens, seconds = np.array(points, float).T
    design = np.stack([tokens / seconds, 1 / seconds], axis=1)
    token, step = np.linalg.lstsq(design, np.ones(len(seconds)), rcond=None)[0]
    return Cost(float(token), float(step))


def reduced_bytes(config: Config) -> int:
    """The bytes that an all-reduce adds up in a step: a gradient for each use of each weight, and the loss.

    A table that is both the embedding of the target and the output layer has two gradients, which XLA adds up apart.
    """
    model, pieces = config.model, config.tokenizer.vocabulary_size
    again = model.tied_embeddings * pieces * model.embedding
    return NUMBER * (count_weights(model, pieces, pieces) + again + 1)


def reducing_seconds(count: int, devices: int, link: Link) -> float:
    """The time of an all-reduce of so many bytes around a ring."""
    if devices == 1:
        return 0.0
    between = 2 * (link.machines - 1)
    inside = 2 * (devices - 1) - between
    latency = LATENCY + HOP["inside"] * inside + HOP["between"] * between
    return latency + 2 * (devices - 1) / devices * count / link.bandwidth


def gpu_steps() -> dict[str, list[tuple[int, float]]]:
    """(target tokens, seconds) of a step on one GPU, by network: what recipes/speed has published, in bfloat16."""
    points = json.loads((HERE.parent / "speed" / "gpu.json").read_text(encoding="utf-8"))
    chosen = [p for p in points if p["contender"] == "seq2seq" and p["precision"] == "bfloat16"]
    names = dict.fromkeys(point["network"] for point in chosen)
    return {
        name: sorted((p["batch_tokens"], p["step_ms"] / 1000) for p in chosen if p["network"] == name) for name in names
    }


def predictions() -> list[dict[str, Any]]:
    """What 8 and 64 GPUs would give, for both networks: the same batch divided, and a batch for each GPU."""
    rows = []
    for name, points in gpu_steps().items():
        settings = load_config(HERE / ("config.toml" if name == "multi30k" else "sutskever.toml"))
        cost, count = fitted(points), reduced_bytes(settings)
        for scaling in ("strong", "weak"):
            for tokens, alone in points:
                for devices, links in PLACES.items():
                    share = tokens / devices if scaling == "strong" else tokens
                    computing = cost.seconds(share)
                    for link in links:
                        sending = reducing_seconds(count, devices, link)
                        seconds = computing + sending
                        rate = devices * share / seconds
                        rows.append(
                            {"network": name, "scaling": scaling, "batch_tokens": tokens, "devices": devices}
                            | {
                                "alone_ms": 1000 * alone,
                                "link": link.name,
                                "computing_ms": 1000 * computing,
                                "sending_ms": 1000 * sending,
                            }
                            | {"tokens_per_second": rate, "speed_up": rate / (tokens / alone)}
                            | {"efficiency": rate / (tokens / alone) / devices}
                        )
    return rows
