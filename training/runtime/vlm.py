"""A model folder as three onnxruntime sessions, with KV contexts that grow, fork and generate."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import numpy as np
import onnxruntime as ort
from PIL import Image

from .chat import cut_words
from .imaging import Patches, patchify
from .mrope import mrope_positions

_PREFILL = 1024  # tokens per decoder call: attention memory grows with chunk x history


@dataclass(frozen=True)
class Encoded:
    """One picture's features float32 [tokens, hidden] and its grid of merged tokens."""

    features: np.ndarray
    rows: int
    cols: int

    @property
    def tokens(self) -> int:
        return self.rows * self.cols


# Text with special tokens spelled out, somebody's `Words`, token ids, or a picture.
Part = str | Sequence[int] | Encoded


@dataclass(frozen=True)
class Context:
    """A history: its KV cache, length, next rotary position and the logits [vocab] that follow it.

    Contexts are values. Extending one leaves it as it was, so keeping it is forking it.
    """

    cache: tuple[ort.OrtValue, ...]
    length: int
    position: int
    logits: np.ndarray | None


@dataclass(frozen=True)
class Generation:
    """Generated ids (stop token excluded), their text, whether a stop token ended it, the context after it, and
    the natural logarithm of every token's probability, the stop token's included."""

    ids: list[int]
    text: str
    stopped: bool
    context: Context
    log_probabilities: list[float]


def _log_probability(logits: np.ndarray, token: int) -> float:
    top = logits.max()
    return float(logits[token] - top - np.log(np.exp(logits - top).sum()))


