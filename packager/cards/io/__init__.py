"""Reading and writing a card: file system, commit records, directory writer, verification."""
