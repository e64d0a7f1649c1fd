"""The question bank: lettered questions on the whole course. Nine come from the bank that the course was made from,
in our words; an option's explanation says where that bank's own answer is loose.

An explanation is what a student reads who chose that option. It never names another option's letter.
"""

from __future__ import annotations

from ...checking import ChoiceCheck


def question(number: int, right: str, section: str, a: str, b: str, c: str, d: str) -> ChoiceCheck:
    """The check of `answer_NUMBER`, with the explanations of its four options."""
    return ChoiceCheck(f"answer_{number}", right, {"A": a, "B": b, "C": c, "D": d}, section)


# What RNN stands for.
answer_1 = question(
    1,
    "C",
    "rnn-shared-weights",
    a="Regression is a task (predict a number). Recurrent layers do that too, but their name is not from there.",
    b="Recursive networks are something else: they apply one function along the branches of a tree, such as a "
    "parsed sentence. A sequence is the special case of a tree without forks.",
    c="The word is from the Latin for running back: what a step computes runs back into the next step.",
    d="Close in meaning, and nobody says it. The word of the field comes from the same Latin verb.",
)

# Through what it remembers.
answer_2 = question(
    2,
    "B",
    "rnn-hidden-state",
    a="The word's vector is the same wherever the word stands: an embedding knows nothing of what came before.",
    b="That vector is what is meant when people say that an RNN has a memory. It does not remember everything, "
    "as the question bank has it: a fixed number of entries must do for any number of words, so much is lost.",
    c="Weights change when the network is trained. While it reads a sentence they stay as they are, the same for "
    "every word and every sentence.",
    d="That would grow with the text. A recurrent layer sees each input once, when its turn comes. Attention is "
    "closer to what you describe.",
)

# The basic concept.
answer_3 = question(
    3,
    "B",
    "rnn-shared-weights",
    a="There is no loop between features, and nothing marks some of them as important. What runs in a loop is "
    "the step, over time.",
    b="One function, the same weights, the state handed on: all recurrent layers are variations of this. The "
    "question bank says: use previous inputs to find the next output. A window over the last inputs does so too.",
    c="To recur here is said of the computation, not of the data: a sequence in which nothing repeats will do.",
    d="Nothing is repeated until it settles. There is one step for each entry of the sequence, and then it ends.",
)

# The name of the internal state.
answer_4 = question(
    4,
    "A",
    "rnn-hidden-state",
    a="Hidden, because the data show neither it nor what it should be. In Keras it is also what the layer returns, "
    "so do not think of it as out of reach.",
    b="Visible units are the inputs and the outputs of a model, in the language of Boltzmann machines.",
    c="A function is what computes it. What is meant is the vector that comes out, h_t.",
    d="The kernel is the matrix of weights that multiplies the input. It does not change from step to step.",
)

# What a gradient is.
answer_5 = question(
    5,
    "C",
    "gradients-what",
    a="This derivative exists, and the bank's own answer, a partial derivative with respect to its inputs, can be "
    "read so. But an update does not change the inputs of the network. What does it change?",
    b="Features are what a network computes from its input. A gradient is a derivative.",
    c="They say how the loss changes when a weight changes a little; a step goes against them. A gradient on its "
    "own does not say how fast a model learns: the learning rate and the shape of the loss decide too.",
    d="What you tune is a hyperparameter, such as the learning rate. A gradient is computed, not chosen.",
)

# Gradients that grow.
answer_6 = question(
    6,
    "A",
    "gradients-vanishing",
    a="Each step back multiplies by a Jacobian. Where the product grows, one update can throw the weights far "
    "away. Clipping by the global norm is the usual remedy.",
    b="That is the opposite: the factors along the way are mostly below 1.",
    c="A model that overfits has small training loss and large test loss. Its gradients may be of any size.",
    d="That is a layer, made against the other of the two troubles.",
)

# Gradients that shrink.
answer_7 = question(
    7,
    "A",
    "gradients-vanishing",
    a="The part from nearby steps is still there, so the network learns, only not over long distances. "
    "That it stops learning altogether, as the question bank has it, is the extreme case.",
    b="A small gradient sends nobody round in a loop. The updates go on, but hardly depend on the early steps.",
    c="Too large is the other trouble, and it does not stop training quietly: the loss jumps or becomes NaN.",
    d="The weights can have any size. What becomes small is a product of many derivatives.",
)

# The input gate.
answer_8 = question(
    8,
    "C",
    "lstm-input-gate",
    a="A sigmoid is not linear, that is true of all gates, and it is not what this one is for.",
    b="This is how the question bank puts it, loosely. `x_t` itself passes no gate: it enters every block of the "
    "cell as it is. What does the gate multiply in the equation for c_t?",
    c="In `c_t = f_t ⊙ c_{t-1} + i_t ⊙ c̃_t` it multiplies the candidate, which is made of x_t and h_{t-1}.",
    d="The learning rate belongs to the optimiser. A gate works in every forward step, also long after training.",
)

# The cell state.
answer_9 = question(
    9,
    "C",
    "lstm-cell-state",
    a="The output is h_t. Something stands between it and the cell state.",
    b="The learning rate belongs to the optimiser, outside the network.",
    c="From step to step it is only multiplied by f_t and added to, so what is in it can last, and the gradient "
    "with it, as long as f_t stays near 1. It is not sure to: the product of many f_t can be small as well.",
    d="Gradients are computed by backpropagation, in a pass of its own. They flow along the cell state.",
)