class OnnxVLM:
    """Opens `folder` (written by training.export) in one of its dtypes.

    `unpacked`: the graphs for wasm where there are some. They compute the same from weights that are unpacked once,
    and decode several times faster. Raises FileNotFoundError without a manifest, KeyError for a dtype the folder does not have.
    """

    def __init__(self, folder: str | Path, dtype: str = "q8", threads: int = 2, unpacked: bool = False):
        self.folder, self.dtype = Path(folder), dtype
        self.manifest = json.loads((self.folder / "manifest.json").read_text(encoding="utf-8"))
        if dtype not in self.manifest["dtypes"]:
            raise KeyError(f"{folder} has dtypes {list(self.manifest['dtypes'])}, not {dtype!r}")
        options = ort.SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
        options.log_severity_level = 3
        # Waiting threads sleep: spinning ones starve whatever else runs on a small machine.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        described = self.manifest["dtypes"][dtype]
        paths = described["sessions"] | (described.get("wasm", {}) if unpacked else {})
        self.vision, self.embed, self.decoder = (
            ort.InferenceSession(str(self.folder / paths[name]), options, providers=["CPUExecutionProvider"])
            for name in ("vision_encoder", "embed_tokens", "decoder_model_merged")
        )
        self._cache_inputs = [i for i in self.decoder.get_inputs() if i.name.startswith("past_key_values.")]
        self._outputs = [
            "logits",
            *(i.name.replace("past_key_values", "present") for i in self._cache_inputs),
        ]
        self._tokenizer = None

    @property
    def tokenizer(self):
        """The folder's tokenizer (tokenizers.Tokenizer), loaded when text is first needed."""
        if self._tokenizer is None:
            from tokenizers import Tokenizer

            self._tokenizer = Tokenizer.from_file(str(self.folder / "tokenizer.json"))
        return self._tokenizer

    def patches(self, image: Image.Image) -> Patches:
        """Patches of a picture that already has its final size."""
        c = self.manifest["image"]
        return patchify(image, c["mean"], c["std"], c["patchSize"], c["mergeSize"], c["temporalPatchSize"])

    def encode(self, picture: Image.Image | Patches) -> Encoded:
        """Vision features of one picture whose sides are multiples of the token size."""
        patches = picture if isinstance(picture, Patches) else self.patches(picture)
        feeds = {"pixel_values": patches.pixels, "image_grid_thw": patches.grid_thw}
        return Encoded(self.vision.run(None, feeds)[0], patches.rows, patches.cols)

    def start(self) -> Context:
        """The empty history."""
        empty = []
        for value in self._cache_inputs:
            kind = np.float16 if value.type == "tensor(float16)" else np.float32
            empty.append(
                ort.OrtValue.ortvalue_from_numpy(np.zeros((1, value.shape[1], 0, value.shape[3]), kind))
            )
        return Context(tuple(empty), 0, 0, None)

    def tokenize(self, *texts: str) -> list[int]:
        """The texts as one, as models saw it in training; `Words` among them are never special tokens."""
        specials = [token.content for token in self.tokenizer.get_added_tokens_decoder().values()]
        pieces = cut_words(texts, specials)
        return [i for piece in pieces for i in self.tokenizer.encode(piece, add_special_tokens=False).ids]

    def embeddings(self, ids: Sequence[int]) -> np.ndarray:
        """float32 [tokens, hidden]"""
        return self.embed.run(None, {"input_ids": np.asarray(ids, np.int64)[None]})[0][0]

    def extend(self, context: Context, parts: Sequence[Part]) -> Context:
        """The context after `parts`. Only the new tokens are computed; neighbouring texts are tokenised as one."""
        rows, runs = [], []
        for is_text, neighbours in groupby(parts, key=lambda part: isinstance(part, str)):
            group = list(neighbours)
            for part in [self.tokenize(*group)] if is_text else group:
                if isinstance(part, Encoded):
                    rows.append(part.features)
                    runs.append((part.rows, part.cols))
                elif len(part):
                    rows.append(self.embeddings(part))
                    runs.append(len(part))
        if not rows:
            return context
        positions, following = mrope_positions(runs, context.position)
        return self._prefill(context, np.concatenate(rows), positions, following)

    def _prefill(
        self, context: Context, embeds: np.ndarray, positions: np.ndarray, following: int
    ) -> Context:
        cache, length, logits = context.cache, context.length, None
        for start in range(0, len(embeds), _PREFILL):
            part = slice(start, start + _PREFILL)
            cache, logits = self.step(cache, length, embeds[part], positions[:, part])
            length += len(embeds[part])
        return Context(cache, length, following, logits[-1])

    def step(
        self,
        cache: Sequence[ort.OrtValue],
        past: int,
        embeds: np.ndarray,
        positions: np.ndarray,
        keep: int = 1,
    ):
        """One decoder call: embeds [tokens, hidden], positions [3, tokens] -> (new cache, logits [kept, vocab])."""
        wrap = ort.OrtValue.ortvalue_from_numpy
        feeds = {
            "inputs_embeds": wrap(np.ascontiguousarray(embeds[None])),
            "attention_mask": wrap(np.ones((1, past + len(embeds)), np.int64)),
            "position_ids": wrap(np.ascontiguousarray(positions[:, None])),
            "num_logits_to_keep": wrap(np.array(keep, np.int64)),
            **{i.name: value for i, value in zip(self._cache_inputs, cache, strict=True)},
        }
        logits, *present = self.decoder.run_with_ort_values(self._outputs, feeds)
        return tuple(present), logits.numpy()[0]

    def stop_ids(self) -> set[int]:
        found = (self.tokenizer.token_to_id(s) for s in self.manifest["stop"])
        return {i for i in found if i is not None}

    def generate(
        self, context: Context, max_new_tokens: int | None = None, stop_ids: set[int] | None = None,
        on_token: Callable[[int], None] | None = None,
    ) -> Generation:  # fmt: skip
        """Greedy decoding from `context`, which must not be empty.

        The returned context holds the generated tokens but not the stop token, so a next turn can be appended.
        """
        limit = self.manifest["maxNewTokens"] if max_new_tokens is None else max_new_tokens
        stops = self.stop_ids() if stop_ids is None else stop_ids
        ids: list[int] = []
        sure: list[float] = []
        while len(ids) < limit:
            token = int(np.argmax(context.logits))
            sure.append(_log_probability(context.logits, token))
            if token in stops:
                return Generation(ids, self.decode(ids), True, context, sure)
            ids.append(token)
            if on_token:
                on_token(token)
            context = self.extend(context, [[token]])
        return Generation(ids, self.decode(ids), False, context, sure)

    def decode(self, ids: Sequence[int]) -> str:
        """Text of generated ids; tags such as <zoom> are kept. Empty when the folder has no tokenizer."""
        if not (self.folder / "tokenizer.json").exists():
            return ""
        return self.tokenizer.decode(list(ids), skip_special_tokens=False)
