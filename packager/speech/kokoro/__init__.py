"""The offline engine: the Kokoro model on onnxruntime."""