# Weights are shared.
answer_10 = question(
    10,
    "D",
    "rnn-shared-weights",
    a="There are six steps in the picture. Does each of them have weights of its own?",
    b="A word that comes twice has one embedding, that is true. The kernel does not belong to a word, though.",
    c="8 is the number of units, the number of columns of a kernel. It does not multiply the kernels.",
    d="Every step uses the same one. This is why the layer takes sentences of any length, and why the gradient "
    "of a weight is a sum over the steps.",
)

# A closed output gate.
answer_11 = question(
    11,
    "C",
    "lstm-output-gate",
    a="The candidate is made before the output gate comes in. It may be anything between -1 and 1.",
    b="c_t does not depend on o_t at all: a unit may keep what it knows to itself, and show it at a later step.",
    c="`h_t = o_t ⊙ tanh(c_t)`, so the new hidden state is 0, while c_t stays. One of the course's sources says "
    "that h_{t-1} is not passed on; it is h_t that is shut.",
    d="h_{t-1} is past. It was computed at the step before, with that step's own gate.",
)

# Gates and states of LSTM and GRU.
answer_12 = question(
    12,
    "D",
    "gru-compared-architecture",
    a="The LSTM's fourth block is the candidate. Some call it a gate, but it has a tanh, and it is content: "
    "it lets nothing through and holds nothing back.",
    b="A GRU has no cell state beside its hidden state. Some texts say that it has a memory cell: then its hidden "
    "state is meant.",
    c="That would be two gates more, as one of the course's sources says. With one gate only, the candidate "
    "would always see the whole past: this simplification exists, under the name of simple GRU.",
    d="In the LSTM f, i and o, and the states c and h. In the GRU z and r, and h. The one gate z does the work of "
    "the two gates f and i.",
)

# The update gate near 1.
answer_13 = question(
    13,
    "B",
    "gru-z-conventions",
    a="That is so in the other convention, `(1 - z_t) ⊙ h_{t-1} + z_t ⊙ h̃_t`. Look at which term z_t multiplies.",
    b="Where z_t is 1 the first term is all of h_{t-1} and the second is nothing. In the other convention, "
    "with z_t and 1 - z_t changed over, the same value would do the opposite: always look at the equation.",
    c="What the candidate sees of the previous state is the business of the reset gate r_t.",
    d="The two shares add up to 1, so h_t lies between h_{t-1} and the candidate. It is 0 only by chance.",
)

# Parameters of a GRU.
answer_14 = question(
    14,
    "D",
    "gru-parameters",
    a="That is one block, or a whole SimpleRNN: 32·5 + 5·5 + 5. How many blocks has a GRU?",
    b="That is an LSTM of this size: four blocks of 32·5 + 5·5 + 5 = 190.",
    c="Three blocks of 190, with one bias each: that is `reset_after=False`. What does Keras's default add?",
    d="Three blocks of 32·5 + 5·5 + 2·5 = 195. With `reset_after=True`, the default, each has two biases: one "
    "beside the input's product, one beside the state's.",
)

# The shape that a layer returns.
answer_15 = question(
    15,
    "A",
    "topologies-many-to-one",
    a="By default the layer returns the last h_t: one vector of 8 entries for each sequence. Many to one.",
    b="3 is the number of inputs at each step. The layer has 8 units: the last axis of its output has 8 entries.",
    c="All 20 outputs come back only with `return_sequences=True`.",
    d="A layer does not lay its outputs end to end. Flatten behind `return_sequences=True` would do that.",
)

# Which task needs an encoder and a decoder.
answer_16 = question(
    16,
    "D",
    "topologies-encoder-decoder",
    a="A single image comes in and a sequence goes out: one to many. There is no sequence to encode.",
    b="One label for a whole sequence: the last output is enough. Many to one.",
    c="Here each input has its own output at the same step, so one layer with `return_sequences=True` does it: "
    "synced many to many.",
    d="The translation has another length and another order of words, and its first word may depend on the last "
    "one of the original. So the whole sentence is read first, and then the other one is written.",
)

# Same padding with a stride.
answer_17 = question(
    17,
    "B",
    "conv-output-size",
    a="That is the length without padding at stride 1: 7 - 3 + 1.",
    b="With `same` padding it is ⌈7/2⌉: rounded up. Only at stride 1 does it keep the length, "
    "whatever the name suggests.",
    c="That is the length without padding: (7 - 3) // 2 + 1.",
    d="That is what the name suggests, and it holds at stride 1. Here the window moves by 2.",
)

# MaxNorm.
answer_18 = question(
    18,
    "A",
    "constraints-maxnorm",
    a="The norm is 5 and may be 2, so the column is multiplied by 2/5. Its direction stays, its norm is now 2.",
    b="Now the norm is 1. That is what UnitNorm does.",
    c="A penalty in the loss is a regulariser: it pulls. A constraint changes the weights after each update.",
    d="Here each entry is cut off at 2 by itself. The constraint is on the norm of the column, and it keeps the "
    "column's direction.",
)
