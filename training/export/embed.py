"""embed_tokens: input_ids int64 [batch, sequence] -> inputs_embeds float32 [batch, sequence, hidden]."""

import numpy as np
from onnx import TensorProto

from .checkpoint import Checkpoint
from .graph import Graph
from .quantize import quantize_rows
from .spec import ModelSpec

EMBEDDING = "model.language_model.embed_tokens.weight"


def build_embed(g: Graph, spec: ModelSpec, checkpoint: Checkpoint, bits: int | None) -> None:
    """`bits` 8 or 4 both store 8 bits: rows are looked up, not multiplied, so 4 would save little and cost accuracy.

    Dequantization uses plain operators: the fused GatherBlockQuantized is missing from the wasm backend.
    """
    hidden, matrix = spec.text.hidden, checkpoint.matrix(EMBEDDING)
    ids = g.input("input_ids", TensorProto.INT64, ["batch_size", "sequence"])
    if bits is None:
        table = np.empty(matrix.shape, g.dtype)
        for start, rows in matrix.blocks():
            table[start : start + rows.shape[0]] = rows.numpy()
        x = g.op("Gather", g.weight("embed.weight", table), ids, axis=0)
        g.op("Cast", x, out="inputs_embeds", to=TensorProto.FLOAT)
    else:
        data, scales = quantize_rows(matrix)
        groups = scales.shape[1]
        values = g.op("Gather", g.weight("embed.weight_q8", data), ids, axis=0)
        centred = g.op("Sub", g.cast(values, TensorProto.FLOAT), g.const(128, "float32"))
        blocks = g.op("Reshape", centred, g.const([0, 0, groups, hidden // groups]))
        scale = g.op("Gather", g.weight("embed.scales", scales[..., None].astype(g.dtype)), ids, axis=0)
        scaled = g.op("Mul", blocks, g.cast(scale, TensorProto.FLOAT))
        g.op("Reshape", scaled, g.const([0, 0, hidden]), out="inputs_embeds")
    g.output("inputs_embeds", TensorProto.FLOAT, ["batch_size", "sequence", hidden])
