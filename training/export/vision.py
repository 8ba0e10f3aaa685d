"""vision_encoder of any family."""

from .checkpoint import Checkpoint
from .graph import Graph
from .layout import OURS, Layout
from .spec import ModelSpec
from .vit import VitEncoder
from .windows import WindowEncoder


def build_vision(
    g: Graph, spec: ModelSpec, checkpoint: Checkpoint, bits: int | None, layout: Layout = OURS
) -> None:
    """`bits` of every matrix: 8, 4, or None for plain ones."""
    encoder = WindowEncoder if spec.vision.window else VitEncoder
    encoder(g, spec, checkpoint, bits, layout).build()
