"""How many parameters a recurrent layer has: what goes wrong in every such count.

A function of (inputs, units), and of `reset_after` behind them where there is that form. A layer has `blocks` blocks
(1 for a simple RNN, 3 for a GRU, 4 for an LSTM), each with W (inputs, units), U (units, units) and one bias (units,),
or two where `reset_after` is true. The words: `blocks` is the number, {block} what one is called ("gate", "block"),
{layer} the layer ("an LSTM").
"""

from __future__ import annotations

from ...checking import Family

parameter_count = Family()
"""What goes wrong in one block, too."""


@parameter_count.right
def count_by_columns(inputs: int, units: int, *reset_after: bool, blocks: int) -> int:
    rows = inputs + units + 1 + any(reset_after)
    return rows * blocks * units


@parameter_count.right
def count_one_by_one(inputs: int, units: int, *reset_after: bool, blocks: int) -> int:
    total = 0
    for _ in range(blocks):
        for _ in range(units):
            total += inputs + units + (2 if any(reset_after) else 1)
    return total


@parameter_count.wrong("The biases are not counted.", "A {block} has a bias for each of its units.")
def count_without_bias(inputs: int, units: int, *reset_after: bool, blocks: int) -> int:
    return blocks * (inputs + units) * units


@parameter_count.wrong("The recurrent weights are not counted.", "A {block} has a W and a U.")
def count_without_recurrent(inputs: int, units: int, *reset_after: bool, blocks: int) -> int:
    return blocks * (inputs + 1 + any(reset_after)) * units


@parameter_count.wrong("The weights of the input are not counted.", "A {block} has a W and a U.")
def count_without_input(inputs: int, units: int, *reset_after: bool, blocks: int) -> int:
    return blocks * (units + 1 + any(reset_after)) * units


@parameter_count.wrong("A bias is counted as one number.", "A bias has one entry for each unit.")
def count_one_number_a_bias(inputs: int, units: int, *reset_after: bool, blocks: int) -> int:
    return blocks * ((inputs + units) * units + 1 + any(reset_after))


@parameter_count.wrong(
    "U is counted as one number a unit, as if it were a diagonal.", "Every unit looks at every unit: what shape has U?"
)
def count_diagonal_recurrent(inputs: int, units: int, *reset_after: bool, blocks: int) -> int:
    return blocks * (inputs + 2 + any(reset_after)) * units


@parameter_count.wrong("U is counted with the shape of W.", "U multiplies the state: how many rows has it?")
def count_recurrent_like_input(inputs: int, units: int, *reset_after: bool, blocks: int) -> int:
    return blocks * (2 * inputs + 1 + any(reset_after)) * units


@parameter_count.wrong("`inputs` and `units` have changed places.", "Write down the shapes of W, U and b first.")
def count_inputs_for_units(inputs: int, units: int, *reset_after: bool, blocks: int) -> int:
    return blocks * (inputs + units + 1 + any(reset_after)) * inputs


@parameter_count.wrong(
    "A bias is counted for each input.", "A bias is added to what a unit gets: how many entries has it?"
)
def count_bias_for_each_input(inputs: int, units: int, *reset_after: bool, blocks: int) -> int:
    return blocks * ((inputs + units) * units + (1 + any(reset_after)) * inputs)


several_blocks = Family()
"""What goes wrong beyond that where a layer has several blocks."""


@several_blocks.wrong("Only one {block} is counted.", "How many blocks does {layer} have?")
def count_one_block(inputs: int, units: int, *reset_after: bool) -> int:
    return (inputs + units + 1 + any(reset_after)) * units


@several_blocks.wrong("The gates are counted, the candidate is not.", "What else has weights, besides the gates?")
def count_gates_only(inputs: int, units: int, *reset_after: bool, blocks: int) -> int:
    return (blocks - 1) * (inputs + units + 1 + any(reset_after)) * units


@several_blocks.wrong("One block too many is counted.", "How many gates does {layer} have, and what else has weights?")
def count_one_block_more(inputs: int, units: int, *reset_after: bool, blocks: int) -> int:
    return (blocks + 1) * (inputs + units + 1 + any(reset_after)) * units


@several_blocks.wrong("The bias is counted once for all blocks together.", "Each block has a bias of its own.")
def count_bias_once(inputs: int, units: int, *reset_after: bool, blocks: int) -> int:
    return blocks * (inputs + units) * units + (1 + any(reset_after)) * units


@several_blocks.wrong("W is counted for all blocks, U for one.", "Each block has a U of its own.")
def count_recurrent_once(inputs: int, units: int, *reset_after: bool, blocks: int) -> int:
    return blocks * (inputs + 1 + any(reset_after)) * units + units * units


@several_blocks.wrong("The number of blocks is squared with the units.", "Write down the shape of one block's U first.")
def count_blocks_squared(inputs: int, units: int, *reset_after: bool, blocks: int) -> int:
    return blocks * units * (inputs + blocks * units + 1 + any(reset_after))
