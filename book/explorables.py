"""The course's explorables as widgets for JupyterLab. The site shows the same modules with no kernel behind them.

    import explorables
    from ipywidgets import FloatSlider, jslink

    figure = explorables.JacobianNorm(radius=1.1)
    radius = FloatSlider(min=0.1, max=3, step=0.05)
    jslink((radius, "value"), (figure, "radius"))
    display(radius, figure)

Every parameter is a trait: set it, observe it, or link it to another widget.
"""

from __future__ import annotations

import sys
from math import exp
from pathlib import Path
from typing import ClassVar

import anywidget
from traitlets import Bool, Dict, Float, Int, List, Unicode

sys.path.append(str(Path(__file__).resolve().parent / "_extensions"))

from explorable_bundle import module, results, styles


class JacobianNorm(anywidget.AnyWidget):
    """The norm of dh_T/dh_t against the distance T − t (book/gradients/vanishing.md)."""

    _esm: ClassVar = module("jacobian-norm")
    _css: ClassVar = styles()
    radius = Float(0.9, help="spectral radius of U").tag(sync=True)
    distance = Int(20, help="T − t, in steps").tag(sync=True)
    size = Float(0.1, help="standard deviation of what comes in").tag(sync=True)
    tanh = Bool(True, help="False: the state is linear").tag(sync=True)
    matrix = Unicode("random", help='"random", "rotation" or "skewed"').tag(sync=True)
    seed = Int(1, help="of U, if it is random, and of the inputs").tag(sync=True)


def _gate(*steps: int) -> list[float]:
    """A gate over eight steps, as good as 1 at these, as good as 0 at the others."""
    return [1 / (1 + exp(-8 if t in steps else 8)) for t in range(1, 9)]


class LSTMCell(anywidget.AnyWidget):
    """An LSTM cell with one unit, its gates set step by step (book/lstm/cell.md)."""

    _esm: ClassVar = module("lstm-cell")
    _css: ClassVar = styles()
    t = Int(1, help="the step that is shown, from 1 to 8").tag(sync=True)
    f = List(Float(), _gate(2, 3, 4, 6, 7, 8), help="forget gate at each step").tag(sync=True)
    i = List(Float(), _gate(1, 5), help="input gate at each step").tag(sync=True)
    o = List(Float(), _gate(4, 7), help="output gate at each step").tag(sync=True)
    c_0 = Float(0.0, help="cell state before the first step").tag(sync=True)


class LSTMGradient(anywidget.AnyWidget):
    """The direct path of dc_T/dc_t, and the whole, against the distance T − t (book/lstm/gradient.md)."""

    _esm: ClassVar = module("lstm-gradient")
    _css: ClassVar = styles()
    bias = Float(1.0, help="of the forget gate").tag(sync=True)
    distance = Int(30, help="T − t, in steps").tag(sync=True)
    scale = Float(1.0, help="of the recurrent kernel, times what Keras draws").tag(sync=True)
    seed = Int(1, help="of the weights and of the inputs").tag(sync=True)


class SeedStrip(anywidget.AnyWidget):
    """An experiment on a grid of settings, eight seeds in each: a run in book/runs whose name begins with seeds_."""

    _esm: ClassVar = module("seed-strip")
    _css: ClassVar = styles()
    run = Dict(results("seeds_rnn"), help="the results of such a run").tag(sync=True)
    at = List(Int(), help="which value of each setting; empty: where the run begins").tag(sync=True)
    seed = Int(0, help="the seed that is followed").tag(sync=True)


class MinMaxNorm(anywidget.AnyWidget):
    """A weight matrix (3, 2) under the constraint MinMaxNorm (book/layers/constraints.md)."""

    _esm: ClassVar = module("min-max-norm")
    _css: ClassVar = styles()
    kernel = List(List(Float()), [[2, 6], [1, 2], [2, 3]], help="the matrix, row by row").tag(sync=True)
    min = Float(1.0).tag(sync=True)
    max = Float(4.0).tag(sync=True)
    rate = Float(1.0).tag(sync=True)
    axis = Unicode("0", help='"0", "1" or "(0, 1)"').tag(sync=True)
    times = Int(1, help="how often the constraint is applied").tag(sync=True)


class GRUCell(anywidget.AnyWidget):
    """A GRU cell with two units, in both conventions and with the reset in both places (book/gru/cell.md)."""

    _esm: ClassVar = module("gru-cell")
    _css: ClassVar = styles()
    x = Float(-1.0, help="the input").tag(sync=True)
    z = Float(0.8, help="update gate of both units").tag(sync=True)
    r_1 = Float(1.0, help="reset gate of the first unit").tag(sync=True)
    r_2 = Float(0.0, help="reset gate of the second unit").tag(sync=True)
    kept = Bool(True, help="z is the share that is kept; False: that is written").tag(sync=True)
    after = Bool(False, help="reset after the matrix product").tag(sync=True)


