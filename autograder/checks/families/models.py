"""What goes wrong in every Keras model of a recurrent network: its last layer, the axis of time, the order of time.

A builder has a keyword-only parameter of Keras's own name where a mistake takes hold (`activation`,
`return_sequences`, `go_backwards`), and its twin has the same; there `activation` is the function.
"""

from __future__ import annotations

import numpy as np

from ...checking import ModelFamily
from ..lstm.gates import sigmoid

Array = np.ndarray


def linear(a: Array) -> Array:
    """No activation."""
    return a


probabilities = ModelFamily()
"""The last layer, where it should give a softmax over the classes."""

probabilities.wrong(
    "no_softmax",
    "The softmax is missing: the outputs are any numbers.",
    "What must the outputs for one example be and add up to, if they are probabilities?",
    builds={"activation": "linear"},
    computes={"activation": linear},
    see="topologies-output-activation",
)

probabilities.wrong(
    "sigmoid_for_softmax",
    "The output goes through a sigmoid, which treats each class on its own.",
    "The probabilities of the classes must add up to 1.",
    builds={"activation": "sigmoid"},
    computes={"activation": sigmoid},
    see="topologies-output-activation",
)

an_answer_at_every_step = ModelFamily()
"""Models that keep the axis of time."""

an_answer_at_every_step.wrong(
    "last_step_only",
    "There is one answer for the whole sequence.",
    "Every step is to have an answer: which argument of the recurrent layer says so?",
    builds={"return_sequences": False},
    computes={"return_sequences": False},
    see="topologies-return-sequences",
)

one_answer = ModelFamily()
"""Models that give one answer for the sequence."""

one_answer.wrong(
    "every_step_answers",
    "There is an answer at every step.",
    "One answer is asked for. Which argument decides whether a recurrent layer hands on a sequence or one state?",
    builds={"return_sequences": True},
    computes={"return_sequences": True},
    see="topologies-return-sequences",
)

order_of_time = ModelFamily()
"""Recurrent layers that read forwards."""

order_of_time.wrong(
    "read_backwards",
    "An LSTM that should read forwards reads from the end.",
    "Leave the order of time as it is: which argument turns it round?",
    builds={"go_backwards": True},
    computes={"go_backwards": True},
    see="topologies-axes",
)
