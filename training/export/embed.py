"""embed_tokens: input_ids int64 [batch, sequence] -> inputs_embeds float32 [batch, sequence, row].

With DeepStack a row goes on with zeros: text adds nothing to the decoder's first layers.
"""

import numpy as np
from onnx import TensorProto

from .checkpoint import Checkpoint
from .graph import Graph
from .layout import OURS, Layout
from .quantize import BLOCK, quantize_matrix, quantize_rows
from .spec import ModelSpec

EMBEDDING = "model.language_model.embed_tokens.weight"


def build_embed(
    g: Graph, spec: ModelSpec, checkpoint: Checkpoint, bits: int | None, layout: Layout = OURS
) -> None:
    """`bits` 8 or 4 both store 8 bits: rows are looked up, not multiplied, so 4 would save little and cost accuracy.

    Dequantization uses plain operators: the fused GatherBlockQuantized may be missing from the wasm backend.
    """
    matrix = checkpoint.matrix(EMBEDDING)
    ids = g.input("input_ids", TensorProto.INT64, ["batch_size", "sequence"])
    if bits is None:
        x = _plain(g, matrix, ids)
    elif layout.shared_head:
        x = _shared(g, matrix, ids)
    else:
        x = _quantized(g, matrix, ids)
    missing = spec.row - spec.text.hidden
    if missing:
        g.op("Pad", x, g.const([0, 0, 0, 0, 0, missing]), out="inputs_embeds")
    else:
        g.op("Identity", x, out="inputs_embeds")
    g.output("inputs_embeds", TensorProto.FLOAT, ["batch_size", "sequence", spec.row])


def _plain(g: Graph, matrix, ids: str) -> str:
    table = np.empty(matrix.shape, g.dtype)
    for start, rows in matrix.blocks():
        table[start : start + rows.shape[0]] = rows.numpy()
    return g.cast(g.op("Gather", g.weight("embed.weight", table), ids, axis=0), TensorProto.FLOAT)


def _quantized(g: Graph, matrix, ids: str) -> str:
    data, scales = quantize_rows(matrix)
    groups, hidden = scales.shape[1], matrix.shape[1]
    values = g.op("Gather", g.weight("embed.weight_q8", data), ids, axis=0)
    centred = g.op("Sub", g.cast(values, TensorProto.FLOAT), g.const(128, "float32"))
    blocks = g.op("Reshape", centred, g.const([0, 0, groups, hidden // groups]))
    scale = g.op("Gather", g.weight("embed.scales", scales[..., None].astype(g.dtype)), ids, axis=0)
    scaled = g.op("Mul", blocks, g.cast(scale, TensorProto.FLOAT))
    return g.op("Reshape", scaled, g.const([0, 0, hidden]))


def _shared(g: Graph, matrix, ids: str) -> str:
    """The same bytes in the same order as the output head's: one download serves both."""
    packed = quantize_matrix(matrix, 8)
    data = g.weight("embed.weight_q8", packed.data.reshape(matrix.shape))
    scales = g.weight("embed.scales", packed.scales.astype(g.dtype))
    x = g.contrib("GatherBlockQuantized", data, ids, scales, bits=8, block_size=BLOCK, gather_axis=0,
                  quantize_axis=1)  # fmt: skip
    return g.cast(x, TensorProto.FLOAT)
