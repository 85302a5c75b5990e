"""The errors that are the user's to mend: each message says what, where and what to do."""

from __future__ import annotations


class CuoshiError(Exception):
    """Base of every error that is shown as one line; anything else is a bug."""


class ConfigError(CuoshiError):
    """A configuration file has an unknown key, a wrong type or a value out of range."""


class DataError(CuoshiError):
    """A speech or an annotation file cannot be used as it is."""


class EncoderError(CuoshiError):
    """The base encoder is missing, out of reach or damaged."""


class TrainingError(CuoshiError):
    """A training run failed in a way that more of the same would not mend."""


class ModelError(CuoshiError):
    """An exported model is missing, incomplete, changed or of another version."""


class DocumentError(CuoshiError):
    """A document cannot be read."""


class OutputError(CuoshiError):
    """A result cannot be written."""


class ServeError(CuoshiError):
    """The server cannot be started."""
