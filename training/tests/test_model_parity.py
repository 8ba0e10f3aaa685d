"""The exported graphs against the PyTorch model they were trained as: one and two pictures, twenty greedy steps."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from PIL import Image

from training.chat import positions
from training.export.convert import convert
from training.model.config import Config
from training.model.model import Model, prefix_positions
from training.runtime.imaging import Patches
from training.runtime.vlm import OnnxVLM
from training.tests.checkpoints import SPECIAL, write_tokenizer

HEAD, COARSE, CROP = [257, 10, 11, 259], (9, 14), (7, 5)


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    """Small matrices: waiting for a second thread costs more than it brings, above all beside other jobs."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def picture(rows: int, cols: int) -> Image.Image:
    noise = np.random.default_rng(rows).integers(0, 255, (rows * 2, cols * 2, 3), np.uint8)
    return Image.fromarray(noise).resize((cols * 28, rows * 28), Image.Resampling.BICUBIC)


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    torch.manual_seed(3)
    model = Model(Config(), list(range(64)), 34).eval()
    for parameter in model.parameters():
        if parameter.ndim == 1:
            parameter.data += 0.1 * torch.randn_like(parameter)
    folder = tmp_path_factory.mktemp("trained")
    model.save(folder, {name: 256 + i for i, name in enumerate(SPECIAL)})
    write_tokenizer(folder)
    convert(folder, folder / "out", ["fp32", "q8"], golden=False)
    return model, OnnxVLM(folder / "out", "fp32", 1), OnnxVLM(folder / "out", "q8", 1)


def features(model: Model, vlm: OnnxVLM, grid: tuple[int, int]) -> tuple[torch.Tensor, Patches]:
    """The trained model's own features of a picture, and the patches for the exported one."""
    patches = vlm.patches(picture(*grid))
    c = vlm.manifest["image"]
    pixels = (np.asarray(picture(*grid), np.float32) / 255 - c["mean"]) / c["std"]
    tensor = torch.from_numpy(pixels.astype(np.float32)).permute(2, 0, 1)[None]
    return model.visual(tensor)[2].flatten(1, 2), patches


def reference(
    model: Model, coarse: torch.Tensor, ids: list[int], crop: torch.Tensor | None, first: int
) -> torch.Tensor:
    """Logits [len(ids), vocabulary] of a branch after the coarse picture; `crop` stands from position `first` on."""
    embed = model.language_model.embed_tokens
    prefix = torch.cat((embed(torch.tensor(HEAD))[None], coarse), 1)
    branch = embed(torch.tensor(ids))[None]
    if crop is not None:
        branch = torch.cat((branch[:, :first], crop, branch[:, first + crop.shape[1] :]), 1)
    start = len(HEAD) + max(COARSE)
    place = torch.from_numpy(positions(len(ids), start, None if crop is None else (first, *CROP)))[:, None]
    hidden, *_ = model.language_model(
        prefix, prefix_positions(len(HEAD), *COARSE)[:, None], [branch], [place], [[]]
    )
    return F.linear(hidden[0][0], embed.weight)


@pytest.mark.parametrize("pictures", [1, 2])
def test_prefill_and_twenty_steps_match_the_trained_model(pair, pictures):
    model, fp32, q8 = pair
    with torch.no_grad():
        coarse, coarse_patches = features(model, fp32, COARSE)
        crop, crop_patches = features(model, fp32, CROP) if pictures == 2 else (None, None)
        ids = [260, 40, 41, 42, 258, 259]
        if pictures == 2:
            ids += [262] * (CROP[0] * CROP[1]) + [260, 50, 51]
        contexts = {}
        for name, vlm in (("fp32", fp32), ("q8", q8)):
            context = vlm.extend(vlm.start(), [HEAD, vlm.encode(coarse_patches), ids[:6]])
            if pictures == 2:
                context = vlm.extend(context, [vlm.encode(crop_patches), ids[-3:]])
            contexts[name] = context
        expected = reference(model, coarse, ids, crop, 6)[-1].numpy()
        noise = contexts["q8"].logits - expected
        assert np.sqrt((noise**2).mean() / (expected**2).mean()) < 0.1
        context, rows = contexts["fp32"], []
        for _ in range(21):
            rows.append(context.logits)
            ids.append(int(context.logits.argmax()))
            context = fp32.extend(context, [[ids[-1]]])
        # One pass over what the export said: equal choices at every step mean equal greedy texts.
        logits = reference(model, coarse, ids, crop, 6)[-22:-1].numpy()
    for ours, theirs in zip(rows, logits, strict=True):
        assert np.abs(ours - theirs).max() / np.abs(theirs).max() < 1e-3
        assert ours.argmax() == theirs.argmax()
