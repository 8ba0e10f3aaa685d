"""The exported graphs against transformers' own model and, for the two departures, a dense reference."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from training.export.convert import convert
from training.runtime.imaging import Patches
from training.runtime.vlm import OnnxVLM
from training.tests.checkpoints import IMAGE_PAD, random_checkpoint

GRIDS = [(4, 4), (5, 7), (9, 6)]  # merged rows and columns; windows are 4 x 4, so the last two are ragged
VISION = {"depth": 3, "hidden_size": 64, "num_heads": 2, "intermediate_size": 96}
ROPE = {"rope_type": "default", "rope_theta": 10000.0, "mrope_section": [4, 6, 6]}
TEXT = {"vocab_size": 320, "hidden_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4,
        "num_key_value_heads": 2, "intermediate_size": 160, "rope_parameters": ROPE}  # fmt: skip
CASES = {
    "full attention blocks, own head": dict(
        vision={**VISION, "fullatt_block_indexes": [1]}, text=TEXT, tied=False, spread=0.12
    ),
    "windows only, tied head": dict(vision={**VISION, "fullatt_block_indexes": []}, text=TEXT, tied=True, spread=0.12),
    # Nothing here is a multiple of the quantization block but the patch's hidden size.
    "odd sizes": dict(
        vision={**VISION, "hidden_size": 48, "intermediate_size": 50, "fullatt_block_indexes": [0, 2], "num_heads": 3},
        text={**TEXT, "hidden_size": 144, "num_attention_heads": 3, "num_key_value_heads": 1, "intermediate_size": 172,
              "rope_parameters": {**ROPE, "rope_theta": 1000000.0, "mrope_section": [8, 8, 8]}}, tied=False, spread=0.1,
    ),
}  # fmt: skip


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    """Small matrices: waiting for a second thread costs more than it brings, above all beside other jobs."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def pixels(rows: int, cols: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((rows * cols * 4, 1176)).astype(np.float32)


def relative(ours: np.ndarray, reference: np.ndarray) -> float:
    return float(np.abs(ours - reference).max() / np.abs(reference).max())


def hf_features(model, px: np.ndarray, rows: int, cols: int) -> np.ndarray:
    with torch.no_grad():
        out = model.model.visual(torch.from_numpy(px), grid_thw=torch.tensor([[1, 2 * rows, 2 * cols]]))
    return out.pooler_output.numpy()


@pytest.fixture(scope="module", params=list(CASES))
def exported(request, tmp_path_factory):
    folder: Path = tmp_path_factory.mktemp("checkpoint")
    model = random_checkpoint(folder, **CASES[request.param])
    out = folder / "out"
    convert(folder, out, ["fp32", "q8", "q4"], golden=False)
    return model, out


@pytest.mark.parametrize("grid", GRIDS)
def test_vision_features_match_transformers(exported, grid):
    model, out = exported
    px = pixels(*grid)
    ours = OnnxVLM(out, "fp32", 1).encode(Patches(px, *grid)).features
    assert relative(ours, hf_features(model, px, *grid)) < 1e-4


def history(grids: list[tuple[int, int]]) -> list:
    """Token ids and grids of a chat with these pictures, in order."""
    parts: list = [[257, 10, 11, 12, 259]]
    for i, grid in enumerate(grids):
        parts += [grid, [260, 20 + i, 21, 22, 258, 33, 259][: 7 if i + 1 < len(grids) else 4]]
    return parts


