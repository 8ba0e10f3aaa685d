"""Randomly initialised checkpoints for the tests: any Qwen2.5-VL sizes, with a byte-level toy tokenizer."""

import json
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers
from transformers import Qwen2_5_VLConfig, Qwen2_5_VLForConditionalGeneration

SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|vision_start|>", "<|vision_end|>", "<|vision_pad|>",
           "<|image_pad|>", "<|video_pad|>"]  # fmt: skip
TAGS = ["<think>", "</think>", "<zoom>", "</zoom>", "<answer>", "</answer>"]
TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{% if message['content'] is string %}"
    "{{ message['content'] }}{% else %}{% for part in message['content'] %}{% if part['type'] == 'image' %}"
    "<|vision_start|><|image_pad|><|vision_end|>{% else %}{{ part['text'] }}{% endif %}{% endfor %}{% endif %}"
    "<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
IMAGE_PAD = 256 + SPECIAL.index("<|image_pad|>")


def write_tokenizer(folder: Path) -> None:
    """One token per byte, then the special tokens (ids from 256), then the tags."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokenizer = Tokenizer(models.BPE(vocab={c: i for i, c in enumerate(alphabet)}, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken(t, special=True, normalized=False) for t in SPECIAL])
    tokenizer.add_tokens([AddedToken(t, special=False, normalized=False) for t in TAGS])
    tokenizer.save(str(folder / "tokenizer.json"))
    config = {"tokenizer_class": "Qwen2Tokenizer", "eos_token": "<|im_end|>", "pad_token": "<|endoftext|>",
              "model_max_length": 32768, "clean_up_tokenization_spaces": False}  # fmt: skip
    (folder / "tokenizer_config.json").write_text(json.dumps(config))
    (folder / "chat_template.jinja").write_text(TEMPLATE)


def random_checkpoint(
    folder: Path,
    *,
    vision: dict,
    text: dict,
    tied: bool,
    seed: int = 0,
    spread: float = 0.06,
    shifted: list[int] | None = None,
    position_rows: int = 0,
) -> Qwen2_5_VLForConditionalGeneration:
    """Writes an HF-style folder and returns the stock model (which knows nothing of the two departures)."""
    torch.manual_seed(seed)
    config = Qwen2_5_VLConfig(
        text_config={"rms_norm_eps": 1e-6, "max_position_embeddings": 32768, "initializer_range": spread,
                     "tie_word_embeddings": tied, "bos_token_id": 256, "eos_token_id": 258, **text},
        vision_config={"window_size": 112, "initializer_range": spread, "out_hidden_size": text["hidden_size"], **vision},
        tie_word_embeddings=tied, image_token_id=IMAGE_PAD, video_token_id=IMAGE_PAD + 1,
        vision_start_token_id=259, vision_end_token_id=260,
    )  # fmt: skip
    model = Qwen2_5_VLForConditionalGeneration(config).float().eval()
    for parameter in model.parameters():
        if parameter.ndim == 1:  # biases start at 0 and norms at 1: an error in either would go unseen
            parameter.data += 0.1 * torch.randn_like(parameter)
    model.save_pretrained(folder)
    write_tokenizer(folder)
    if shifted or position_rows:
        raw = json.loads((folder / "config.json").read_text())
        raw["vision_config"]["shifted_block_indexes"] = shifted or []
        if position_rows:
            raw["vision_config"]["position_table"] = {"size": position_rows}
            tensors = load_file(folder / "model.safetensors")
            tensors["model.visual.position_table"] = torch.randn(position_rows, text["hidden_size"] // 2)
            save_file(tensors, folder / "model.safetensors", {"format": "pt"})
        (folder / "config.json").write_text(json.dumps(raw))
    return model


def tiny_checkpoint(folder: Path, seed: int = 0) -> None:
    """The shape of the shipped small model: windows only, shifted in every second block, position table."""
    random_checkpoint(
        folder, tied=True, seed=seed, shifted=[1, 3, 5], position_rows=512,
        vision={"depth": 6, "hidden_size": 192, "num_heads": 3, "intermediate_size": 512, "fullatt_block_indexes": []},
        text={"vocab_size": 1024, "hidden_size": 256, "num_hidden_layers": 6, "num_attention_heads": 4,
              "num_key_value_heads": 2, "intermediate_size": 768,
              "rope_parameters": {"rope_type": "default", "rope_theta": 10000.0, "mrope_section": [8, 12, 12]}},
    )  # fmt: skip
