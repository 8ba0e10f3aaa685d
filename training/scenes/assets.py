"""Fonts, emoji sprites and photographs, loaded once per process.

Fonts and emoji come from the system packages in `training/system-packages.txt`; photographs ship with
scikit-image and scikit-learn (licences in `training/README.md`). The bench split uses fonts and photographs
that training never sees: the two lists below are disjoint, and so are the design families (Arimo is not in
the bench list because it is Liberation Sans under another name).
"""

from functools import cache, lru_cache
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from .vocabulary import CATEGORIES

FONT_ROOTS = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), Path.home() / ".local/share/fonts")
EMOJI_PIXELS = 109  # the only strike of Noto Color Emoji's bitmap font
EMOJI_PAD = 10  # transparent margin in source pixels, so that resampling never meets a hard edge

TRAIN_FONTS = (
    "DejaVuSans-Bold.ttf", "DejaVuSansMono-Bold.ttf", "LiberationSans-Bold.ttf", "LiberationMono-Bold.ttf",
    "FreeSansBold.ttf", "Hack-Bold.ttf", "FiraCode-Bold.ttf", "FiraCode-Medium.ttf", "Lato-Bold.ttf",
    "Lato-Medium.ttf", "Quicksand-Bold.ttf", "Inter-Bold.otf", "Inter-Medium.otf",
    "Dosis-Bold.otf", "Comfortaa-Bold.ttf", "B612-Bold.otf", "B612Mono-Bold.otf", "Play-Bold.ttf", "LeagueSpartan-Bold.otf",
    "mononoki-Bold.ttf", "Karla-Bold.otf", "Sora-SemiBold.otf", "Monoid-Bold.ttf", "Anonymous Pro B.ttf", "Go-Bold.ttf",
    "Go-Mono-Bold.ttf", "Carlito-Bold.ttf", "Inconsolata.otf",
)  # fmt: skip
TRAIN_FONTS_LEVEL_2 = TRAIN_FONTS + (
    "LiberationSerif-Bold.ttf", "FreeMonoBold.ttf", "Hack-Regular.ttf", "LiberationSans-Regular.ttf",
)  # fmt: skip
BENCH_FONTS = (
    "Roboto-Bold.ttf",
    "OpenSans-Bold.ttf",
    "Cabin-Bold.otf",
    "Cantarell-Bold.otf",
    "JetBrainsMono-Bold.ttf",
)
BENCH_FONTS_LEVEL_2 = BENCH_FONTS + (
    "Roboto-Medium.ttf", "Roboto-Regular.ttf", "OpenSans-Regular.ttf", "Cabin-Medium.otf", "Cabin-Regular.otf",
    "Cantarell-Regular.otf", "JetBrainsMono-Medium.ttf", "JetBrainsMono-Regular.ttf",
)  # fmt: skip

TRAIN_PHOTOS = (
    "astronaut.png",
    "chelsea.png",
    "coffee.png",
    "brick.png",
    "grass.png",
    "ihc.png",
    "china.jpg",
)
BENCH_PHOTOS = ("rocket.jpg", "gravel.png", "hubble_deep_field.jpg", "flower.jpg", "retina.jpg")


class AssetMissing(RuntimeError):
    """A font or a photograph is not installed; the message names the package that has it."""


@cache
def _font_index() -> dict[str, str]:
    found: dict[str, str] = {}
    for root in FONT_ROOTS:
        for path in sorted(root.rglob("*")) if root.exists() else ():
            if path.suffix.lower() in (".ttf", ".otf"):
                found.setdefault(path.name, str(path))
    return found


def font_path(name: str) -> str:
    """Path of an installed font file by its file name. Raises AssetMissing."""
    try:
        return _font_index()[name]
    except KeyError:
        raise AssetMissing(f"font {name} is not installed: run `npm run training:setup`") from None


