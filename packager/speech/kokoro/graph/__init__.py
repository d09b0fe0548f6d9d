"""Makes graph.onnx and weights.json from the published model. For developers: it needs the package onnx.

    python -m packager.speech.kokoro.graph

The program itself only puts the weights of the installed packages in the order that graph.onnx expects
(`packager/speech/kokoro/weights.py`).
"""
