"""Why a request is not answered: each reason has its HTTP status and a message for the client."""


class Refusal(Exception):  # noqa: N818  # most of them are no errors of the program
    """A request that gets no answer.

    Args:
        message: what is wrong and what to do, for the client.
        retry_after: seconds after which the client may try again, if it may.
    """

    status = 400

    def __init__(self, message: str, retry_after: int | None = None):
        super().__init__(message)
        self.retry_after = retry_after


class BadRequest(Refusal):
    """The request cannot be understood, or asks for what is not offered."""


class Forbidden(Refusal):
    """The key is missing or unknown."""

    status = 403


class TooSlow(Refusal):
    """The client sends its request too slowly."""

    status = 408


class TooLarge(Refusal):
    """The body is larger than any request that would be answered."""

    status = 413


class WrongKind(Refusal):
    """The body has a media type that is not read."""

    status = 415


class TooMany(Refusal):
    """The client has asked too often."""

    status = 429


class ClientGone(Refusal):
    """The client has closed its connection, so nobody reads this."""

    status = 499


class Busy(Refusal):
    """The queue is full, or the deadline cannot be kept or has passed, or the server is ending."""

    status = 503
