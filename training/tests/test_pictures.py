"""Python sees pictures as the browser shows them: e2e/imaging.e2e.ts holds the app to the same files."""

import base64
import io
import json
from pathlib import Path

import pytest
from PIL import Image

from training.runtime.imaging import as_seen

FILES = json.loads((Path(__file__).parents[2] / "e2e/fixtures/pictures.json").read_text(encoding="utf-8"))
QUARTERS = [(0.25, 0.25), (0.75, 0.25), (0.25, 0.75), (0.75, 0.75)]
LOSS = 4  # of JPEG and AVIF


def opened(file: str) -> Image.Image:
    return as_seen(Image.open(io.BytesIO(base64.b64decode(file))))


def close(image: Image.Image, colours) -> bool:
    found = [image.getpixel((int(x * image.width), int(y * image.height))) for x, y in QUARTERS]
    return all(abs(a - b) <= LOSS for one, other in zip(found, colours) for a, b in zip(one, other))


@pytest.mark.parametrize("name", FILES["turned"])
def test_all_eight_orientations_are_upright(name):
    for file in FILES["turned"][name]:
        image = opened(file)
        assert image.size == (192, 128)
        assert image.getpixel((5, 5)) == pytest.approx((255, 255, 255), abs=LOSS)
        assert close(image, [(200, 60, 40), (60, 180, 70), (50, 70, 190), (200, 190, 60)])


@pytest.mark.parametrize("name", ["jpeg", "png", "webp", "avif"])
def test_colours_are_converted_to_srgb(name):
    # The profile's red is green, its green blue, its blue red.
    assert close(
        opened(FILES["colours"][name]), [(40, 200, 60), (70, 60, 180), (190, 50, 70), (60, 200, 190)]
    )


def test_what_has_no_profile_or_a_broken_one_keeps_its_colours():
    image = Image.new("RGB", (2, 2), (200, 60, 40))
    assert as_seen(image).getpixel((0, 0)) == (200, 60, 40)
    image.info["icc_profile"] = b"nothing"
    assert as_seen(image).getpixel((0, 0)) == (200, 60, 40)
    assert as_seen(image.convert("L")).mode == "RGB"


def test_transparency_lies_over_white():
    assert as_seen(Image.new("RGBA", (2, 2), (200, 60, 40, 0))).getpixel((0, 0)) == (255, 255, 255)
    assert as_seen(Image.new("LA", (2, 2), (0, 255))).getpixel((0, 0)) == (0, 0, 0)
