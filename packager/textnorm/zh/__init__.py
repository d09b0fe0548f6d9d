"""Text normalization of Mandarin."""
