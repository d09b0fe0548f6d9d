"""Grapheme-to-phoneme conversion (G2P): Mandarin sentences to pinyin, a syllable for each Hanzi."""
