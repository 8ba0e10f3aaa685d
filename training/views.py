"""Views of scenes with dense labels: the picture half of a training batch."""

import random
from dataclasses import dataclass

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from .model.config import PATCH, TOKEN
from .scenes.layout import Box, Scene
from .scenes.render import render
from .scenes.vocabulary import COLOURS, NAMES, SYMBOLS

MEAN = np.array([0.48145466, 0.4578275, 0.40821073], np.float32) * 255
STD = np.array([0.26862954, 0.26130258, 0.27577711], np.float32) * 255
FILTERS = (Image.BICUBIC, Image.BICUBIC, Image.LANCZOS, Image.BILINEAR, Image.BOX)
LEGIBLE = 9  # height in view pixels from which letters are labelled


@dataclass
class View:
    """A rendered viewport and where things are in it (pixels of the view)."""

    image: np.ndarray  # [height, width, 3] uint8
    box: Box  # original pixels
    scene: Scene

    @property
    def grid(self) -> tuple[int, int]:
        return self.image.shape[0] // TOKEN, self.image.shape[1] // TOKEN

    def place(self, box: Box) -> Box:
        kx, ky = self.image.shape[1] / self.box[2], self.image.shape[0] / self.box[3]
        return (box[0] - self.box[0]) * kx, (box[1] - self.box[1]) * ky, box[2] * kx, box[3] * ky

    def cells(self, box: Box, cell: int = TOKEN, shrink: float = 0.15) -> np.ndarray:
        """Flat mask [rows * cols] of the cells that a box (original pixels, shrunk a little) touches."""
        x, y, w, h = self.place(box)
        rows, cols = self.image.shape[0] // cell, self.image.shape[1] // cell
        mask = np.zeros((rows, cols), bool)
        x0, x1 = (x + shrink * w) / cell, (x + (1 - shrink) * w) / cell
        y0, y1 = (y + shrink * h) / cell, (y + (1 - shrink) * h) / cell
        if x1 > 0 and y1 > 0:
            mask[max(0, int(y0)) : int(y1) + 1, max(0, int(x0)) : int(x1) + 1] = True
        return mask.ravel()


def look(scene: Scene, box: Box, size: tuple[int, int], filter: int | None = None) -> View:
    """The view of a box at a size; `filter` is a PIL resampling filter, None draws one."""
    return View(np.asarray(render(scene, box, size, filter or random.choice(FILTERS))), box, scene)


@dataclass
class Views:
    """Views of one grid with dense labels: the picture half of a batch."""

    pixels: Tensor  # [n, 3, height, width]
    categories: Tensor  # [n, rows, cols] 0 = none, 1 + category
    offsets: Tensor  # [n, rows, cols, 4] object centre and tag centre minus cell centre, in cells
    symbols: Tensor  # [n, 2 rows, 2 cols] per patch, 0 = none, 1 + symbol
    orders: Tensor  # [n, 2 rows, 2 cols] which letter of its code a patch shows, from 1; 0 = none
    colours: Tensor  # [n, rows, cols] of the tag, 0 = none, 1 + colour


def pixels(views: list[View]) -> Tensor:
    """Normalised pixels [n, 3, height, width] of views of one size."""
    stack = np.stack([(v.image.astype(np.float32) - MEAN) / STD for v in views])
    return torch.from_numpy(np.ascontiguousarray(stack.transpose(0, 3, 1, 2)))


def collate(views: list[View]) -> Views:
    """Stack views of one grid; labels come from the scenes."""
    rows, cols = views[0].grid
    categories = np.zeros((len(views), rows * cols), np.int64)
    colours = np.zeros((len(views), rows * cols), np.int64)
    offsets = np.zeros((len(views), rows, cols, 4), np.float32)
    symbols = np.zeros((len(views), 4 * rows * cols), np.int64)
    orders = np.zeros_like(symbols)
    centre = np.stack(np.meshgrid(np.arange(cols) + 0.5, np.arange(rows) + 0.5), -1)
    for i, view in enumerate(views):
        for item in view.scene.objects:
            # A tag whose object is out of view belongs to nobody.
            for box in (item.tag.box, item.box) if view.cells(item.box).any() else ():
                cells = view.cells(box)
                categories[i, cells] = 1 + NAMES.index(item.category)
                target = []
                for b in (item.box, item.tag.box):
                    x, y, w, h = view.place(b)
                    target.append(np.array([(x + w / 2) / TOKEN, (y + h / 2) / TOKEN]) - centre)
                offsets[i][cells.reshape(rows, cols)] = np.concatenate(target, -1)[cells.reshape(rows, cols)]
            colours[i, view.cells(item.tag.box, shrink=0.05)] = 1 + list(COLOURS).index(item.tag.colour)
            if view.place(item.tag.letters[0])[3] >= LEGIBLE:
                for order, (symbol, box) in enumerate(zip(item.tag.code, item.tag.letters), 1):
                    patches = view.cells(box, PATCH, 0.2)
                    symbols[i, patches], orders[i, patches] = 1 + SYMBOLS.index(symbol), order
    return Views(
        pixels(views),
        torch.from_numpy(categories).view(-1, rows, cols),
        torch.from_numpy(offsets),
        torch.from_numpy(symbols).view(-1, 2 * rows, 2 * cols),
        torch.from_numpy(orders).view(-1, 2 * rows, 2 * cols),
        torch.from_numpy(colours).view(-1, rows, cols),
    )
