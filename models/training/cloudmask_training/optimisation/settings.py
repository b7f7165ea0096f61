"""Settings of a run, kept in its checkpoint."""

import math
from dataclasses import asdict, dataclass

from cloudmask_training.simulation.batches import BatchPlan


@dataclass(frozen=True)
class Settings:
    """What a run does at each step; nothing in it depends on the clock."""

    steps: int
    images: int
    """Images of a batch of small windows."""
    small_side: int = 128
    large_side: int = 256
    large_from: float = 0.7
    """Share of the run after which windows are large, with as many pixels in a batch."""
    learning_rate: float = 1.2e-3
    weight_decay: float = 0.02
    warm_up: int = 200
    hold: float = 0.15
    """Share of the run before the learning rate falls."""
    freeze_norm_from: float = 0.5
    """Share of the run after which BatchNorm uses its running statistics, as it will when the network is used."""
    average: float = 0.998
    """Decay of the moving average of the weights, which is what is exported."""
    seed: int = 1
    lanes: int = 2
    uses: int = 5
    """How often each simulated scene is seen."""

    def as_dict(self) -> dict[str, object]:
        """Plain data."""
        return asdict(self)

    def plans(self) -> list[BatchPlan]:
        """Size of the batch of each step."""
        small = BatchPlan(self.images, self.small_side)
        ratio = (self.large_side // self.small_side) ** 2
        large = BatchPlan(max(2, self.images // ratio), self.large_side)
        return [large if step >= self.large_from * self.steps else small for step in range(self.steps)]

    def rate(self, step: int) -> float:
        """Learning rate of a step: rises, holds, falls as a cosine."""
        progress = step / self.steps
        falling = min(1.0, max(0.0, (progress - self.hold) / (1 - self.hold)))
        warm = min(1.0, (step + 1) / self.warm_up)
        return self.learning_rate * warm * (0.5 + 0.5 * math.cos(math.pi * falling)) + 2e-6


def settings_for(device: str, steps: int | None, seed: int) -> Settings:
    """What was found to work: hours on a CPU, half an hour on a GPU."""
    if device == "cuda":
        return Settings(steps=steps or 9000, images=64, learning_rate=2e-3, large_from=0.6, seed=seed, lanes=16, uses=8)
    return Settings(steps=steps or 9000, images=16, seed=seed)
