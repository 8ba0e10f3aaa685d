"""Sizes of the model. The JSON form is a stock `qwen2_5_vl` config.json plus two keys in `vision_config`."""

from dataclasses import asdict, dataclass, field

PATCH, MERGE, TEMPORAL = 14, 2, 2
TOKEN = PATCH * MERGE  # pixels per vision token


@dataclass
class VisionConfig:
    depth: int = 5
    hidden_size: int = 192
    num_heads: int = 3
    intermediate_size: int = 512
    window_size: int = 112
    shifted_block_indexes: tuple[int, ...] = (1, 3)  # departure D1: windows shifted by half a window
    position_rows: int = 512  # departure D2: sin/cos of the token's row and column, added after the merger


@dataclass
class TextConfig:
    vocab_size: int = 832
    hidden_size: int = 256
    num_hidden_layers: int = 6
    num_attention_heads: int = 4
    num_key_value_heads: int = 2
    intermediate_size: int = 768
    rope_theta: float = 10000.0
    mrope_section: tuple[int, int, int] = (8, 12, 12)
    rms_norm_eps: float = 1e-6

    @property
    def head_dim(self) -> int:
        return self.hidden_size // self.num_attention_heads


@dataclass
class Config:
    vision: VisionConfig = field(default_factory=VisionConfig)
    text: TextConfig = field(default_factory=TextConfig)

    def to_json(self, special: dict[str, int]) -> dict:
        """The content of config.json; `special` maps special tokens to their ids."""
        v, t = self.vision, self.text
        return {
            "architectures": ["Qwen2_5_VLForConditionalGeneration"],
            "model_type": "qwen2_5_vl",
            "image_token_id": special["<|image_pad|>"],
            "video_token_id": special["<|video_pad|>"],
            "vision_start_token_id": special["<|vision_start|>"],
            "vision_end_token_id": special["<|vision_end|>"],
            "tie_word_embeddings": True,
            "text_config": {
                "model_type": "qwen2_5_vl_text", **{k: val for k, val in asdict(t).items() if k != "mrope_section"},
                "hidden_act": "silu", "max_position_embeddings": 32768, "tie_word_embeddings": True,
                "bos_token_id": special["<|endoftext|>"], "eos_token_id": special["<|im_end|>"],
                "rope_scaling": {"type": "mrope", "rope_type": "default", "mrope_section": list(t.mrope_section)},
            },
            "vision_config": {
                "model_type": "qwen2_5_vl", "depth": v.depth, "hidden_size": v.hidden_size, "num_heads": v.num_heads,
                "intermediate_size": v.intermediate_size, "out_hidden_size": t.hidden_size, "hidden_act": "silu",
                "in_channels": 3, "in_chans": 3, "patch_size": PATCH, "spatial_patch_size": PATCH, "spatial_merge_size": MERGE,
                "temporal_patch_size": TEMPORAL, "tokens_per_second": 2, "window_size": v.window_size,
                "fullatt_block_indexes": [], "shifted_block_indexes": list(v.shifted_block_indexes),
                "position_table": {"size": v.position_rows},
            },
        }  # fmt: skip

    @classmethod
    def from_json(cls, data: dict) -> "Config":
        v, t = data["vision_config"], data["text_config"]
        section = (t.get("rope_scaling") or t.get("rope_parameters"))["mrope_section"]
        theta = t.get("rope_theta") or t["rope_parameters"]["rope_theta"]
        vision = VisionConfig(v["depth"], v["hidden_size"], v["num_heads"], v["intermediate_size"], v["window_size"],
                              tuple(v["shifted_block_indexes"]), v["position_table"]["size"])  # fmt: skip
        names = (
            "vocab_size",
            "hidden_size",
            "num_hidden_layers",
            "num_attention_heads",
            "num_key_value_heads",
            "intermediate_size",
        )
        return cls(vision, TextConfig(*(t[n] for n in names), theta, tuple(section), t["rms_norm_eps"]))