@lru_cache(maxsize=512)
def font(name: str, pixels: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(font_path(name), pixels)


@lru_cache(maxsize=20000)
def advance(name: str, pixels: int, character: str) -> float:
    """Width of a character in pixels."""
    return font(name, pixels).getlength(character)


@cache
def cap_ratio(name: str) -> float:
    """Height of the capital H over the font size."""
    box = font(name, 200).getbbox("H")
    return (box[3] - box[1]) / 200


@cache
def emoji(category: str) -> Image.Image:
    """RGBA sprite of a category, trimmed to its ink and centred in a square with EMOJI_PAD of margin."""
    face = ImageFont.truetype(font_path("NotoColorEmoji.ttf"), EMOJI_PIXELS)
    canvas = Image.new("RGBA", (160, 160), (0, 0, 0, 0))
    ImageDraw.Draw(canvas).text((10, 10), CATEGORIES[category], font=face, embedded_color=True)
    ink = canvas.crop(canvas.getbbox())
    side = max(ink.size) + 2 * EMOJI_PAD
    sprite = Image.new("RGBA", (side, side), (0, 0, 0, 0))
    sprite.paste(ink, ((side - ink.width) // 2, (side - ink.height) // 2))
    return sprite


@cache
def photo(name: str) -> Image.Image:
    """An RGB photograph that ships with scikit-image or scikit-learn."""
    import skimage
    import sklearn

    for folder in (Path(skimage.__file__).parent / "data", Path(sklearn.__file__).parent / "datasets/images"):
        if (folder / name).exists():
            return Image.open(folder / name).convert("RGB")
    raise AssetMissing(f"photograph {name} is not in scikit-image or scikit-learn")


def procedural(kind: str, rng: np.random.Generator, size: int = 256) -> Image.Image:
    """A soft texture, [size, size] RGB; the two splits use different kinds (see BACKGROUNDS)."""
    y, x = np.mgrid[0:size, 0:size] / size
    a, b = rng.uniform(60, 235, 3), rng.uniform(60, 235, 3)
    angle, period = rng.uniform(0, 2 * np.pi), rng.uniform(0.05, 0.4)
    along = x * np.cos(angle) + y * np.sin(angle)
    if kind == "gradient":
        t = (along - along.min()) / np.ptp(along)
    elif kind == "clouds":
        t = np.asarray(
            Image.fromarray(rng.random((7, 7)).astype(np.float32)).resize((size, size), Image.BICUBIC)
        )
    elif kind == "stripes":
        t = 0.5 + 0.5 * np.sin(2 * np.pi * along / period)
    elif kind == "rings":
        t = 0.5 + 0.5 * np.sin(2 * np.pi * np.hypot(x - rng.random(), y - rng.random()) / period)
    elif kind == "plaid":
        t = 0.5 + 0.25 * np.sin(2 * np.pi * x / period) + 0.25 * np.sin(2 * np.pi * y / (period * 1.3))
    else:  # patches: nearest of a few random seeds
        seeds, tone = rng.random((12, 2)), rng.random(12)
        t = tone[np.argmin((x[..., None] - seeds[:, 0]) ** 2 + (y[..., None] - seeds[:, 1]) ** 2, -1)]
    t = np.clip(t, 0, 1)[..., None]
    return Image.fromarray((a * (1 - t) + b * t).astype(np.uint8))


BACKGROUNDS = {
    "train": (("gradient", "clouds", "stripes"), TRAIN_PHOTOS),
    "bench": (("rings", "plaid", "patches"), BENCH_PHOTOS),
}
FONTS = {
    ("train", 1): TRAIN_FONTS, ("train", 2): TRAIN_FONTS_LEVEL_2,
    ("bench", 1): BENCH_FONTS, ("bench", 2): BENCH_FONTS_LEVEL_2,
}  # fmt: skip


def background(split: str, level: int, rng: np.random.Generator) -> Image.Image:
    """A base texture that is stretched over the whole picture; photographs are softened at level 1."""
    kinds, photos = BACKGROUNDS[split]
    if rng.random() < 0.5:
        return procedural(str(rng.choice(kinds)), rng)
    image = photo(str(rng.choice(photos)))
    side = int(min(image.size) * rng.uniform(0.5, 1))
    left, top = rng.integers(0, image.width - side + 1), rng.integers(0, image.height - side + 1)
    image = image.crop((left, top, left + side, top + side))
    flat = Image.new("RGB", image.size, tuple(int(v) for v in rng.uniform(90, 240, 3)))
    return Image.blend(image, flat, rng.uniform(0.35, 0.7) if level == 1 else rng.uniform(0.1, 0.6))
