"""Find the sentences of Chinese speeches, notices and minutes that direct a measure.

```python
import cuoshi

classifier = cuoshi.load("models/export")
classifier.predict("对返乡人员逐一登记、居家观察。").measures  # ('隔离',)
```
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cuoshi.classifier import Classifier, Prediction, ScoredDocument, ScoredSentence, load
    from cuoshi.errors import CuoshiError
    from cuoshi.measures import MEASURES

__version__ = "0.1.0"

__all__ = [
    "MEASURES",
    "Classifier",
    "CuoshiError",
    "Prediction",
    "ScoredDocument",
    "ScoredSentence",
    "__version__",
    "load",
]

_HOMES = {"CuoshiError": "cuoshi.errors", "MEASURES": "cuoshi.measures"}


def __getattr__(name: str) -> object:
    """Import what is asked for when it is asked for, so that the command line starts at once."""
    if name not in __all__:
        raise AttributeError(f"module 'cuoshi' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES.get(name, "cuoshi.classifier")), name)
