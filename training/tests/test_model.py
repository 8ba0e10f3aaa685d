"""The training model is the stock Qwen2.5-VL where its departures are off, and learns in two minutes."""

import json

import numpy as np
import pytest
import torch

from training import tokenizer as tok
from training.aims import NOUN_LAYER, READ_LAYER, ZOOM_LAYER
from training.batches import QUARTERS, Builder
from training.chat import Chat, image_positions, positions
from training.model import text
from training.model.config import Config, TextConfig, VisionConfig
from training.model.model import Model
from training.scenes.layout import DEMAND_TOKENS
from training.scenes.vocabulary import COLOURS, NAMES, SYMBOLS


@pytest.fixture(scope="session")
def tokenizer():
    return tok.build()


@pytest.fixture(scope="session")
def chat(tokenizer):
    return Chat(tokenizer)


def small(chat, shifted=(1,), **vision) -> Model:
    torch.manual_seed(0)
    config = Config(
        VisionConfig(
            depth=2,
            hidden_size=64,
            num_heads=2,
            intermediate_size=96,
            shifted_block_indexes=shifted,
            **vision,
        ),
        TextConfig(
            hidden_size=128,
            num_hidden_layers=4,
            num_attention_heads=2,
            num_key_value_heads=1,
            intermediate_size=192,
        ),
    )
    return Model(config, [chat.encode(" " + n)[0] for n in NAMES], len(SYMBOLS))


def test_the_tokenizer_keeps_categories_digits_and_capitals_whole(tokenizer):
    for name in NAMES:
        assert len(tokenizer.encode(" " + name).ids) == 1
    assert len(tokenizer.encode("KR47").ids) == 4
    text = "<|im_start|>user\nIs there a fox? (A) yes é 日<|im_end|>"
    assert tokenizer.decode(tokenizer.encode(text).ids, skip_special_tokens=False) == text


def test_a_long_prefix_is_attended_to_in_blocks_as_in_one(monkeypatch):
    torch.manual_seed(0)
    qkv = [torch.randn(1, 2, 50, 8, requires_grad=True) for _ in range(3)]
    whole = text.attend(*qkv)
    slopes = torch.autograd.grad(whole.square().sum(), qkv)
    monkeypatch.setattr(text, "BLOCK", 16)
    parts = text.attend(*qkv)
    assert torch.allclose(parts, whole, atol=1e-6)
    for part, slope in zip(torch.autograd.grad(parts.square().sum(), qkv), slopes):
        assert torch.allclose(part, slope, atol=1e-4)


