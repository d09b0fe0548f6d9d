"""Text becomes Chunks as a reader would say them: normalization and chunking. Pure."""

from packager.wording.characters import spoken_characters
from packager.wording.chunk import Break, Chunk
from packager.wording.chunking import to_chunks
from packager.wording.fingerprint import wording_fingerprint
from packager.wording.normalizing import normalize

__all__ = ["Break", "Chunk", "normalize", "spoken_characters", "to_chunks", "wording_fingerprint"]
