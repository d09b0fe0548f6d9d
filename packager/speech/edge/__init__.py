"""The online engine (edge-tts)."""
