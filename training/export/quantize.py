"""Block quantization in the layouts of onnxruntime's MatMulNBits (contrib operator, com.microsoft)."""

from dataclasses import dataclass

import numpy as np
import torch

from .checkpoint import Matrix

BLOCK = 32


@dataclass
class Quantized:
    """Weights [N, blocks, bytes] uint8, scales [N, blocks] float32, zero points [N, ceil(blocks / 2)] uint8 when 4-bit."""

    data: np.ndarray
    scales: np.ndarray
    zero_points: np.ndarray | None


def _blocked(rows: torch.Tensor, block: int = BLOCK) -> torch.Tensor:
    missing = -rows.shape[1] % block
    padded = torch.nn.functional.pad(rows, (0, missing)) if missing else rows
    return padded.view(rows.shape[0], -1, block)


def eight_bit(blocks: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """[N, B, block] float -> (uint8 of the same shape around 128, scales [N, B]); symmetric."""
    scale = blocks.abs().amax(-1) / 127
    safe = torch.where(scale > 0, scale, 1.0)
    return (blocks / safe[..., None]).round_().add_(128).clamp_(1, 255).to(torch.uint8), scale


def four_bit(blocks: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """[N, B, block] float -> (values 0..15, scales [N, B], zero points [N, B]); asymmetric.

    The range of each block is narrowed when that lowers its squared error: rare large values cost more than clipping.
    """
    low, high = blocks.amin(-1).clamp_max(0), blocks.amax(-1).clamp_min(0)
    best = None
    for keep in (1.0, 0.92, 0.84):
        scale = (high - low) * (keep / 15)
        safe = torch.where(scale > 0, scale, 1.0)
        zero = (-low * keep / safe).round_().clamp_(0, 15)
        values = (blocks / safe[..., None]).round_().add_(zero[..., None]).clamp_(0, 15)
        error = ((values - zero[..., None]) * safe[..., None] - blocks).square_().sum(-1)
        if best is None:
            best = [values, scale, zero, error]
            continue
        better = error < best[3]
        for i, new in enumerate((values, scale, zero, error)):
            best[i] = torch.where(better[..., None] if i == 0 else better, new, best[i])
    values, scale, zero, _ = best
    return values.to(torch.uint8), scale, zero.to(torch.uint8)


def _pack(nibbles: torch.Tensor) -> torch.Tensor:
    """Pairs along the last axis into bytes, the first of a pair in the low four bits."""
    if nibbles.shape[-1] % 2:
        nibbles = torch.nn.functional.pad(nibbles, (0, 1))
    return nibbles[..., 0::2] | (nibbles[..., 1::2] << 4)


def quantize_matrix(matrix: Matrix, bits: int) -> Quantized:
    """Quantizes row by row of the source, never holding more than the result and one slice of float32."""
    n, k = matrix.shape
    blocks = -(-k // BLOCK)
    data = np.empty((n, blocks, BLOCK * bits // 8), np.uint8)
    scales = np.empty((n, blocks), np.float32)
    zeros = np.empty((n, -(-blocks // 2)), np.uint8) if bits == 4 else None
    for start, rows in matrix.blocks():
        at = slice(start, start + rows.shape[0])
        if bits == 8:
            values, scale = eight_bit(_blocked(rows))
            data[at] = values.numpy()
        else:
            values, scale, zero = four_bit(_blocked(rows))
            data[at], zeros[at] = _pack(values).numpy(), _pack(zero).numpy()
        scales[at] = scale.numpy()
    return Quantized(data, scales, zeros)


def quantize_rows(matrix: Matrix) -> tuple[np.ndarray, np.ndarray]:
    """For embeddings: (uint8 [N, K], scales [N, K / block]); one block per row where K has no blocks of 32."""
    n, k = matrix.shape
    block = BLOCK if k % BLOCK == 0 else k
    data, scales = np.empty((n, k), np.uint8), np.empty((n, k // block), np.float32)
    for start, rows in matrix.blocks():
        values, scale = eight_bit(_blocked(rows, block))
        data[start : start + rows.shape[0]] = values.flatten(1).numpy()
        scales[start : start + rows.shape[0]] = scale.numpy()
    return data, scales
