"""What exports of the same checkpoint differ in, beside precision. The defaults are ours; the others are met on the hub."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Layout:
    """Doors of the graphs and parts of their files. None changes what is computed."""

    grid_input: str | None = None  # name of the vision encoder's grid; None: the family's own
    keep_input: bool = True  # the decoder takes num_logits_to_keep; else it gives logits for every position
    half_logits: bool = False  # float16 graphs give float16 logits
    half_features: bool = False  # float16 graphs give float16 image_features
    conv_length: int | None = None  # positions that past_conv holds; None: as many as are needed
    external: bool = False  # weights lie outside the .onnx, the decoder's head in a part of its own
    # The quantized head and embedding are one matrix, so their files are byte for byte the same.
    shared_head: bool = False


OURS = Layout()
