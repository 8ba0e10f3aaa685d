"""The tiny Qwen2.5-VL in PyTorch, written for training: one picture's prefix is shared by many questions."""