@pytest.mark.parametrize("grids", [[GRIDS[0]], [GRIDS[1], GRIDS[2]]], ids=["one picture", "two pictures"])
def test_prefill_and_twenty_decoding_steps_match_transformers(exported, grids):
    model, out = exported
    px = [pixels(*g, seed=i) for i, g in enumerate(grids)]
    parts = history(grids)
    ids = [i for p in parts for i in ([IMAGE_PAD] * (p[0] * p[1]) if isinstance(p, tuple) else p)]
    ids = torch.tensor([ids])
    with torch.no_grad():
        reference = model.generate(
            input_ids=ids, attention_mask=torch.ones_like(ids), pixel_values=torch.from_numpy(np.concatenate(px)),
            image_grid_thw=torch.tensor([[1, 2 * r, 2 * c] for r, c in grids]),
            mm_token_type_ids=(ids == IMAGE_PAD).int(), max_new_tokens=20, do_sample=False,
            return_dict_in_generate=True, output_logits=True, eos_token_id=None, pad_token_id=256,
        )  # fmt: skip
    expected = reference.sequences[0, ids.shape[1] :].tolist()
    vlm = OnnxVLM(out, "fp32", 1)
    pictures = {g: vlm.encode(Patches(p, *g)) for g, p in zip(grids, px, strict=True)}
    context = vlm.start()
    for part in parts:  # chunk by chunk, as a conversation grows
        context = vlm.extend(context, [pictures[part] if isinstance(part, tuple) else part])
    whole = vlm.extend(vlm.start(), [pictures[p] if isinstance(p, tuple) else p for p in parts])
    assert relative(context.logits, whole.logits) < 1e-4
    for logits, token in zip(reference.logits, expected, strict=True):
        assert relative(context.logits, logits[0].numpy()) < 1e-3
        context = vlm.extend(context, [[token]])
    assert vlm.generate(whole, 20, stop_ids=set()).ids == expected
    assert len(set(expected)) > 2, "a constant continuation would prove nothing"


def test_quantized_graphs_stay_close(exported):
    model, out = exported
    px = pixels(*GRIDS[1])
    reference = hf_features(model, px, *GRIDS[1])
    prompt = [[257, 10, 11, 12, 13, 14]]
    plain = OnnxVLM(out, "fp32", 1)
    logits = plain.extend(plain.start(), prompt).logits
    for dtype, vision_limit, text_limit in (("q8", 0.05, 0.05), ("q4", 0.05, 0.5)):
        vlm = OnnxVLM(out, dtype, 1)
        features = vlm.encode(Patches(px, *GRIDS[1])).features
        assert np.sqrt(((features - reference) ** 2).mean() / (reference**2).mean()) < vision_limit
        ours = vlm.extend(vlm.start(), prompt).logits
        assert np.sqrt(((ours - logits) ** 2).mean() / (logits**2).mean()) < text_limit


def test_the_graphs_for_wasm_compute_the_same_from_the_same_weights(exported):
    _, out = exported
    path = out / "manifest.json"
    manifest = json.loads(path.read_text())
    px = pixels(*GRIDS[1])
    for dtype, replaced in (("fp32", 1), ("q8", 2)):
        entry = manifest["dtypes"][dtype]
        assert len(entry["wasm"]) == replaced and set(entry["wasm"].values()) <= set(entry["files"])
        assert all((out / p).stat().st_size < 100_000 for p in entry["wasm"].values())
        results = []
        for sessions in (entry["sessions"], entry["sessions"] | entry["wasm"]):
            chosen = {**manifest, "dtypes": {dtype: {"sessions": sessions}}}
            path.write_text(json.dumps(chosen))
            vlm = OnnxVLM(out, dtype, 1)
            picture = vlm.encode(Patches(px, *GRIDS[1]))
            context = vlm.extend(vlm.extend(vlm.start(), [[257, 10, 11, 259]]), [picture, [260, 20]])
            results.append((picture.features, context.logits, vlm.generate(context, 12, stop_ids=set()).ids))
        path.write_text(json.dumps(manifest))
        (features, logits, ids), (wasm_features, wasm_logits, wasm_ids) = results
        assert relative(wasm_features, features) < 1e-4
        assert relative(wasm_logits, logits) < 1e-4
        assert wasm_ids == ids


def test_all_logits_can_be_kept_and_pictures_share_a_batch_of_text(exported):
    _, out = exported
    vlm = OnnxVLM(out, "fp32", 1)
    ids = np.array([[257, 10, 11, 12], [257, 40, 41, 42]])
    embeds = vlm.embed.run(None, {"input_ids": ids})[0]
    positions = np.broadcast_to(np.arange(4), (3, 2, 4)).astype(np.int64)
    feeds = {"inputs_embeds": embeds, "attention_mask": np.ones((2, 4), np.int64), "position_ids": positions,
             "num_logits_to_keep": np.array(0)}  # fmt: skip
    feeds |= {i.name: np.zeros((2, i.shape[1], 0, i.shape[3]), np.float32) for i in vlm._cache_inputs}
    logits = vlm.decoder.run(["logits"], feeds)[0]
    assert logits.shape[:2] == (2, 4)
    for row in range(2):
        alone = vlm.extend(vlm.start(), [ids[row].tolist()]).logits
        assert relative(logits[row, -1], alone) < 1e-5


