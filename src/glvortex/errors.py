"""The two errors a user of the package meets; raised on every rank before anything collective."""


class ParameterError(ValueError):
    """An input is wrong; the message is one sentence: what, where, and what is allowed instead."""


class NotConvergedError(RuntimeError):
    """A computation stopped before it reached the accuracy asked for."""
