"""Find the sentences of Chinese speeches, notices and minutes that direct a measure."""

from importlib.metadata import version

__version__ = version("cuoshi")
