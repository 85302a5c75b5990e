"""The DVC stages, one module each, in the order base, preprocess, train, evaluate, export."""
