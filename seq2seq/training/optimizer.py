"""Adam or plain gradient descent, with a learning rate for each part of the network; a part with none is frozen."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import keras
from keras import ops

from seq2seq import backend
from seq2seq.errors import ConfigError
from seq2seq.settings.config import Finetune, Rates, Training

if TYPE_CHECKING:
    from seq2seq.model import Seq2Seq
from seq2seq.training.schedules import WarmupDecay, capped_warmup


def parts(model: "Seq2Seq") -> dict[str, list[Any]]:
    """The layers and lone weights of each part that has a rate of its own."""
    return {
        "source_embedding": [model.source_embedding],
        "encoder": [model.encoder],
        "decoder": [model.decoder],
        "target_embedding": [model.target_embedding, model.output_embedding, model.output_bias],
    }


def freeze(model: "Seq2Seq", rates: Rates) -> None:
    """Make the parts whose rate is 0 untrainable.

    Raises:
        ConfigError: source and target share a table, and only one of them is to be frozen.
    """
    chosen = rates.model_dump()
    if model.source_embedding is model.target_embedding and rates.source_embedding != rates.target_embedding:
        raise ConfigError(
            "model.shared_embeddings: source and target are one table, so finetune.rates.source_embedding "
            f"({rates.source_embedding}) and finetune.rates.target_embedding ({rates.target_embedding}) must be equal"
        )
    for name, members in parts(model).items():
        for member in members:
            member.trainable = chosen[name] > 0


def build_optimizer(model: "Seq2Seq", settings: Training, finetune: Finetune, *, total: int, begin: int = 0) -> Any:
    """The optimiser of the settings, built for a model.

    Args:
        model: the network to train; its frozen parts are left out.
        settings: the `[training]` section: learning rate, schedule and clipping.
        finetune: rates of the parts, and for how long the embeddings learn alone.
        total: updates of the whole training.
        begin: updates that the moments remember, where they come from a parent.
    """
    epoch_steps = total / settings.epochs
    schedule = WarmupDecay(
        settings.learning_rate,
        final=settings.final_learning_rate,
        warmup=capped_warmup(settings.warmup_steps, total),
        total=total,
        decay=settings.decay,
        begin=begin,
        halving=(settings.halve_after_epochs * epoch_steps, epoch_steps),
    )
    options: dict[str, Any] = {"global_clipnorm": settings.clip_norm or None}
    options |= {"averaging": settings.averaging, "begin": begin}
    adam = settings.optimizer == "adam"
    if adam:  # the epsilon is that of the Adam paper (Kingma and Ba 2015); that of Keras is ten times as large
        options |= {"beta_2": settings.beta_2, "epsilon": 1e-8}
    rates = finetune.rates.model_dump()
    alone = finetune.embeddings_first_steps
    if set(rates.values()) == {1.0} and not alone:
        optimizer = Adam(schedule, **options) if adam else SGD(schedule, **options)
    else:
        rate, waits = {}, {}
        for name, members in parts(model).items():
            for variable in (v for member in members for v in getattr(member, "weights", [member])):
                rate[id(variable)] = rates[name]
                waits[id(variable)] = name in ("encoder", "decoder")
        trained = model.trainable_variables
        partwise = PartwiseAdam if adam else PartwiseSGD
        optimizer = partwise(
            schedule,
            rates=[rate[id(variable)] for variable in trained],
            until=[begin + alone if waits[id(variable)] else 0 for variable in trained],
            **options,
        )
    optimizer.build(model.trainable_variables)
    return optimizer


class Averaging:
    """Goes before an optimiser's class in the bases: it then keeps a moving average of each weight.

    Behind each update t = 0, 1, ..., the average takes in the new weight w (Polyak and Juditsky 1992):
    average <- d average + (1 - d) w, with d = min(averaging, t / (10 + t)). So it forgets where training began.

    Args:
        schedule: the learning rate.
        averaging: the decay d in the long run; 0 keeps no averages.
        begin: the update that counts as the first of the average.
        options: the other arguments of Keras' optimiser.

    Attributes:
        averages: the average of each trainable weight, in their order; empty without averaging.
    """

    built: bool
    iterations: Any

    def __init__(self, schedule: Any, *, averaging: float = 0.0, begin: int = 0, **options: Any):
        super().__init__(schedule, **options)  # type: ignore[call-arg]
        self.averages: list[Any] = []
        self._averaging = averaging
        self._begin = begin

    def build(self, variables: list[Any]) -> None:
        """Make what the optimiser keeps of each weight."""
        if self.built:
            return
        super().build(variables)  # type: ignore[misc]
        if self._averaging:
            self.averages = self.add_optimizer_variables(variables, "average")  # type: ignore[attr-defined]

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        """One weight's update, and that of its average."""
        super().update_step(gradient, variable, learning_rate)  # type: ignore[misc]
        if self.averages:
            done = ops.cast(self.iterations - self._begin, "float32")
            decay = ops.minimum(self._averaging, done / (10.0 + done))
            average = self.averages[self._get_variable_index(variable)]  # type: ignore[attr-defined]
            average.assign_add((variable - average) * (1.0 - decay))


class FusedAdam(keras.optimizers.Adam):
    """Adam (Kingma and Ba 2015, arXiv:1412.6980) that reads and writes each weight once.

    Keras' Adam takes some ten operations for each weight matrix. XLA makes them one on JAX, but TensorFlow goes through
    memory for each, so its kernel is used there: the same update, to rounding.
    """

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        """One weight's update."""
        kernel = backend.adam_kernel()
        if kernel is None:
            super().update_step(gradient, variable, learning_rate)
            return
        index = self._get_variable_index(variable)
        moments = self._momentums[index], self._velocities[index]
        step = ops.cast(self.iterations + 1, "float32")
        kernel(variable, *moments, gradient, learning_rate, step, self.beta_1, self.beta_2, self.epsilon)


class Partwise:
    """Goes before an optimiser's class in the bases: its learning rate then differs from weight to weight.

    Args:
        schedule: the learning rate of all weights.
        rates: a factor for each weight, by which the rate is multiplied.
        until: the update at which each weight begins to move; Adam gathers its moments before.
        options: the other arguments of Keras' optimiser.
    """

    iterations: Any

    def __init__(self, schedule: Any, *, rates: Sequence[float], until: Sequence[int], **options: Any):
        super().__init__(schedule, **options)  # type: ignore[call-arg]
        self._rates = list(rates)
        self._until = list(until)

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        """One weight's update."""
        index = self._get_variable_index(variable)  # type: ignore[attr-defined]
        moves = ops.cast(self.iterations >= self._until[index], "float32")
        super().update_step(gradient, variable, learning_rate * self._rates[index] * moves)  # type: ignore[misc]


class Adam(Averaging, FusedAdam):
    """`FusedAdam` that may keep averages."""

    def __init__(self, schedule: Any, **options: Any):
        super().__init__(schedule, name="adam", **options)


class SGD(Averaging, keras.optimizers.SGD):
    """Gradient descent that may keep averages."""


class PartwiseAdam(Partwise, Adam):
    """`Adam` whose rate differs from weight to weight."""


class PartwiseSGD(Partwise, SGD):
    """Gradient descent whose rate differs from weight to weight."""
