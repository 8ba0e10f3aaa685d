"""Sizes and conventions of a checkpoint, as the graph builders need them. `families` reads them from config.json."""

from dataclasses import dataclass


@dataclass(frozen=True)
class VisionSpec:
    depth: int
    hidden: int
    heads: int
    intermediate: int
    out_hidden: int
    patch: int
    merge: int
    temporal: int
    channels: int
    rope_theta: float
    grid_input: str = "image_grid_thw"
    activation: str = "silu"
    # Qwen2.5-VL: attention in windows.
    window: int = 0  # side of an attention window, in merged tokens
    full_blocks: tuple[int, ...] = ()
    shifted_blocks: tuple[int, ...] = ()  # departure D1: these blocks' windows are shifted by half a window
    position_rows: int = 0  # departure D2: rows of the table added after the merger, 0 when absent
    # Qwen3-VL and Qwen3.5.
    position_side: int = 0  # side of the learned position table, 0 when absent
    deepstack: tuple[int, ...] = ()  # blocks that also feed the first decoder layers (arXiv 2406.04334)

    @property
    def head_dim(self) -> int:
        return self.hidden // self.heads

    @property
    def patch_values(self) -> int:
        return self.channels * self.temporal * self.patch * self.patch


@dataclass(frozen=True)
class LinearSpec:
    """Gated DeltaNet layers (arXiv 2412.06464): heads and their sizes."""

    key_heads: int
    value_heads: int
    key_dim: int
    value_dim: int
    kernel: int

    @property
    def channels(self) -> int:
        """Queries, keys and values side by side: what the convolution runs over."""
        return 2 * self.key_heads * self.key_dim + self.value_heads * self.value_dim


@dataclass(frozen=True)
class TextSpec:
    vocab: int
    hidden: int
    layers: int
    heads: int
    kv_heads: int
    head_dim: int
    intermediate: int
    eps: float
    rope_theta: float
    rotary: int  # values of a head that turn; the rest stays
    sections: tuple[int, int, int]  # pairs of the head turned by the temporal, row and column position
    max_positions: int
    tied: bool
    interleaved: bool = False  # axes take turns along the head, instead of one block each
    qkv_bias: bool = True
    qk_norm: bool = False
    gated: bool = False  # attention's output is multiplied by a sigmoid that the query projection gives
    norm_offset: int = 0  # added to the weights of RMS norms
    linear: LinearSpec | None = None
    linear_layers: frozenset[int] = frozenset()


@dataclass(frozen=True)
class ModelSpec:
    family: str  # qwen2-vl, qwen2.5-vl, qwen3-vl or qwen3.5
    vision: VisionSpec
    text: TextSpec
    raw: dict  # config.json as it was

    @property
    def text_raw(self) -> dict:
        return self.raw.get("text_config") or self.raw

    @property
    def row(self) -> int:
        """Values of a row between the sessions: an embedding, and what each DeepStack layer adds to it."""
        return self.text.hidden * (1 + len(self.vision.deepstack))
