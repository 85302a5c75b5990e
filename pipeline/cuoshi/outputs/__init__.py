"""What a scored document looks like to a reader: a table, or rows for other programs."""