def test_without_its_departures_it_is_hugging_face_qwen2_5_vl(chat, tokenizer, tmp_path):
    from transformers import Qwen2_5_VLForConditionalGeneration

    model = small(chat, shifted=()).eval()
    model.visual.position_table.zero_()
    model.save(tmp_path, {t: tokenizer.token_to_id(t) for t in tok.SPECIAL})
    config = json.loads((tmp_path / "config.json").read_text())
    for key in ("shifted_block_indexes", "position_table"):
        del config["vision_config"][key]
    (tmp_path / "config.json").write_text(json.dumps(config))
    reference = Qwen2_5_VLForConditionalGeneration.from_pretrained(
        tmp_path, attn_implementation="eager"
    ).eval()

    batch = Builder(chat, np.random.default_rng(0)).looks(1, 0.82, count=1, twice=1, once=0)
    group, crop = batch.groups[0], batch.views[0]
    rows, cols = batch.prefix.categories.shape[1:]
    ids = torch.cat((batch.prefix_ids, torch.full((rows * cols,), chat.image), group.ids[0]))[None]

    def patches(pixels):  # merge-block order, the frame twice
        n, _, h, w = pixels.shape
        x = pixels.view(3, h // 28, 2, 14, w // 28, 2, 14).permute(1, 4, 2, 5, 0, 3, 6)
        return x.reshape(-1, 3, 1, 14, 14).expand(-1, -1, 2, -1, -1).reshape(-1, 1176)

    grids = torch.tensor([[1, 2 * rows, 2 * cols], [1, *(2 * g for g in crop.categories.shape[1:])]])
    with torch.no_grad():
        features, _ = model.dense(batch.prefix)
        second, _ = model.dense(crop)
        embed = model.language_model.embed_tokens
        x = embed(group.ids)
        first = group.crops[0][0]
        x = torch.cat((x[:, :first], second, x[:, first + second.shape[1] :]), 1)
        start = torch.cat((embed(batch.prefix_ids)[None], features), 1)
        head = len(batch.prefix_ids)
        place = torch.from_numpy(
            np.concatenate((np.tile(np.arange(head), (3, 1)), image_positions(head, rows, cols)), 1)
        )[:, None]
        hidden, *_ = model.language_model(start, place, [x], [group.positions], [[]])
        ours = hidden[0] @ embed.weight.T
        theirs = reference(
            input_ids=ids, pixel_values=torch.cat((patches(batch.prefix.pixels), patches(crop.pixels))), image_grid_thw=grids,
            mm_token_type_ids=(ids == chat.image).long(),
        ).logits[:, -group.ids.shape[1] :]  # fmt: skip
    length = int(group.learn[0].nonzero().max())
    error = (ours - theirs)[:, :length].norm() / theirs[:, :length].norm()
    assert error < 1e-3


def test_positions_go_on_after_a_picture_at_its_longer_side():
    place = positions(3 + 6 + 2, 10, (3, 2, 3))
    assert place[:, 2].tolist() == [12, 12, 12]
    assert place[:, 3:9].tolist() == [[13] * 6, [13, 13, 13, 14, 14, 14], [13, 14, 15, 13, 14, 15]]
    assert place[:, 9].tolist() == [16, 16, 16]


def test_who_looks_for_a_letter_is_taught_how_many_stand_there(chat):
    batch = Builder(chat, np.random.default_rng(5)).read(2, count=2)
    (group,) = batch.groups
    reading = next(p for p in group.pointers if p.layer == READ_LAYER)
    symbols = {chat.encode(symbol)[0] for symbol in SYMBOLS}
    counted = 0
    for branch, at, written in zip(
        *(v.tolist() for v in (reading.branch, reading.position, reading.written))
    ):
        if written < 0:  # looks for a colour
            continue
        before = [int(t) in symbols for t in group.ids[branch, : at + 1]]
        assert before[::-1].index(False) == written
        counted += 1
    assert counted and reading.written.max() >= 3


def test_branches_of_one_picture_do_not_see_each_other(chat):
    model = small(chat).eval()
    batch = Builder(chat, np.random.default_rng(1)).looks(1, 1.0, count=1, twice=0, once=2)
    with torch.no_grad():
        before = float(model(batch)["one"])
        swapped = batch.groups[0]
        for name in ("ids", "learn", "answer_from"):
            setattr(swapped, name, getattr(swapped, name).flip(0))
        swapped.positions = swapped.positions.flip(1)
        swapped.pointers = []
        assert float(model(batch)["one"]) == pytest.approx(before, rel=1e-4)


def test_a_fetched_quarter_holds_the_letters_that_are_asked_for(chat):
    batch = Builder(chat, np.random.default_rng(3)).fetched(1, 1.3, count=1, each=2)
    (group,), (crop,) = batch.groups, batch.views
    rows, cols = crop.categories.shape[1:]
    assert 0.9 * DEMAND_TOKENS < rows * cols <= DEMAND_TOKENS  # as a run cuts it (runtime/policies.py)
    reading = next(p for p in group.pointers if p.layer == READ_LAYER)
    before = batch.prefix_ids.numel() + batch.prefix.categories[0].numel()
    for branch, (first, _, _) in enumerate(group.crops):
        ids = group.ids[branch]
        assert (ids[first : first + rows * cols] == chat.image).all()
        assert "GET_CROPS: ['" in chat.tokenizer.decode(ids[:first].tolist())
        letters = reading.keys[reading.branch == branch]
        ends = letters[:, 0] == 1  # after the last letter: nothing is there any more
        assert (letters[ends].sum(1) == 1).all() and ends[-1] and 3 * ends.sum() <= (~ends).sum()
        inside = letters[~ends, before + first : before + first + rows * cols]
        assert (inside.sum(1) >= 1).all() and (inside.sum(1) == letters[~ends].sum(1)).all()


def test_what_to_ask_for_is_where_the_word_finds_its_object_and_a_later_word_looks_in_the_crop(chat):
    batch = Builder(chat, np.random.default_rng(3)).fetched(1, 1.3, count=1, each=2)
    (group,), (crop,) = batch.groups, batch.views
    nouns, zooms = (next(p for p in group.pointers if p.layer == at) for at in (NOUN_LAYER, ZOOM_LAYER))
    head = batch.prefix_ids.numel()
    before = head + batch.prefix.categories[0].numel()
    for branch, (first, *_) in enumerate(group.crops):
        cells = crop.categories[0].numel()
        at, keys = (v[nouns.branch == branch] for v in (nouns.position, nouns.keys))
        words = at[at < first]
        assert len(words) and (keys[at < first, before:] == 0).all()  # the picture is all there is
        assert (at > first).any() and (keys[at > first, : before + first] == 0).all()
        again = keys[at > first, before + first : before + first + cells]
        assert (again.sum(1) > 0).all()
        names = chat.tokenizer.decode(group.ids[branch, zooms.position[zooms.branch == branch] + 1].tolist())
        assert names in QUARTERS
        asked = zooms.keys[zooms.branch == branch][0]
        assert set((asked.nonzero()[:, 0] - before).tolist()) == set(words.tolist())


@pytest.mark.parametrize("tokens", [100, 640, 3000])
def test_one_look_under_a_cap_is_the_view_that_a_run_has(chat, tokens):
    batch = Builder(chat, np.random.default_rng(4)).capped(1, 1.3, tokens, count=2, once=3)
    rows, cols = batch.prefix.categories.shape[1:]
    assert 0.85 * tokens < rows * cols <= tokens and batch.names == ["full"]
    assert len(batch.groups[0].ids) == 2 * 3
    # Of a large picture letters are labelled only where the cap leaves them legible.
    assert bool((batch.prefix.symbols > 0).any()) == (tokens >= 640)


def test_a_small_picture_gets_objects_that_fit(chat):
    builder = Builder(chat, np.random.default_rng(0))
    for _ in range(3):
        assert len(builder.scene(1, 560, 560, tokens=6).objects) >= 4


def test_sight_of_a_checkpoint_leaves_the_language_model_fresh(chat, tokenizer, tmp_path):
    trained, fresh = small(chat), small(chat)
    with torch.no_grad():
        for parameter in trained.parameters():
            parameter.add_(1)
    trained.save(tmp_path, {t: tokenizer.token_to_id(t) for t in tok.SPECIAL})
    before = fresh.language_model.layers[0].self_attn["q_proj"].weight.clone()
    fresh.load(tmp_path, sight=True)
    assert torch.equal(fresh.visual.merger["mlp"][0].weight, trained.visual.merger["mlp"][0].weight)
    assert torch.equal(fresh.language_model.embed_tokens.weight, trained.language_model.embed_tokens.weight)
    assert torch.equal(fresh.language_model.layers[0].self_attn["q_proj"].weight, before)


def test_micro_training_beats_chance(chat):
    """From nothing, on a dozen small sheets: the colour of the plate that a token shows, on sheets it never saw,
    is far likelier than chance (one of ten), and the words of a conversation are learned."""
    torch.manual_seed(0)
    model = small(chat)
    model.match_words()
    builder = Builder(chat, np.random.default_rng(2))
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
    sheets = [builder.sheet(8) for _ in range(12)]
    look = builder.looks(1, 1.0, count=1, twice=2, once=1)
    fresh = builder.sheet(8)

    def measure() -> tuple[float, float]:
        with torch.no_grad():
            return float(model(fresh)["colour"]), float(model(look)["two"])

    before = measure()
    for step in range(144):
        losses = model(look if step % 6 == 5 else sheets[step % 12])
        total = sum(v for k, v in losses.items() if k[0] != "~")
        optimizer.zero_grad()
        total.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
    colour, words = measure()
    assert colour < 0.65 * np.log(len(COLOURS) + 1), (before, colour)
    assert words < 0.3 * before[1], (before, words)
