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
from pathlib import Path
from typing import ClassVar

import anywidget
from traitlets import Bool, Float, Int, Unicode

sys.path.append(str(Path(__file__).resolve().parent / "_extensions"))

from explorable_bundle import module, styles


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


WIDGETS = {"jacobian-norm": JacobianNorm}
"""Every widget, by the name of its module."""
