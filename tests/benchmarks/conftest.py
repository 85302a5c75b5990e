"""Benchmarks are run as files, so that their modules find each other by their bare names."""

import sys

from ..conftest import PROJECT

sys.path.append(str(PROJECT / "benchmarks"))
