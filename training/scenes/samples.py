"""The gallery: six themed pictures of 8 to 16 megapixels with questions, written to public/samples.

    training/.venv/bin/python -m training.scenes.samples OUT [--seed 4]

The scenes are level 1 with bench fonts and codes, so the model has seen neither; only the backdrops are
painted for the gallery.
"""

import argparse
import json
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from .dataset import encode_jpeg
from .layout import make_scene
from .questions import COLOUR, CORNER, EXISTS, LARGER, NEAREST, READ, RELATION, SAME, ask
from .render import render

WIDE = 1600  # pixels of the painted backdrop's longer side
THUMBNAIL = 560  # pixels of a thumbnail's longer side


def _ramp(size: tuple[int, int], *stops: tuple[int, int, int]) -> Image.Image:
    column = Image.new("RGB", (1, len(stops)))
    column.putdata(list(stops))
    return column.resize((1, size[1]), Image.BICUBIC).resize(size)


def _ridge(rng, width: int, base: float, swing: float) -> list[tuple[float, float]]:
    knots = np.interp(np.arange(width), np.linspace(0, width, 9), rng.uniform(-swing, swing, 9))
    smooth = np.convolve(np.pad(knots, 100, "edge"), np.ones(201) / 201, "valid")
    return [(x, base + smooth[x]) for x in range(0, width, 4)]


def dusk(rng, size):
    """Hills under an evening sky."""
    image = _ramp(size, (92, 86, 148), (196, 122, 140), (248, 190, 140), (252, 226, 184))
    pen, (w, h) = ImageDraw.Draw(image), size
    for i, tone in enumerate(((150, 118, 150), (120, 98, 138), (92, 80, 122), (70, 64, 104))):
        ridge = _ridge(rng, w, h * (0.5 + 0.14 * i), h * 0.09)
        pen.polygon([(0, h), *ridge, (w, ridge[-1][1]), (w, h)], fill=tone)
    return image.filter(ImageFilter.GaussianBlur(1.2))


def sea(rng, size):
    """Light falling through water."""
    image = _ramp(size, (150, 222, 226), (70, 170, 200), (32, 110, 164), (18, 70, 122)).convert("RGBA")
    rays = Image.new("RGBA", size, (0, 0, 0, 0))
    pen, (w, h) = ImageDraw.Draw(rays), size
    for _ in range(14):
        x, spread = rng.uniform(-0.2, 1.2) * w, rng.uniform(0.02, 0.1) * w
        pen.polygon(
            [(x, 0), (x + spread, 0), (x + spread * 2.4 - 0.25 * w, h), (x - 0.25 * w - spread, h)],
            fill=(255, 255, 255, 20),
        )
    image.alpha_composite(rays.filter(ImageFilter.GaussianBlur(14)))
    return image.convert("RGB")


def night(rng, size):
    """A starry sky."""
    image = _ramp(size, (14, 16, 44), (30, 30, 84), (66, 50, 116), (120, 84, 140))
    pen, (w, h) = ImageDraw.Draw(image), size
    for _ in range(420):
        x, y, r = rng.uniform(0, w), h * rng.uniform(0, 1) ** 1.3, rng.uniform(0.5, 1.8)
        pen.ellipse((x - r, y - r, x + r, y + r), fill=(235, 235, int(rng.uniform(200, 255))))
    return image.filter(ImageFilter.GaussianBlur(0.6))


def picnic(rng, size):
    """A gingham table cloth."""
    y, x = np.mgrid[0 : size[1], 0 : size[0]]
    cell = 80
    weave = ((x // cell) % 2).astype(float) + ((y // cell) % 2)
    light, dark = np.array((252, 247, 236.0)), np.array((226, 150, 142.0))
    return Image.fromarray((light + (dark - light) * (weave / 2)[..., None]).astype(np.uint8)).filter(
        ImageFilter.GaussianBlur(0.8)
    )


def meadow(rng, size):
    """Grass with soft light."""
    image = _ramp(size, (206, 230, 164), (160, 204, 118), (122, 178, 92))
    pen, (w, h) = ImageDraw.Draw(image), size
    for _ in range(5200):
        x, y = rng.uniform(0, w), rng.uniform(0, h)
        tone = int(rng.uniform(-22, 26))
        pen.line(
            (x, y, x + rng.uniform(-5, 5), y - rng.uniform(8, 22)),
            fill=(140 + tone, 190 + tone, 104 + tone),
            width=2,
        )
    return image.filter(ImageFilter.GaussianBlur(1.0))


def paper(rng, size):
    """A drawn map: paper, contour lines, a river."""
    image = _ramp(size, (244, 236, 216), (236, 226, 200))
    pen, (w, h) = ImageDraw.Draw(image), size
    y, x = np.mgrid[0:h:4, 0:w:4]
    field = sum(np.sin(x * a / w + y * b / h + c) for a, b, c in rng.uniform(2, 9, (6, 3)))
    lines = Image.fromarray((np.abs((field * 2.2) % 1 - 0.5) < 0.05).astype(np.uint8) * 90).resize(
        size, Image.BICUBIC
    )
    image.paste((196, 172, 132), (0, 0), lines)
    river = _ridge(rng, w, h * 0.55, h * 0.25)
    pen.line(river, fill=(164, 204, 222), width=26, joint="curve")
    return image.filter(ImageFilter.GaussianBlur(1.0))


THEMES = (
    ("dusk-hills", "Hills at dusk", dusk, (4000, 3000)),
    ("under-water", "Under water", sea, (3000, 4000)),
    ("night-sky", "Night sky", night, (4600, 3060)),
    ("picnic-cloth", "Picnic cloth", picnic, (3400, 3400)),
    ("spring-meadow", "Spring meadow", meadow, (4800, 3200)),
    ("old-map", "Old map", paper, (3600, 2400)),
)
ASKED = (
    (READ, READ, RELATION),
    (READ, COLOUR, EXISTS),
    (READ, LARGER, CORNER),
    (READ, SAME, RELATION),
    (READ, NEAREST, COLOUR),
    (READ, READ, CORNER),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("--seed", type=int, default=4)
    args = parser.parse_args()
    (args.out / "thumbs").mkdir(parents=True, exist_ok=True)
    gallery = []
    for index, ((name, title, paint, size), kinds) in enumerate(zip(THEMES, ASKED)):
        rng = np.random.default_rng([3, args.seed, index])
        scale = WIDE / max(size)
        scene = make_scene(rng, "bench", 1, *size)
        scene.background = paint(rng, (round(size[0] * scale), round(size[1] * scale)))
        asked: dict[str, dict] = {}
        for kind in kinds:
            for _ in range(50):
                question = ask(scene, kind, rng, choice=kind == LARGER)
                if question and question.text not in asked:
                    options = {"options": question.options} if question.options else {}
                    asked[question.text] = {"text": question.text, **options, "answer": question.label}
                    break
        picture = render(scene)
        (args.out / f"{name}.jpg").write_bytes(encode_jpeg(picture, 86))
        picture.thumbnail((THUMBNAIL, THUMBNAIL))
        (args.out / "thumbs" / f"{name}.jpg").write_bytes(encode_jpeg(picture, 80))
        gallery.append(
            {
                "id": name,
                "file": f"{name}.jpg",
                "title": title,
                "width": size[0],
                "height": size[1],
                "questions": list(asked.values()),
            }
        )
    (args.out / "samples.json").write_text(json.dumps(gallery, indent=2) + "\n")


if __name__ == "__main__":
    main()
