"""decoder_model_merged: the language model with its state.

inputs_embeds float32 [batch, sequence, row], attention_mask int64 [batch, total], position_ids int64
[3, batch, sequence], the past and num_logits_to_keep int64 [] (0 keeps all) -> logits [batch, kept, vocab] and the
present. The past is past_key_values.N.key|value [batch, kv heads, past, head] for a layer of attention, past_conv.N
and past_recurrent.N for a linear one (`delta`). Rows of a batch have equal lengths; chunks of any length may follow
each other. transformers.js sizes an empty cache by the name batch_size.

A row is an embedding and, with DeepStack, what each of the first layers adds after itself: zeros for text.
"""

import numpy as np
from onnx import TensorProto

from .checkpoint import Checkpoint
from .delta import delta_layer
from .embed import EMBEDDING
from .graph import Graph
from .layout import OURS, Layout
from .rope import cos_sin, frequencies
from .spec import ModelSpec, TextSpec

_INT64_MAX = np.iinfo(np.int64).max


def _axes(t: TextSpec) -> np.ndarray:
    """Which of the three positions turns each pair of a head, [rotary / 2]."""
    if not t.interleaved:
        return np.repeat(np.arange(3), t.sections)
    axes = np.zeros(t.rotary // 2, np.int64)
    for axis in (1, 2):
        axes[axis : 3 * t.sections[axis] : 3] = axis
    return axes


def _rotary(g: Graph, t: TextSpec) -> tuple[str, str]:
    """cos and sin [batch · sequence, rotary / 2]: each pair of a head turns with one of the three positions."""
    positions = g.input("position_ids", TensorProto.INT64, [3, "batch_size", "sequence"])
    limit = min(max(t.max_positions, 32768), 262144)
    tables = cos_sin(g, "mrope", positions, frequencies(t.rope_theta, t.rotary), limit)
    mask = g.weight("mrope.sections", (_axes(t) == np.arange(3)[:, None]).astype(np.float32)[:, None, None])
    result = []
    for table in tables:
        own = g.op("ReduceSum", g.op("Mul", table, mask), g.const([0]), keepdims=0)
        own = g.op("Reshape", own, g.const([-1, t.rotary // 2]))
        result.append(g.cast(own, g.float) if g.half else own)
    return tuple(result)


class Decoder:
    def __init__(
        self, g: Graph, spec: ModelSpec, checkpoint: Checkpoint, bits: int | None, head_bits: int | None, layout: Layout
    ):  # fmt: skip
        self.g, self.t, self.checkpoint, self.bits, self.head_bits = g, spec.text, checkpoint, bits, head_bits
        self.row, self.parts, self.layout = spec.row, 1 + len(spec.vision.deepstack), layout

    def build(self) -> None:
        g, t = self.g, self.t
        x = g.input("inputs_embeds", TensorProto.FLOAT, ["batch_size", "sequence", self.row])
        mask = g.input("attention_mask", TensorProto.INT64, ["batch_size", "total"])
        self.shape = g.op("Shape", x, start=0, end=2)
        self.cos, self.sin = _rotary(g, t)
        last = g.op("Sub", g.op("ReduceSum", mask, g.const([1]), keepdims=0), g.const(1))
        self.lengths = g.cast(last, TensorProto.INT32)
        total = g.op("Gather", g.op("Shape", mask), g.const(1), axis=0)
        self.total = g.cast(total, TensorProto.INT32)
        residual = g.cast(x, g.float) if g.half else x
        self.added = []
        if self.parts > 1:
            residual, *self.added = g.op(
                "Split", residual, g.const([t.hidden] * self.parts), out=self.parts, axis=-1
            )
        h = self.norm(residual, "layers.0.input_layernorm")
        for layer in range(t.layers):
            h, residual = self._layer(layer, h, residual)
        self._logits(h)

    def vector(self, name: str, offset: int = 0) -> str:
        """A small tensor of the checkpoint, plus `offset`."""
        return self.g.vector(name, self.checkpoint.vector(f"model.language_model.{name}").numpy() + offset)

    def norm(self, x: str, name: str) -> str:
        """RMS norm over the last axis."""
        weight = self.vector(f"{name}.weight", self.t.norm_offset)
        return self.g.op("SimplifiedLayerNormalization", x, weight, axis=-1, epsilon=self.t.eps, stash_type=1)

    def linear(self, x: str, prefix: str, *names: str, bias: bool = False, plain: bool = False) -> str:
        """The named projections of `x` side by side; `plain` keeps the weights as they are."""
        full = [f"model.language_model.{prefix}.{n}" for n in names]
        matrix = self.checkpoint.matrix(*(f"{n}.weight" for n in full))
        added = np.concatenate([self.checkpoint.vector(f"{n}.bias").numpy() for n in full]) if bias else None
        return self.g.linear(x, f"{prefix}.{'_'.join(names)}", matrix, None if plain else self.bits, added)

    def _layer(self, i: int, h: str, residual: str) -> tuple[str, str]:
        g, t, at = self.g, self.t, f"layers.{i}"
        if i in t.linear_layers:
            h = delta_layer(self, i, h)
        else:
            h = self.linear(self._attention(i, h), f"{at}.self_attn", "o_proj")
        h, residual = self._add_norm(h, residual, f"{at}.post_attention_layernorm")
        gate, up = (self.linear(h, f"{at}.mlp", n) for n in ("gate_proj", "up_proj"))
        gated = g.op("Mul", g.op("Mul", gate, g.op("Sigmoid", gate)), up)
        h = self.linear(gated, f"{at}.mlp", "down_proj")
        if i < len(self.added):
            h = g.op("Add", h, self.added[i])
        following = f"layers.{i + 1}.input_layernorm" if i + 1 < t.layers else "norm"
        return self._add_norm(h, residual, following)

    def _add_norm(self, x: str, residual: str, norm: str) -> tuple[str, str]:
        outs, weight = (
            [f"{norm}.out", "", "", f"{norm}.sum"],
            self.vector(f"{norm}.weight", self.t.norm_offset),
        )
        self.g.contrib("SkipSimplifiedLayerNormalization", x, residual, weight, out=outs, epsilon=self.t.eps)
        return outs[0], outs[3]

    def _attention(self, i: int, h: str) -> str:
        g, t, at = self.g, self.t, f"layers.{i}.self_attn"
        wide, narrow = t.heads * t.head_dim, t.kv_heads * t.head_dim
        qkv = self.linear(h, at, "q_proj", "k_proj", "v_proj", bias=t.qkv_bias)
        gate = ""
        if t.gated:
            q, k, v = g.op("Split", qkv, g.const([2 * wide, narrow, narrow]), out=3, axis=-1)
            q = g.op("Reshape", q, g.const([0, 0, t.heads, 2 * t.head_dim]))
            q, gate = g.op("Split", q, g.const([t.head_dim, t.head_dim]), out=2, axis=-1)
            gate = g.op("Sigmoid", g.op("Reshape", gate, g.const([0, 0, wide])))
            q, k = self._turned(q, t.heads, f"{at}.q_norm"), self._turned(k, t.kv_heads, f"{at}.k_norm")
        elif t.qk_norm:
            q, k, v = g.op("Split", qkv, g.const([wide, narrow, narrow]), out=3, axis=-1)
            q, k = self._turned(q, t.heads, f"{at}.q_norm"), self._turned(k, t.kv_heads, f"{at}.k_norm")
        else:
            qk, v = g.op("Split", qkv, g.const([wide + narrow, narrow]), out=2, axis=-1)
            q, k = g.op(
                "Split", self._turned(qk, t.heads + t.kv_heads), g.const([wide, narrow]), out=2, axis=-1
            )
        past = [g.input(f"past_key_values.{i}.{n}", g.float, ["batch_size", t.kv_heads, "past", t.head_dim])
                for n in ("key", "value")]  # fmt: skip
        present = [f"present.{i}.{n}" for n in ("key", "value")]
        for name in present:
            g.output(name, g.float, ["batch_size", t.kv_heads, "total", t.head_dim])
        attended = g.contrib("GroupQueryAttention", q, k, v, *past, self.lengths, self.total,
                             out=[f"layers.{i}.attended", *present], num_heads=t.heads, kv_num_heads=t.kv_heads,
                             do_rotary=0)[0]  # fmt: skip
        return g.op("Mul", attended, gate) if gate else attended

    def _turned(self, x: str, heads: int, norm: str = "") -> str:
        """[batch, sequence, heads · head] normed head by head, if asked for, and turned."""
        g, t = self.g, self.t
        if norm:
            x = self.norm(g.op("Reshape", x, g.const([0, 0, heads, t.head_dim])), norm)
        # All rows in one line: the operator then takes the n-th row of cos and sin for the n-th token.
        flat = g.op("Reshape", x, g.const([1, -1, heads * t.head_dim]))
        partial = t.rotary if t.rotary < t.head_dim else 0
        turned = g.contrib("RotaryEmbedding", flat, g.const([0]), self.cos, self.sin, num_heads=heads,
                           rotary_embedding_dim=partial)  # fmt: skip
        return g.op("Reshape", turned, g.op("Concat", self.shape, g.const([heads * t.head_dim]), axis=0))

    def _logits(self, h: str) -> None:
        g = self.g
        if self.layout.keep_input:
            keep = g.input("num_logits_to_keep", TensorProto.INT64, [])
            start = g.op("Reshape", g.op("Neg", keep), g.const([1]))  # -0 is 0: everything is kept
            h = g.op("Slice", h, start, g.const([_INT64_MAX]), g.const([1]))
        name = EMBEDDING if self.t.tied or not self.checkpoint.has("lm_head.weight") else "lm_head.weight"
        if self.layout.external:
            g.start_part()
        logits = g.linear(h, "lm_head", self.checkpoint.matrix(name), self.head_bits)
        kind = TensorProto.FLOAT16 if self.layout.half_logits and g.half else TensorProto.FLOAT
        g.op("Cast", logits, out="logits", to=kind)
        g.output(
            "logits", kind, ["batch_size", "kept" if self.layout.keep_input else "sequence", self.t.vocab]
        )


def build_decoder(
    g: Graph, spec: ModelSpec, checkpoint: Checkpoint, bits: int | None, head_bits: int | None, layout: Layout = OURS
) -> None:  # fmt: skip
    """`bits` for the layers, `head_bits` for the head (8, 4, or None for plain matrices)."""
    Decoder(g, spec, checkpoint, bits, head_bits, layout).build()
