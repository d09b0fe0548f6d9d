"""Read and write a card: file system, commit records, directory writer, load, verification."""
