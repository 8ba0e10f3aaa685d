"""Pictures to patches: sizes under a token budget, resizing, crops, normalised patches in merge-block order."""

import io
import math
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageCms, ImageOps

Box = tuple[float, float, float, float]  # x1, y1, x2, y2


@dataclass(frozen=True)
class Patches:
    """pixels float32 [rows·cols·merge², values], and the grid of merged tokens."""

    pixels: np.ndarray
    rows: int
    cols: int
    merge: int = 2

    @property
    def tokens(self) -> int:
        return self.rows * self.cols

    @property
    def grid_thw(self) -> np.ndarray:
        return np.array([[1, self.rows * self.merge, self.cols * self.merge]], np.int64)


MAX_ASPECT = 200
_EPSILON = 1e-6  # absorbs the rounding of sqrt and division, which would cost a whole row of an exact fit


def smart_resize(
    width: int, height: int, budget: int, factor: int = 28, min_tokens: int = 4
) -> tuple[int, int]:
    """(width, height) at which the model sees a whole picture: multiples of `factor`, at most `budget` tokens.

    A picture that fits keeps its size, rounded to the nearest multiples (halves to even); a larger one shrinks with
    both sides rounded down; one below `min_tokens` grows. Qwen's own rule (qwen_vl_utils) lets the rounding up of a
    growing picture exceed its limit; here the budget always holds. src/core/geometry/resize.ts is the same rule.

    Raises ValueError for empty pictures, empty budgets and aspect ratios above 200.
    """
    _check(width, height, budget)
    min_tokens = min(min_tokens, budget)
    cols, rows = (max(1, round(side / factor)) for side in (width, height))
    if cols * rows > budget:
        cols, rows = _shrunk(width, height, budget, factor)
        return cols * factor, rows * factor
    if cols * rows < min_tokens:
        scale = math.sqrt(width * height / (min_tokens * factor * factor))
        cols, rows = (math.ceil(side / scale / factor - _EPSILON) for side in (width, height))
        cols, rows = _within(cols, rows, budget)
    return cols * factor, rows * factor


def fill_budget(width: int, height: int, budget: int, factor: int = 28) -> tuple[int, int]:
    """(width, height) of the largest size of (nearly) the same shape within a budget; grows or shrinks.

    Used for crops, which are worth their whole budget: where rounding down left room for one more column or row, and
    that comes nearer to the shape, it is taken. Raises as `smart_resize`.
    """
    _check(width, height, budget)
    cols, rows = _shrunk(width, height, budget, factor)

    def stretch(grid: tuple[int, int]) -> float:
        ratio = grid[0] * height / (grid[1] * width)
        return max(ratio, 1 / ratio)

    fits = [(c, r) for c, r in ((cols, rows), (cols + 1, rows), (cols, rows + 1)) if c * r <= budget]
    cols, rows = min(fits, key=stretch)
    return cols * factor, rows * factor


def native_tokens(width: int, height: int, factor: int = 28) -> int:
    """Tokens of a picture at its own resolution, without any cap."""
    return max(1, round(width / factor)) * max(1, round(height / factor))


def _shrunk(width: int, height: int, budget: int, factor: int) -> tuple[int, int]:
    """Columns and rows of the whole budget, both rounded down."""
    scale = math.sqrt(width * height / (budget * factor * factor))
    cols, rows = (max(1, math.floor(side / scale / factor + _EPSILON)) for side in (width, height))
    return _within(cols, rows, budget)


def _within(cols: int, rows: int, budget: int) -> tuple[int, int]:
    """Takes columns or rows off the longer side until the budget holds."""
    if rows >= cols:
        return cols, min(rows, max(1, budget // cols))
    return min(cols, max(1, budget // rows)), rows


def _check(width: int, height: int, budget: int) -> None:
    if width < 1 or height < 1 or budget < 1 or max(width, height) > MAX_ASPECT * min(width, height):
        raise ValueError(f"cannot show a picture of {width} x {height} within {budget} tokens")


def as_seen(image: Image.Image) -> Image.Image:
    """The picture as a viewer shows it: turned as its EXIF says, in sRGB by its colour profile, over white; RGB.

    The browser's decoder does the same (src/imaging/decode.ts); docs/decisions has why. A profile that does not fit the
    picture is ignored, as viewers do. PNG's cICP and gAMA are not read here.
    """
    image = ImageOps.exif_transpose(image)
    profile, alpha = image.info.get("icc_profile"), None
    if image.has_transparency_data:
        alpha = image.convert("RGBA").getchannel("A")
    if image.mode not in ("L", "CMYK", "RGB"):
        image = image.convert("RGB")
    colours = _to_srgb(image, profile) if profile else image.convert("RGB")
    if alpha is None:
        return colours
    return Image.composite(colours, Image.new("RGB", image.size, "white"), alpha)


def _to_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    try:
        return ImageCms.profileToProfile(
            image,
            ImageCms.ImageCmsProfile(io.BytesIO(profile)),
            ImageCms.createProfile("sRGB"),
            renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
            outputMode="RGB",
        )
    except (ImageCms.PyCMSError, OSError):
        return image.convert("RGB")


def resize(image: Image.Image, width: int, height: int, box: Box | None = None) -> Image.Image:
    """Resizes `box` of the picture (all of it by default) with an antialiased Lanczos filter.

    Strong reductions start with a box average to twice the target, which changes pixels by less than a grey level.
    """
    return image.resize((width, height), Image.Resampling.LANCZOS, box=box, reducing_gap=3.0)


def patchify(
    image: Image.Image,
    mean: list[float],
    std: list[float],
    patch: int = 14,
    merge: int = 2,
    temporal: int = 2,
) -> Patches:
    """Normalises an RGB picture whose sides are multiples of patch·merge and cuts it into patches.

    One row per patch, [channel, frame, y, x] flat, a still picture being `temporal` equal frames; the merge² patches
    of one token are neighbours, tokens go in rows (transformers' Qwen2VLImageProcessor).
    """
    pixels = np.asarray(image.convert("RGB"), np.float32)
    scale = 1 / (255 * np.asarray(std, np.float32))
    pixels = pixels * scale - np.asarray(mean, np.float32) / np.asarray(std, np.float32)
    height, width, channels = pixels.shape
    side = patch * merge
    if height % side or width % side:
        raise ValueError(f"sides of {width} x {height} are not multiples of {side}")
    rows, cols = height // side, width // side
    blocks = pixels.reshape(rows, merge, patch, cols, merge, patch, channels)
    blocks = blocks.transpose(0, 3, 1, 4, 6, 2, 5)  # rows, cols, merge, merge, channel, patch, patch
    frames = np.repeat(blocks[:, :, :, :, :, None], temporal, axis=5)
    flat = frames.reshape(rows * cols * merge * merge, channels * temporal * patch * patch)
    return Patches(np.ascontiguousarray(flat), rows, cols, merge)
