"""Training of real checkpoints by the rewards of `training.rewards`, on TRL, accelerate and peft."""
