"""From a document's classified sentences to a list of tasks: what, who and by when."""
