"""Gated DeltaNet, the linear layers of Qwen3.5 (arXiv 2412.06464), with onnxruntime's fused operators.

The state does not grow: past_conv.N [batch, channels, kernel - 1] holds the last inputs of the causal convolution,
past_recurrent.N [batch, value heads, key size, value size] the associations. Both start as zeros.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from onnx import TensorProto

from .graph import Graph

if TYPE_CHECKING:
    from .decoder import Decoder

_L2_EPSILON = 1e-6  # fixed in the reference implementation


def delta_layer(decoder: Decoder, i: int, h: str) -> str:
    """[batch, sequence, hidden] -> the same, before the residual."""
    g, s, at = decoder.g, decoder.t.linear, f"layers.{i}.linear_attn"
    values = s.value_heads * s.value_dim
    qkvz = decoder.linear(h, at, "in_proj_qkv", "in_proj_z")
    qkv, z = g.op("Split", qkvz, g.const([s.channels, values]), out=2, axis=-1)
    # Two numbers per head decide what is forgotten and written: too few weights to save on.
    ba = decoder.linear(h, at, "in_proj_b", "in_proj_a", plain=True)
    b, a = g.op("Split", ba, g.const([s.value_heads, s.value_heads]), out=2, axis=-1)
    mixed = _convolved(decoder, i, qkv, at)
    q, k, v = g.op("Split", mixed, g.const([s.key_heads * s.key_dim] * 2 + [values]), out=3, axis=-1)
    q, k = (_unit(g, decoder, x) for x in (q, k))
    state = ["batch_size", s.value_heads, s.key_dim, s.value_dim]
    past, present = g.input(f"past_recurrent.{i}", g.float, state), f"present_recurrent.{i}"
    g.output(present, g.float, state)
    attended = g.contrib("LinearAttention", q, k, v, past, _decay(decoder, a, at), g.op("Sigmoid", b),
                         out=[f"{at}.attended", present], q_num_heads=s.value_heads, kv_num_heads=s.value_heads,
                         update_rule="gated_delta")[0]  # fmt: skip
    by_head = g.op("Reshape", attended, g.const([0, 0, s.value_heads, s.value_dim]))
    normed = g.op("SimplifiedLayerNormalization", by_head, decoder.vector(f"{at}.norm.weight"), axis=-1,
                  epsilon=decoder.t.eps, stash_type=1)  # fmt: skip
    normed = g.op("Reshape", normed, g.const([0, 0, values]))
    gated = g.op("Mul", normed, g.op("Mul", z, g.op("Sigmoid", z)))
    return decoder.linear(gated, at, "out_proj")


def _convolved(decoder: Decoder, i: int, qkv: str, at: str) -> str:
    """Causal convolution of each channel, and its state: [batch, sequence, channels]."""
    g, s = decoder.g, decoder.t.linear
    needed = s.kernel - 1
    held = decoder.layout.conv_length or needed
    state = ["batch_size", s.channels, held]
    past, present = g.input(f"past_conv.{i}", g.float, state), f"present_conv.{i}"
    g.output(present, g.float, state)
    x = g.op("Transpose", qkv, perm=[0, 2, 1])
    recent = past
    if held > needed:  # some exports keep the whole kernel's width
        end = np.iinfo(np.int64).max
        recent = g.op("Slice", past, g.const([held - needed]), g.const([end]), g.const([2]))
        g.op(
            "Slice",
            g.op("Concat", past, x, axis=2),
            g.const([-held]),
            g.const([end]),
            g.const([2]),
            out=present,
        )
    y = g.contrib("CausalConvWithState", x, decoder.vector(f"{at}.conv1d.weight"), "", recent,
                  out=[f"{at}.convolved", present if held == needed else f"{at}.recent"], activation="silu")[0]  # fmt: skip
    return g.op("Transpose", y, perm=[0, 2, 1])


def _unit(g: Graph, decoder: Decoder, x: str) -> str:
    """Every head scaled to length 1 and repeated to the number of value heads.

    x / sqrt(sum x² + e) is an RMS norm with the weight 1 / sqrt(n) and the epsilon e / n: one fused operator.
    """
    s = decoder.t.linear
    repeats, n = s.value_heads // s.key_heads, s.key_dim
    by_head = g.op("Reshape", x, g.const([0, 0, s.key_heads, n]))
    weight = g.const(np.full(n, n**-0.5), g.dtype)
    x = g.op("SimplifiedLayerNormalization", by_head, weight, axis=-1, epsilon=_L2_EPSILON / n, stash_type=1)
    if repeats > 1:
        x = g.op("Reshape", x, g.const([0, 0, s.key_heads, 1, n]))
        x = g.op("Expand", x, g.const([1, 1, s.key_heads, repeats, n]))
    return g.op("Reshape", x, g.const([0, 0, s.value_heads * n]))


def _decay(decoder: Decoder, a: str, at: str) -> str:
    """-exp(A_log) · softplus(a + dt_bias) in float32, [batch, sequence, value heads]: the log of what is kept."""
    g = decoder.g
    rate, shift = (
        decoder.checkpoint.vector(f"model.language_model.{at}.{n}").numpy() for n in ("A_log", "dt_bias")
    )
    x = g.cast(a, TensorProto.FLOAT) if g.half else a
    kept = g.op("Softplus", g.op("Add", x, g.weight(f"{at}.dt_bias", shift.astype(np.float32))))
    log = g.op("Mul", kept, g.weight(f"{at}.decay", -np.exp(rate.astype(np.float64)).astype(np.float32)))
    return g.cast(log, g.float) if g.half else log
