"""What a server counts, for Prometheus."""

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_SENTENCES = (1, 2, 4, 8, 16, 32, 64)


class Metrics:
    """The figures of one server.

    Args:
        waiting: tells how many sentences wait.
        alive: tells whether the worker works.
    """

    def __init__(self, waiting: Callable[[], float], alive: Callable[[], float]):
        self._registry = registry = CollectorRegistry()
        self._requests = Counter(
            "seq2seq_requests", "Requests that were answered", ["route", "status"], registry=registry
        )
        self._latency = Histogram(
            "seq2seq_request_seconds", "From a request to its answer", ["route"], buckets=_SECONDS, registry=registry
        )
        self._batches = Histogram(
            "seq2seq_batch_sentences", "Sentences of a batch", ["task"], buckets=_SENTENCES, registry=registry
        )
        self._computing = Counter("seq2seq_batch_seconds", "Time of the worker", ["task"], registry=registry)
        self._tokens = Counter("seq2seq_source_tokens", "Source tokens that were computed", ["task"], registry=registry)
        Gauge("seq2seq_queue_sentences", "Sentences that wait", registry=registry).set_function(waiting)
        Gauge("seq2seq_worker_alive", "Whether the worker works", registry=registry).set_function(alive)

    def answered(self, route: str, status: int, seconds: float) -> None:
        """Count a request: the pattern of its path, the status of its answer, and the time that it took."""
        self._requests.labels(route, str(status)).inc()
        self._latency.labels(route).observe(seconds)

    def computed(self, task: str, sentences: int, tokens: int, seconds: float) -> None:
        """Count a batch of the worker."""
        self._batches.labels(task).observe(sentences)
        self._computing.labels(task).inc(seconds)
        self._tokens.labels(task).inc(tokens)

    def written(self) -> bytes:
        """All figures in Prometheus' text format."""
        return generate_latest(self._registry)
