"""What a check is: how an answer is tried, compared and explained. Which checks there are stands in `checks`.

The same declaration serves in JupyterLab, under stock nbgrader (there a student's function is a plain function) and
in the judge (there it is a proxy for a function in the student process). Only the judge's side is trusted.
"""

from __future__ import annotations

from .behaviour import BehaviourCheck, behaviour
from .choice import ChoiceCheck
from .function import FunctionCheck, graded
from .misconception import Family, Misconception
from .model import ModelCheck, ModelFamily, model
from .value import ValueCheck

AnyCheck = FunctionCheck | ValueCheck | ChoiceCheck | ModelCheck | BehaviourCheck

__all__ = [
    "AnyCheck",
    "BehaviourCheck",
    "ChoiceCheck",
    "Family",
    "FunctionCheck",
    "Misconception",
    "ModelCheck",
    "ModelFamily",
    "ValueCheck",
    "behaviour",
    "graded",
    "model",
]
