"""The sherpa engine: models in a folder (VITS, Matcha, Kokoro), through sherpa-onnx."""
