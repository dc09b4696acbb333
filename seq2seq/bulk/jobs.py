"""What is done to a shard: a job writes its outputs, and knows all that decides them beside the inputs."""

from collections.abc import Iterator, Sequence
from typing import IO, Any, Protocol

Report = float | dict[str, Any]


class Job(Protocol):
    """What a worker does to shards. It travels to its workers as `description` and is opened there."""

    @property
    def description(self) -> dict[str, Any]:
        """The job as plain JSON, from which `open_job` makes an equal one."""

    @property
    def work(self) -> dict[str, Any]:
        """All that decides the outputs beside the inputs, as plain JSON: it stands in the record of a shard."""

    def write(self, inputs: Sequence[str], files: Sequence[IO[str]]) -> Iterator[Report]:
        """Read a shard and write its outputs; memory does not grow with the shard.

        Args:
            inputs: the paths of the shard's files.
            files: where to write, one for each input.

        Yields:
            the share of the shard that is done, as it grows; at last its results, a dictionary for the record.

        Raises:
            DataError: the shard cannot be used; names the file.
        """
