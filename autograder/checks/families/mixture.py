"""A GRU's new state, a mixture of the old state and the candidate: what goes wrong in both conventions of z.

h_prev, z_t and h_tilde (batch, units). The word `keeps` says whether z_t = 1 keeps the old state (Cho et al. 2014,
Keras, PyTorch) or writes the candidate (Chung et al. 2014).
"""

from __future__ import annotations

import numpy as np

from ...checking import Family

Array = np.ndarray

mixture = Family()


@mixture.right
def in_loops(h_prev: Array, z_t: Array, h_tilde: Array, *, keeps: bool) -> Array:
    new = np.array(h_tilde, dtype="float32")
    for n, unit in np.ndindex(new.shape):
        share = z_t[n, unit] if keeps else 1 - z_t[n, unit]
        new[n, unit] = share * h_prev[n, unit] + (1 - share) * h_tilde[n, unit]
    return new


@mixture.right
def as_a_move(h_prev: Array, z_t: Array, h_tilde: Array, *, keeps: bool) -> Array:
    start, end = (h_tilde, h_prev) if keeps else (h_prev, h_tilde)
    return start + z_t * (end - start)


@mixture.right
def by_einsum(h_prev: Array, z_t: Array, h_tilde: Array, *, keeps: bool) -> Array:
    shares = np.stack([z_t, 1 - z_t] if keeps else [1 - z_t, z_t])
    return np.einsum("sbu,sbu->bu", shares, np.stack([h_prev, h_tilde]))


@mixture.wrong("z_t stands at both terms.", "What one term gains the other loses: their two shares add up to 1.")
def z_for_both(h_prev: Array, z_t: Array, h_tilde: Array) -> Array:
    return z_t * h_prev + z_t * h_tilde


@mixture.wrong("1 - z_t stands at both terms.", "What one term gains the other loses: their two shares add up to 1.")
def one_minus_z_for_both(h_prev: Array, z_t: Array, h_tilde: Array) -> Array:
    return (1 - z_t) * h_prev + (1 - z_t) * h_tilde


@mixture.wrong("The whole candidate is written.", "Old and new share one state: how large is the candidate's share?")
def candidate_whole(h_prev: Array, z_t: Array, h_tilde: Array, *, keeps: bool) -> Array:
    share = z_t if keeps else 1 - z_t
    return share * h_prev + h_tilde


@mixture.wrong(
    "The whole old state is kept.", "Then the state could grow without bound. How large is the old state's share?"
)
def old_state_whole(h_prev: Array, z_t: Array, h_tilde: Array, *, keeps: bool) -> Array:
    share = 1 - z_t if keeps else z_t
    return h_prev + share * h_tilde


@mixture.wrong("The old state is dropped.", "The new state is a mixture of two things: which one is missing?")
def old_state_dropped(h_prev: Array, z_t: Array, h_tilde: Array, *, keeps: bool) -> Array:
    share = 1 - z_t if keeps else z_t
    return share * h_tilde


@mixture.wrong("The candidate is dropped.", "The new state is a mixture of two things: which one is missing?")
def candidate_dropped(h_prev: Array, z_t: Array, h_tilde: Array, *, keeps: bool) -> Array:
    share = z_t if keeps else 1 - z_t
    return share * h_prev


@mixture.wrong("The update gate has no effect: old and new get the same share.", "How large each share is, z_t says.")
def update_gate_without_effect(h_prev: Array, z_t: Array, h_tilde: Array) -> Array:
    return (h_prev + h_tilde) / 2


@mixture.wrong(
    "The gate is taken as quite open or quite shut.", "A gate is a share: any number between 0 and 1 will do."
)
def all_or_nothing(h_prev: Array, z_t: Array, h_tilde: Array, *, keeps: bool) -> Array:
    return np.where((z_t > 0.5) == keeps, h_prev, h_tilde)


@mixture.wrong(
    "The mixture is passed through tanh.",
    "A mixture of two numbers between -1 and 1 lies there already; tanh on the way out is the LSTM's.",
)
def squashed(h_prev: Array, z_t: Array, h_tilde: Array, *, keeps: bool) -> Array:
    share = z_t if keeps else 1 - z_t
    return np.tanh(share * h_prev + (1 - share) * h_tilde)


@mixture.wrong("The two terms are multiplied.", "Each term carries its share, and the shares are added.")
def product_for_sum(h_prev: Array, z_t: Array, h_tilde: Array) -> Array:
    return z_t * h_prev * (1 - z_t) * h_tilde
