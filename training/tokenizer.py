"""Byte-level BPE with Qwen's special tokens and chat template; digits and capitals are single tokens.

    training/.venv/bin/python -m training.tokenizer OUT_DIR

It is trained on the questions and answers of the training split, so every category is one token.
"""

import json
import sys
from pathlib import Path

import numpy as np
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

from .scenes.layout import make_scene
from .scenes.questions import draw_question
from .scenes.vocabulary import COLOURS, NAMES, SYMBOLS

SPECIAL = ("<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|vision_start|>", "<|vision_end|>", "<|vision_pad|>",
           "<|image_pad|>", "<|video_pad|>")  # fmt: skip
MARKS = ("<think>", "</think>", "<zoom>", "</zoom>", "<answer>", "</answer>")
PIECES = r"[A-Z0-9]|, | ?[a-z]+| ?[^\sA-Za-z0-9]+|\s"

SYSTEM = "You answer questions about pictures."
LOCATE = "{question}\nWhere should I look?"
ANSWER = "{question}"
DIRECT = "{question}\nAnswer at once."
ON_DEMAND = "{question}\nAnswer or ask for crops."
PROMPTS = {
    "coarseToFine": {"system": SYSTEM, "locate": LOCATE, "answer": ANSWER},
    "direct": {"system": SYSTEM, "answer": DIRECT},
    "onDemand": {"system": SYSTEM, "first": ON_DEMAND, "second": ANSWER},
}

# Qwen2.5-VL's layout for text and image parts, in the order given; written anew, shorter.
CHAT_TEMPLATE = (
    "{% if messages[0].role != 'system' %}<|im_start|>system\n" + SYSTEM + "<|im_end|>\n{% endif %}"
    "{% for message in messages %}<|im_start|>{{ message.role }}\n"
    "{% if message.content is string %}{{ message.content }}{% else %}{% for part in message.content %}"
    "{% if part.type == 'image' or 'image' in part %}<|vision_start|><|image_pad|><|vision_end|>"
    "{% elif 'text' in part %}{{ part.text }}{% endif %}{% endfor %}{% endif %}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


def corpus(scenes: int = 400, seed: int = 0):
    """Questions, thoughts and answers of the training split, plus every name in the places it can stand in."""
    rng = np.random.default_rng(seed)
    for name in (*NAMES, *COLOURS, "yes", "no", "left of", "right of", "above", "below"):
        yield from [
            f"<answer>{name}",
            f"(A) {name}\n",
            f"the {name} has a {name}, an {name}.",
            f"{name}",
        ] * 40
    for text in (
        SYSTEM,
        LOCATE,
        DIRECT,
        ON_DEMAND,
        "system\nuser\nassistant\n",
        "GET_CROPS: ['0', '3', 'all']",
    ):
        yield from [text.replace("{question}", "")] * 200
    for i in range(scenes):
        scene = make_scene(rng, "train", 1 + i % 2, 1600, 1600)
        if len(scene.objects) < 4:
            continue
        for _ in range(8):
            q = draw_question(scene, rng)
            yield from (q.prompt, q.first_thought, q.second_thought, q.answer)


def build() -> Tokenizer:
    """Train the tokenizer; a few seconds, deterministic."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(PIECES), "isolated"),
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
    ])  # fmt: skip
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=1522, min_frequency=30, initial_alphabet=alphabet, show_progress=False
    )
    tokenizer.train_from_iterator(corpus(), trainer)
    tokenizer.add_special_tokens([AddedToken(t, special=True, normalized=False) for t in SPECIAL])
    tokenizer.add_tokens([AddedToken(t, special=False, normalized=False) for t in MARKS])
    for name in NAMES:
        assert len(tokenizer.encode(" " + name).ids) == 1, name
    for symbol in SYMBOLS:
        assert len(tokenizer.encode(symbol + symbol).ids) == 2, symbol
    return tokenizer


def save(tokenizer: Tokenizer, folder: Path) -> None:
    """tokenizer.json and tokenizer_config.json (chat template inlined: transformers.js reads it only there)."""
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(folder / "tokenizer.json"))
    config = {
        "tokenizer_class": "Qwen2Tokenizer", "model_max_length": 32768, "add_prefix_space": False, "add_bos_token": False,
        "clean_up_tokenization_spaces": False, "errors": "replace", "split_special_tokens": False, "bos_token": None,
        "eos_token": "<|im_end|>", "pad_token": "<|endoftext|>", "unk_token": None,
        "additional_special_tokens": list(SPECIAL[1:]), "chat_template": CHAT_TEMPLATE,
        "added_tokens_decoder": {
            str(tokenizer.token_to_id(t)): {"content": t, "lstrip": False, "normalized": False, "rstrip": False,
                                            "single_word": False, "special": t in SPECIAL}
            for t in SPECIAL + MARKS
        },
    }  # fmt: skip
    (folder / "tokenizer_config.json").write_text(json.dumps(config, indent=2, ensure_ascii=False))


if __name__ == "__main__":
    save(build(), Path(sys.argv[1]))
