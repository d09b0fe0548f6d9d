"""The online engine: Microsoft Edge voices through edge-tts."""
