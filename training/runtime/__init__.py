"""The exported graphs in onnxruntime on the CPU: the reference the browser engine is compared with."""
