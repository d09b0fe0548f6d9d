"""Text becomes Chunks as a reader would say them: normalization, lexicon, chunking. Pure."""
