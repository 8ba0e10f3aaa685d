"""GRPO over two looks: TRL's trainer, with a completion that holds a crop.

A completion is the first look, then (not the model's, so not learned) a user turn with the crop that it names, then
the answer. TRL knows pictures inside completions from tools alone, so `_generate` and `tools` of the pinned TRL are
what this file leans on. Deviates from ERGO's code (arXiv 2509.21991): a first look without a usable region ends the
completion, where theirs goes on with the whole picture at full size.
"""

import contextlib
from dataclasses import dataclass

import torch
from PIL import Image
from trl import GRPOTrainer

from ..runtime.imaging import fill_budget, resize, smart_resize
from ..runtime.policies import named_region


@dataclass(frozen=True)
class Looks:
    """How the pictures of the two looks are cut: budgets in vision tokens, rules of the manifest's `region`."""

    coarse: int
    crop: int
    region: dict[str, float]
    answer: str  # template of the second turn, with {question}
    direct: str  # template of an answer from one picture
    thousandths: bool = False  # boxes are thousandths of the picture's sides, not pixels of the coarse view
    as_tool: bool = False  # the crop is what a tool answered, as Qwen3.5's template wants it


class LooksTrainer(GRPOTrainer):
    def __init__(self, *args, looks: Looks, **kwargs):
        super().__init__(*args, **kwargs)
        self.looks = looks
        self.tools = [self._second_turn]  # pictures of completions reach the model only where there are tools
        image = self.processing_class.image_processor
        self.factor = image.patch_size * image.merge_size  # pixels of a vision token
        self._tokenizer.padding_side = "left"  # of what the judge is asked

    def coarse(self, picture: Image.Image) -> Image.Image:
        return resize(picture, *smart_resize(*picture.size, self.looks.coarse, self.factor))

    def crop(self, picture: Image.Image, box: tuple[int, int, int, int]) -> Image.Image:
        size = fill_budget(box[2] - box[0], box[3] - box[1], self.looks.crop, self.factor)
        return resize(picture, *size, box=box)

    def _render(self, messages: list[dict], answer: bool = True) -> list[int]:
        """Token ids of chat messages; every picture stands as its vision tokens."""
        return self.processing_class.apply_chat_template(
            [messages], tokenize=True, add_generation_prompt=answer, return_dict=True
        )["input_ids"][0]

    def _fields(self, pictures: list[list[Image.Image]]) -> dict:
        """What the model takes beside the ids: patches and grids of all pictures in order."""
        flat = [picture for row in pictures for picture in row]
        return dict(self.processing_class.image_processor(images=flat, return_tensors="pt"))

    def _second_turn(self, crop: Image.Image, question: str) -> list[int]:
        """Ids from the end of the model's turn to the beginning of its next, with the crop and the question."""
        said = [
            {"role": "user", "content": [{"type": "text", "text": "a"}]},
            {"role": "assistant", "content": [{"type": "text", "text": "b"}]},
        ]
        parts = [
            {"type": "image", "image": crop},
            {"type": "text", "text": self.looks.answer.replace("{question}", question)},
        ]
        if self.looks.as_tool:
            around = ("<tool_response>\n", "\n</tool_response>")
            parts = [{"type": "text", "text": around[0]}, *parts, {"type": "text", "text": around[1]}]
        whole = self._render([*said, {"role": "user", "content": parts}])
        # After the end of the model's turn; templates may render what it holds in other ways when a turn follows.
        stop = self._tokenizer.eos_token_id
        ends = [at for at, token in enumerate(whole) if token == stop]
        return whole[ends[self._render(said, answer=False).count(stop) - 1] + 1 :]

    def _generate(self, prompts: list):
        mode = "train" if self.model.training else "eval"
        rows = self.rows  # columns of the batch, one a prompt; see _generate_and_score_completions
        originals = [row["image"].convert("RGB") for row in rows]
        pictures = [[self.coarse(image)] for image in originals]
        views = [(1000, 1000) if self.looks.thousandths else row[0].size for row in pictures]
        prompt_ids = [
            self._render(_with_picture(row["prompt"], seen)) for row, (seen,) in zip(rows, pictures)
        ]
        count = self.num_generations if mode == "train" else self.num_generations_eval
        completion_ids, logprobs = self._generate_single_turn(
            prompt_ids, pictures, self._fields(pictures), count, has_tool_images=True
        )
        own = [[1] * len(ids) for ids in completion_ids]
        texts = [self._tokenizer.decode(ids, skip_special_tokens=True) for ids in completion_ids]
        completions = [[{"role": "assistant", "content": text}] for text in texts]
        found = [
            named_region(text, view, image.size, self.looks.region)
            for text, view, image in zip(texts, views, originals)
        ]

        # The second look, of those that name a region.
        more = [i for i, region in enumerate(found) if region]
        crops: list[list[Image.Image]] = [[] for _ in rows]
        if more:
            given = {}
            for i in more:
                crops[i] = [self.crop(originals[i], found[i][0])]
                given[i] = self._second_turn(crops[i][0], rows[i]["question"])
                if completion_ids[i][-1] not in self.eos_token_ids:  # cut short: its turn ends all the same
                    given[i] = [self._tokenizer.eos_token_id, *given[i]]
            seen = [pictures[i] + crops[i] for i in more]
            histories = [prompt_ids[i] + completion_ids[i] + given[i] for i in more]
            replies, more_logprobs = self._generate_single_turn(
                histories, seen, self._fields(seen), 1, has_tool_images=True
            )
            for at, i in enumerate(more):
                reply = replies[at]
                completion_ids[i] = completion_ids[i] + given[i] + reply
                own[i] += [0] * len(given[i]) + [1] * len(reply)
                if logprobs is not None:
                    logprobs[i] = logprobs[i] + [0.0] * len(given[i]) + more_logprobs[at]
                text = self._tokenizer.decode(reply, skip_special_tokens=True)
                completions[i] += [
                    {"role": "user", "content": rows[i]["question"]},
                    {"role": "assistant", "content": text},
                ]
        self._count(mode, own, found, originals)
        images = [row + crop for row, crop in zip(pictures, crops)]
        extra = {"view": views, "picture": [image.size for image in originals]}
        # The last: that pictures come with every completion, so that TRL never renders the prompts anew.
        return prompt_ids, completion_ids, own, completions, logprobs, extra, images, images

    def _generate_and_score_completions(self, inputs):
        self.rows = inputs
        return super()._generate_and_score_completions(inputs)

    def _count(self, mode: str, own, found, originals) -> None:
        """Tokens the model wrote, how many first looks named a region, and the mean area of those."""
        device = self.accelerator.device
        areas = [
            (x2 - x1) * (y2 - y1) / (image.width * image.height)
            for region, image in zip(found, originals)
            if region
            for x1, y1, x2, y2 in [region[0]]
        ]
        sums = torch.tensor(
            [sum(map(sum, own)), len(own), len(areas), sum(areas)], dtype=torch.float32, device=device
        )
        written, rows, named, area = self.accelerator.gather(sums).view(-1, 4).sum(0).tolist()
        self.state.num_input_tokens_seen += int(written)
        self._metrics[mode]["num_tokens"] = [self.state.num_input_tokens_seen]
        self._metrics[mode]["completions/mean_length"].append(written / rows)
        self._metrics[mode]["looks/named"].append(named / rows)
        self._metrics[mode]["looks/area"].append(area / max(named, 1))

    def _asks_about_crop(self, row: dict) -> list[dict]:
        crop = self.crop(row["image"].convert("RGB"), row["region"])
        text = self.looks.direct.replace("{question}", row["question"])
        parts = [{"type": "image", "image": crop}, {"type": "text", "text": text}]
        return [{"role": "user", "content": parts}]

    @torch.no_grad()
    def judge(self, rows: list[dict]) -> list[str]:
        """What the start weights answer from each row's crop alone (ERGO's r_region), greedily.

        With LoRA they are the model without its adapter; otherwise the reference model, which needs beta > 0.
        """
        model = self.accelerator.unwrap_model(self.model)
        if self.ref_model is None and not hasattr(model, "disable_adapter"):
            raise ValueError("r_region needs the start weights: train with --lora, or with --beta above 0")
        frozen = self.ref_model if self.ref_model is not None else model
        frozen = self.accelerator.unwrap_model(frozen)
        adapter = model.disable_adapter() if self.ref_model is None else contextlib.nullcontext()
        answers, training, at_once = [], model.training, self.args.per_device_train_batch_size
        model.eval()
        with adapter:
            for at in range(0, len(rows), at_once):
                asked = [self._asks_about_crop(row) for row in rows[at : at + at_once]]
                inputs = self.processing_class.apply_chat_template(
                    asked,
                    tokenize=True,
                    add_generation_prompt=True,
                    return_dict=True,
                    return_tensors="pt",
                    processor_kwargs={"padding": True},
                ).to(self.accelerator.device)
                ids = frozen.generate(**inputs, do_sample=False, max_new_tokens=self.max_completion_length)
                said = ids[:, inputs["input_ids"].shape[1] :]
                answers += self._tokenizer.batch_decode(said, skip_special_tokens=True)
        model.train(training)
        return answers


def _with_picture(prompt: list[dict], picture: Image.Image) -> list[dict]:
    """The messages in parts, with the picture before the text of the user's turn."""
    parts = [{"role": m["role"], "content": [{"type": "text", "text": m["content"]}]} for m in prompt]
    return [
        {**m, "content": [{"type": "image", "image": picture}, *m["content"]]} if m["role"] == "user" else m
        for m in parts
    ]
