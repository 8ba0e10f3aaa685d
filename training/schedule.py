"""Where a training run stands, and what follows from it: phase, levels, learning rate."""

from dataclasses import dataclass


@dataclass
class Schedule:
    """By the clock (`minutes`) or, where runs are compared on a busy machine, by `steps`.

    `sheets` and `together` are the shares of the run at which its second and third phase begin; level 2 makes up
    `level2` of the scenes from the share `level2_from` on.
    """

    minutes: float
    steps: int | None = None
    sheets: float = 0.12
    together: float = 0.55
    level2: float = 0.0
    level2_from: float = 0.6
    lr: float = 1e-3
    spent: float = 0.0  # seconds
    step: int = 0

    @property
    def share(self) -> float:
        """How much of the run is done, 0 to 1 or a little more."""
        return self.step / self.steps if self.steps else self.spent / (self.minutes * 60)

    @property
    def phase(self) -> int:
        """0: sheets, 1: the two looks apart, 2: together."""
        return (self.share >= self.sheets) + (self.share >= self.together)

    @property
    def level2_share(self) -> float:
        return self.level2 if self.share >= self.level2_from else 0.0

    @property
    def rate(self) -> float:
        """Learning rate: a hundred steps of warming up, and from 30 % of the run on a straight line to zero."""
        return self.lr * min(1.0, (self.step + 1) / 100) * min(1.0, (1 - self.share) / 0.7)

    @property
    def dense(self) -> float:
        """Factor of the dense losses. They matter less at the end, but what a token shows is forgotten without."""
        return 1.0 if self.phase == 0 else max(0.3, 1.3 - self.share)

    def advance(self, seconds: float) -> None:
        self.step += 1
        self.spent += seconds
