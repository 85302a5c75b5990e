"""Cross-validation over speeches: hours of training that `dvc repro` alone does not run."""