class FirstSentence(anywidget.AnyWidget):
    """A trained network reads a sentence word by word (book/intro.md)."""

    _esm: ClassVar = module("first-sentence")
    _css: ClassVar = styles()
    sentence = Unicode("the cats near the dog were hungry.", help="unknown words are skipped").tag(sync=True)
    t = Int(5, help="how many of its words have been read").tag(sync=True)


class Opened(anywidget.AnyWidget):
    """A trained LSTM and a trained GRU, opened: one unit's gates and states (book/lstm/opened.md)."""

    _esm: ClassVar = module("opened")
    _css: ClassVar = styles()
    network = Unicode("LSTM", help='"LSTM" or "GRU"').tag(sync=True)
    when = Unicode("", help='the word in front: "", "today" or "yesterday"').tag(sync=True)
    subject = Unicode("cats", help='"cat", "horse", "teacher" or their plural').tag(sync=True)
    phrases = Int(1, help="phrases between subject and verb, from 0 to 3").tag(sync=True)
    nouns = Unicode("other", help='the number of their nouns: "other", "same" or in "turn"').tag(sync=True)
    unit = Int(0, help="from 1 to 12; 0: the one that tells the number best").tag(sync=True)
    exchanged = Int(
        0, help="how many units are exchanged before the verb, the one that tells the number best first"
    ).tag(sync=True)
    t = Int(5, help="how many words have been read").tag(sync=True)


class OwnWords(anywidget.AnyWidget):
    """What a reader says of a film, judged by an LSTM and by a bag of words (book/applications/sentiment.md)."""

    _esm: ClassVar = module("own-words")
    _css: ClassVar = styles()
    text = Unicode("The film is not dull. It is witty.", help="the first 40 words are read").tag(sync=True)
    t = Int(5, help="how many words have been read").tag(sync=True)


class RNNUnrolled(anywidget.AnyWidget):
    """A recurrent layer with three units, unrolled over a sentence (book/rnn/index.md)."""

    _esm: ClassVar = module("rnn-unrolled")
    _css: ClassVar = styles()
    t = Int(1, help="how many words have been read, from 0 to 6").tag(sync=True)
    first = Unicode("My", help='the first word: "My", "class", "is", "the" or "best"').tag(sync=True)
    carry = Bool(True, help="False: each step starts from a state of zeros").tag(sync=True)


class Topologies(anywidget.AnyWidget):
    """The five topologies, stepped through (book/topologies/patterns.md)."""

    _esm: ClassVar = module("topologies")
    _css: ClassVar = styles()
    pattern = Unicode(
        "many to one", help='"one to one", "one to many", "many to one", "in step" or "encoder–decoder"'
    ).tag(sync=True)
    t = Int(1, help="the step that is shown").tag(sync=True)
    nudged = Int(0, help="the input that is larger by 1, from 1 to 4; 0: none").tag(sync=True)


class ConvolutionPooling(anywidget.AnyWidget):
    """A window that slides over an array (book/layers/pooling.md)."""

    _esm: ClassVar = module("convolution-pooling")
    _css: ClassVar = styles()
    array = Unicode("quiz", help='"quiz", "other", "edge" or "sequence"').tag(sync=True)
    operation = Unicode("max", help='"max", "average" or "convolution"').tag(sync=True)
    filter = Unicode("edge", help='"edge", "mean" or "copy"').tag(sync=True)
    size = Int(2, help="the window's side").tag(sync=True)
    stride = Int(2).tag(sync=True)
    padding = Unicode("valid", help='"valid", "same", or for a convolution of the sequence "causal"').tag(sync=True)
    dilation = Int(1).tag(sync=True)
    place = Int(1, help="the window that is read, counted from 1").tag(sync=True)


class Scan(anywidget.AnyWidget):
    """A linear recurrence by a parallel scan, pass by pass (book/gru/since.md)."""

    _esm: ClassVar = module("scan")
    _css: ClassVar = styles()
    passes = Int(1, help="how many passes have been made, from 0 to 3").tag(sync=True)
    t = Int(8, help="the place that is read, from 1 to 8").tag(sync=True)
    keep = Float(0.5, help="the share that every step keeps").tag(sync=True)
    feed = Unicode("ones", help='what comes in: "ones", "impulse" or "mixed"').tag(sync=True)


WIDGETS = {
    "convolution-pooling": ConvolutionPooling,
    "first-sentence": FirstSentence,
    "gru-cell": GRUCell,
    "jacobian-norm": JacobianNorm,
    "lstm-cell": LSTMCell,
    "lstm-gradient": LSTMGradient,
    "min-max-norm": MinMaxNorm,
    "opened": Opened,
    "own-words": OwnWords,
    "rnn-unrolled": RNNUnrolled,
    "scan": Scan,
    "seed-strip": SeedStrip,
    "topologies": Topologies,
}
"""Every widget, by the name of its module."""
