"""Qwen2.5-VL checkpoints (ours and Hugging Face's) to three ONNX graphs; `python -m training.export --help`."""
