"""decoder_model_merged: the language model with its KV cache.

inputs_embeds float32 [batch, sequence, hidden], attention_mask int64 [batch, total], position_ids int64
[3, batch, sequence], past_key_values.N.key|value [batch, kv heads, past, head] and num_logits_to_keep int64 []
(0 keeps all) -> logits float32 [batch, kept, vocab], present.N.key|value. Rows of a batch have equal lengths;
chunks of any length may follow each other. transformers.js sizes an empty cache by the name batch_size.
"""

import numpy as np
from onnx import TensorProto

from .checkpoint import Checkpoint
from .embed import EMBEDDING
from .graph import Graph
from .rope import cos_sin, frequencies
from .spec import ModelSpec, TextSpec

_INT64_MAX = np.iinfo(np.int64).max


def _rotary(g: Graph, t: TextSpec) -> tuple[str, str]:
    """cos and sin [batch · sequence, head / 2]: each pair of a head turns with one of the three positions."""
    positions = g.input("position_ids", TensorProto.INT64, [3, "batch_size", "sequence"])
    limit = min(max(t.max_positions, 32768), 131072)
    tables = cos_sin(g, "mrope", positions, frequencies(t.rope_theta, t.head_dim), limit)
    axis = np.repeat(np.arange(3), t.sections)
    mask = g.weight("mrope.sections", (axis == np.arange(3)[:, None]).astype(np.float32)[:, None, None])
    result = []
    for table in tables:
        own = g.op("ReduceSum", g.op("Mul", table, mask), g.const([0]), keepdims=0)
        own = g.op("Reshape", own, g.const([-1, t.head_dim // 2]))
        result.append(g.cast(own, g.float) if g.half else own)
    return tuple(result)


class _Decoder:
    def __init__(
        self, g: Graph, spec: ModelSpec, checkpoint: Checkpoint, bits: int | None, head_bits: int | None
    ):
        self.g, self.t, self.checkpoint, self.bits, self.head_bits = g, spec.text, checkpoint, bits, head_bits

    def build(self) -> None:
        g, t = self.g, self.t
        x = g.input("inputs_embeds", TensorProto.FLOAT, ["batch_size", "sequence", t.hidden])
        mask = g.input("attention_mask", TensorProto.INT64, ["batch_size", "total"])
        self.shape = g.op("Shape", x, start=0, end=2)
        self.cos, self.sin = _rotary(g, t)
        last = g.op("Sub", g.op("ReduceSum", mask, g.const([1]), keepdims=0), g.const(1))
        self.lengths = g.cast(last, TensorProto.INT32)
        total = g.op("Gather", g.op("Shape", mask), g.const(1), axis=0)
        self.total = g.cast(total, TensorProto.INT32)
        residual = g.cast(x, g.float) if g.half else x
        norm = self._weight("layers.0.input_layernorm")
        h = g.op("SimplifiedLayerNormalization", residual, norm, axis=-1, epsilon=t.eps, stash_type=1)
        for layer in range(t.layers):
            h, residual = self._layer(layer, h, residual)
        self._logits(h)

    def _weight(self, name: str) -> str:
        values = self.checkpoint.vector(f"model.language_model.{name}.weight").numpy()
        return self.g.vector(f"{name}.weight", values)

    def _linear(self, x: str, prefix: str, *names: str, bias: bool = False) -> str:
        full = [f"model.language_model.{prefix}.{n}" for n in names]
        matrix = self.checkpoint.matrix(*(f"{n}.weight" for n in full))
        added = np.concatenate([self.checkpoint.vector(f"{n}.bias").numpy() for n in full]) if bias else None
        return self.g.linear(x, f"{prefix}.{'_'.join(names)}", matrix, self.bits, added)

    def _layer(self, i: int, h: str, residual: str) -> tuple[str, str]:
        g, t, at = self.g, self.t, f"layers.{i}"
        h = self._linear(self._attention(i, h), f"{at}.self_attn", "o_proj")
        h, residual = self._add_norm(h, residual, f"{at}.post_attention_layernorm")
        gate, up = (self._linear(h, f"{at}.mlp", n) for n in ("gate_proj", "up_proj"))
        gated = g.op("Mul", g.op("Mul", gate, g.op("Sigmoid", gate)), up)
        following = f"layers.{i + 1}.input_layernorm" if i + 1 < t.layers else "norm"
        return self._add_norm(self._linear(gated, f"{at}.mlp", "down_proj"), residual, following)

    def _add_norm(self, x: str, residual: str, norm: str) -> tuple[str, str]:
        outs = [f"{norm}.out", "", "", f"{norm}.sum"]
        self.g.contrib(
            "SkipSimplifiedLayerNormalization", x, residual, self._weight(norm), out=outs, epsilon=self.t.eps
        )
        return outs[0], outs[3]

    def _attention(self, i: int, h: str) -> str:
        g, t = self.g, self.t
        wide, narrow = t.heads * t.head_dim, t.kv_heads * t.head_dim
        qkv = self._linear(h, f"layers.{i}.self_attn", "q_proj", "k_proj", "v_proj", bias=True)
        qk, v = g.op("Split", qkv, g.const([wide + narrow, narrow]), out=2, axis=-1)
        # All rows in one line: the operator then takes the n-th row of cos and sin for the n-th token.
        flat = g.op("Reshape", qk, g.const([1, -1, wide + narrow]))
        turned = g.contrib("RotaryEmbedding", flat, g.const([0]), self.cos, self.sin,
                           num_heads=t.heads + t.kv_heads, rotary_embedding_dim=0)  # fmt: skip
        back = g.op("Concat", self.shape, g.const([wide + narrow]), axis=0)
        q, k = g.op("Split", g.op("Reshape", turned, back), g.const([wide, narrow]), out=2, axis=-1)
        past = [g.input(f"past_key_values.{i}.{n}", g.float, ["batch_size", t.kv_heads, "past", t.head_dim])
                for n in ("key", "value")]  # fmt: skip
        present = [f"present.{i}.{n}" for n in ("key", "value")]
        for name in present:
            g.output(name, g.float, ["batch_size", t.kv_heads, "total", t.head_dim])
        return g.contrib("GroupQueryAttention", q, k, v, *past, self.lengths, self.total,
                         out=[f"layers.{i}.attended", *present], num_heads=t.heads, kv_num_heads=t.kv_heads,
                         do_rotary=0)[0]  # fmt: skip

    def _logits(self, h: str) -> None:
        g = self.g
        keep = g.input("num_logits_to_keep", TensorProto.INT64, [])
        start = g.op("Reshape", g.op("Neg", keep), g.const([1]))  # -0 is 0: everything is kept
        h = g.op("Slice", h, start, g.const([_INT64_MAX]), g.const([1]))
        name = EMBEDDING if self.t.tied or not self.checkpoint.has("lm_head.weight") else "lm_head.weight"
        logits = g.linear(h, "lm_head", self.checkpoint.matrix(name), self.head_bits)
        g.op("Cast", logits, out="logits", to=TensorProto.FLOAT)
        g.output("logits", TensorProto.FLOAT, ["batch_size", "kept", self.t.vocab])


def build_decoder(
    g: Graph, spec: ModelSpec, checkpoint: Checkpoint, bits: int | None, head_bits: int | None
) -> None:
    """`bits` for the layers, `head_bits` for the head (8, 4, or None for plain matrices)."""
    _Decoder(g, spec, checkpoint, bits, head_bits).build()
