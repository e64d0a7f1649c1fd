"""A window that moves along an axis: what goes wrong where its places are counted, in pooling and in convolution.

n, size, strides, dilation are whole numbers, padding is "valid", "same" or "causal"; pooling has the first three only.
Without padding, the window of dilation * (size - 1) + 1 steps has to stay inside the n steps; otherwise there is a
place for each of the steps 0, strides, 2 * strides, ... below n.
"""

from __future__ import annotations

from ...checking import Family

places = Family()
"""How many places it visits. {length} and {stride} are the sections about the two."""


@places.wrong("The stride has no effect.", "From one place to the next the window moves by `strides`.", see="{stride}")
def stride_without_effect(n: int, size: int, strides: int, padding: str = "valid", dilation: int = 1) -> int:
    return n - dilation * (size - 1) if padding == "valid" else n


@places.wrong(
    "Without padding, you count one place too few.",
    "You count the moves. The place before the first move counts as well.",
    see="{length}",
)
def first_place_not_counted(n: int, size: int, strides: int, padding: str = "valid", dilation: int = 1) -> int:
    if padding == "valid":
        return (n - dilation * (size - 1) - 1) // strides
    return -(-n // strides)


@places.wrong(
    "Without padding, you add one for the first place before you divide.",
    "How many moves are there? The place before the first move is one more, whatever the stride.",
    see="{length}",
)
def first_place_divided_too(n: int, size: int, strides: int, padding: str = "valid", dilation: int = 1) -> int:
    return (n - dilation * (size - 1)) // strides if padding == "valid" else -(-n // strides)


@places.wrong(
    "Without padding, a rest that is too short for a whole move is counted as a place.",
    "The window has to stay inside.",
    see="{length}",
)
def rest_counted_as_a_place(n: int, size: int, strides: int, padding: str = "valid", dilation: int = 1) -> int:
    if padding == "valid":
        return -(-(n - dilation * (size - 1) - 1) // strides) + 1
    return -(-n // strides)


@places.wrong(
    "The size of the window has no effect.", "Without padding, all of the window has to lie inside.", see="{length}"
)
def size_without_effect(n: int, size: int, strides: int, padding: str = "valid", dilation: int = 1) -> int:
    return n // strides if padding == "valid" else -(-n // strides)


@places.wrong("Without padding, you count as `same` does.", "Are there zeros at the ends to make room?", see="{same}")
def as_with_same(n: int, size: int, strides: int, padding: str = "valid", dilation: int = 1) -> int:
    return -(-n // strides)


@places.wrong(
    "Window and stride have changed places.", "Which of the two says how large, which how far?", see="{stride}"
)
def size_and_stride_swapped(n: int, size: int, strides: int, padding: str = "valid", dilation: int = 1) -> int:
    room = n - dilation * (strides - 1) if padding == "valid" else n
    return (room - 1) // size + 1


@places.wrong("The length is not a whole number.", "Count places. Which way is a division rounded?", see="{length}")
def length_with_a_point(n: int, size: int, strides: int, padding: str = "valid", dilation: int = 1) -> float:
    if padding == "valid":
        return (n - dilation * (size - 1) - 1) / strides + 1
    return n / strides