# --- the two departures ---


def dense_vision(model, px: np.ndarray, rows: int, cols: int, shifted: list[int], table: torch.Tensor | None):
    """The vision tower with attention over all patches and a mask, in the original order."""
    visual = model.model.visual
    r, c = (t.flatten() for t in torch.meshgrid(torch.arange(rows), torch.arange(cols), indexing="ij"))
    inner_r, inner_c = torch.tensor([0, 0, 1, 1]), torch.tensor([0, 1, 0, 1])
    place = torch.stack(((2 * r[:, None] + inner_r).flatten(), (2 * c[:, None] + inner_c).flatten()))
    x = visual.patch_embed(torch.from_numpy(px))
    cos, sin = (t[:, None] for t in visual.rotary_pos_emb(x, place.T))
    for i, block in enumerate(visual.blocks):
        shift = 2 if i in shifted else 0
        window = (((r + shift) // 4) * 1000 + (c + shift) // 4).repeat_interleave(4)
        q, k, v = block.attn.qkv(block.norm1(x)).view(len(x), 3, block.attn.num_heads, -1).unbind(1)

        def turn(t):
            a, b = t.chunk(2, -1)
            return t * cos + torch.cat((-b, a), -1) * sin

        mask = (window[:, None] != window) * -1e9
        weights = torch.einsum("qhd,khd->hqk", turn(q), turn(k)) * q.shape[-1] ** -0.5 + mask
        attended = torch.einsum("hqk,khd->qhd", weights.softmax(-1), v).reshape(len(x), -1)
        x = x + block.attn.proj(attended)
        x = x + block.mlp(block.norm2(x))
    x = visual.merger(x)
    return (
        x
        if table is None
        else x + torch.cat((table[r.clamp_max(len(table) - 1)], table[c.clamp_max(len(table) - 1)]), -1)
    )


@pytest.mark.parametrize("shifted, rows", [([], 0), ([1], 0), ([0, 2], 6)])
def test_shifted_windows_and_position_table_match_a_dense_reference(tmp_path, shifted, rows):
    vision = {**VISION, "fullatt_block_indexes": []}
    model = random_checkpoint(
        tmp_path, vision=vision, text=TEXT, tied=True, spread=0.12, shifted=shifted, position_rows=rows
    )
    convert(tmp_path, tmp_path / "out", ["fp32"], golden=False)
    table = None
    if rows:
        from safetensors.torch import load_file

        table = load_file(tmp_path / "model.safetensors")["model.visual.position_table"]
    vlm = OnnxVLM(tmp_path / "out", "fp32", 1)
    for grid in [*GRIDS, (1, 3), (2, 13)]:
        px = pixels(*grid)
        with torch.no_grad():
            reference = dense_vision(model, px, *grid, shifted, table).numpy()
        assert relative(vlm.encode(Patches(px, *grid)).features, reference) < 1e-4
        if not shifted:
            assert relative(reference, hf_features(model, px, *grid)) < 1e-4


# --- checkpoint layouts and files ---


def test_sharded_bf16_checkpoints_with_the_older_names_convert_to_the_same_weights(tmp_path):
    model = random_checkpoint(tmp_path / "new", **CASES["windows only, tied head"])
    old = tmp_path / "old"
    old.mkdir()
    from safetensors.torch import save_file

    state = {k.replace("model.visual.", "visual.").replace("model.language_model.", "model."): v.to(torch.bfloat16)
             for k, v in model.state_dict().items() if k != "lm_head.weight"}  # fmt: skip
    names, index = sorted(state), {}
    for shard in range(2):
        part = {n: state[n].contiguous() for n in names[shard::2]}
        save_file(part, old / f"model-{shard}.safetensors")
        index |= dict.fromkeys(part, f"model-{shard}.safetensors")
    (old / "model.safetensors.index.json").write_text(json.dumps({"weight_map": index}))
    config = json.loads((tmp_path / "new/config.json").read_text())
    text = config.pop("text_config")
    rope = text.pop("rope_parameters")
    flat = {**text, **config, "rope_theta": rope["rope_theta"],
            "rope_scaling": {"type": "mrope", "mrope_section": rope["mrope_section"]}}  # fmt: skip
    (old / "config.json").write_text(json.dumps(flat))
    convert(tmp_path / "new", tmp_path / "a", ["fp32"], golden=False)
    convert(old, tmp_path / "b", ["fp32"], golden=False)
    one, two = (OnnxVLM(tmp_path / n, "fp32", 1) for n in "ab")
    logits = [v.extend(v.start(), [[257, 10, 11]]).logits for v in (one, two)]
    assert relative(logits[1], logits[0]) < 0.05
    written = json.loads((tmp_path / "b/config.json").read_text())
    assert written["text_config"]["num_key_value_heads"] == 2 and "hidden_size" not in written


def test_large_graphs_are_split_into_external_chunks(tmp_path, monkeypatch):
    from training.export import graphs as module
    from training.export.graph import Graph

    random_checkpoint(tmp_path, **CASES["windows only, tied head"])
    monkeypatch.setattr(
        module, "Graph", lambda path, half: Graph(path, half, chunk_bytes=200_000, inline_bytes=0)
    )
    convert(tmp_path, tmp_path / "out", ["fp32"], golden=False)
    manifest = json.loads((tmp_path / "out/manifest.json").read_text())
    files = manifest["dtypes"]["fp32"]["files"]
    decoder = [f for f in files if "decoder" in f]
    assert decoder[1:3] == [f"onnx/decoder_model_merged.onnx_data{s}" for s in ("", "_1")]
    config = json.loads((tmp_path / "out/config.json").read_text())
    counts = config["transformers.js_config"]["use_external_data_format"]
    assert counts["decoder_model_merged.onnx"] == len(decoder) - 1
    assert {f["path"] for f in manifest["files"]} >= set(files)
    vlm = OnnxVLM(tmp_path / "out", "fp32", 1)
    assert np.isfinite(vlm.extend(vlm.start(), [[1, 2, 3]]).logits).all()


def test_half_precision_graphs_keep_float32_at_the_doors(tmp_path):
    model = random_checkpoint(tmp_path, **CASES["full attention blocks, own head"])
    convert(tmp_path, tmp_path / "out", ["fp16", "q4f16"], golden=False)
    px = pixels(*GRIDS[1])
    for dtype, limit in (("fp16", 0.02), ("q4f16", 0.06)):
        vlm = OnnxVLM(tmp_path / "out", dtype, 1)
        encoded = vlm.encode(Patches(px, *GRIDS[1]))
        assert encoded.features.dtype == np.float32
        assert relative(encoded.features, hf_features(model, px, *GRIDS[1])) < limit
        context = vlm.extend(vlm.start(), [[257, 259], encoded, [260, 20]])
        assert context.logits.dtype == np.float32 and context.cache[0].data_type() == "tensor(float16)"


def test_golden_fixtures_are_small_and_say_what_the_graphs_give(tmp_path):
    random_checkpoint(tmp_path, **CASES["windows only, tied head"])
    convert(tmp_path, tmp_path / "out", ["fp32", "q8"])
    assert sum(p.stat().st_size for p in (tmp_path / "out/golden").iterdir()) < 300_000
    golden = json.loads((tmp_path / "out/golden/golden.json").read_text())
    assert [len(c["pictures"]) for c in golden["cases"]] == [1, 1, 2]
    vlm = OnnxVLM(tmp_path / "out", "q8", 1)
    for case in golden["cases"]:
        assert vlm.tokenize(case["prompt"]) == case["inputIds"]
        assert np.array(case["positionIds"]).shape == (3, len(case["inputIds"]))
        assert len(case["results"]["q8"]["tokens"]) == 16
    manifest = json.loads((tmp_path / "out/manifest.json").read_text())
    assert manifest["golden"] == "golden/golden.json"
    assert "golden/golden.json" in {f["path"] for f in manifest["files"]}
