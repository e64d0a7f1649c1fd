"""Checks of exercises/gradients/norms.ipynb: Vanish, explode, clip.

U (units, units), h_t (units,), h (time + 1, units) with h_0 first: the states of one example, as rows. A Jacobian
(units, units) has J[a, b] = d h_t[b] / d h_{t-1}[a]. `gradients` is a dictionary of arrays of floats.
Jacobians and clipping are those of Pascanu et al. (2013), the orthogonal start is that of Saxe et al. (2014).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ...checking import ValueCheck, graded
from ...checking.drawing import Inputs
from .bptt import Params, all_states, draw_network

Array = np.ndarray


# --- steps_to_vanish -------------------------------------------------------------------------------------------------

steps_to_vanish = ValueCheck(
    "steps_to_vanish", expected=10, exact_type=int, rtol=0, atol=0, section="gradients-vanishing"
)

steps_to_vanish.wrong_value(9, "One step too few.", "After 9 steps it is 1/512. Is that below 1/1000?")
steps_to_vanish.wrong_value(11, "One step too many.", "Below the limit already one step earlier: try 2 to the 10.")
steps_to_vanish.wrong_value(
    500, "You divide by two once and take off equal parts.", "Each step multiplies what is left."
)
steps_to_vanish.wrong_value(7, "A factor of 1/e a step would give this.", "Here each step multiplies by 1/2.")
steps_to_vanish.wrong_value(3, "A factor of 1/10 a step would give this.", "Here each step multiplies by 1/2.")
steps_to_vanish.wrong_value(1999, "You divide by the number of steps.", "The factor 1/2 comes in again at each step.")


# --- spectral_radius -------------------------------------------------------------------------------------------------


@graded("gradients-spectral-radius")
def spectral_radius(U: Array) -> Any:
    """The largest absolute value of an eigenvalue. Eigenvalues of a real matrix can be complex."""
    return np.max(np.abs(np.linalg.eigvals(U)))


@spectral_radius.inputs(units=range(4, 7))
def draw_radius(rng: np.random.Generator, units: int) -> Inputs:
    """A kernel whose largest eigenvalues are a complex pair with a negative real part; a single unit's is negative."""
    radius, angle = rng.uniform(0.6, 1.4), rng.uniform(2.0, 2.6)
    if units == 1:
        return (np.array([[-radius]]),)
    values = np.diag([0, 0, 0.3, -0.1, 0.2, 0.15][:units]) * radius * rng.uniform(0.8, 1.2)
    values[:2, :2] = radius * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return (with_eigenvalues_of(rng, values),)


def with_eigenvalues_of(rng: np.random.Generator, values: Array) -> Array:
    """A matrix with the eigenvalues of `values` in another basis."""
    while True:
        basis = rng.normal(size=values.shape)
        if np.linalg.cond(basis) < 15:
            return basis @ values @ np.linalg.inv(basis)


@spectral_radius.condition("a largest eigenvalue that is real and negative")
def draw_negative_eigenvalue(rng: np.random.Generator, units: int) -> Inputs:
    radius = rng.uniform(0.6, 1.4)
    return (with_eigenvalues_of(rng, radius * np.diag([-1, 0.8, 0.3, -0.1, 0.2, 0.15][:units])),)


@spectral_radius.condition("a triangular kernel")
def draw_triangular(rng: np.random.Generator, units: int) -> Inputs:
    """One step stretches far, many steps shrink: the eigenvalues stand on the diagonal."""
    U = np.triu(rng.uniform(1, 2, size=(units, units)), k=1)
    return (U + np.diag(rng.uniform(0.6, 0.9) * np.array([0.3, -0.9, 0.7, -0.5, 1, 0.1])[:units]),)


@spectral_radius.right
def radius_by_parts(U: Array) -> Any:
    values, _ = np.linalg.eig(U)
    return np.sqrt(np.real(values) ** 2 + np.imag(values) ** 2).max()


@spectral_radius.right
def radius_by_polynomial(U: Array) -> float:
    return float(max(abs(root) for root in np.roots(np.poly(U))))


@spectral_radius.right
def radius_by_powers(U: Array) -> float:
    scale = 0.0
    power = np.array(U, dtype=float)
    for n in range(40):
        size = np.linalg.norm(power)
        scale += np.log(size) / 2**n
        power = (power / size) @ (power / size)
    return float(np.exp(scale))


@spectral_radius.wrong(
    "This is the largest singular value.",
    "It says how much one step can stretch. The spectral radius is about many steps: eigenvalues.",
)
def largest_singular_value(U: Array) -> Any:
    return np.linalg.norm(U, 2)


@spectral_radius.wrong(
    "Only the real parts of the eigenvalues are used.", "A complex eigenvalue turns and stretches. How long is a + bi?"
)
def real_parts_only(U: Array) -> Any:
    return np.max(np.abs(np.linalg.eigvals(U).real))


@spectral_radius.wrong(
    "This is the largest real part of an eigenvalue.",
    "An eigenvalue of -2, or one of 2i, stretches as much as one of 2.",
)
def largest_real_part(U: Array) -> Any:
    return np.max(np.linalg.eigvals(U).real)


@spectral_radius.wrong(
    "The eigenvalues are computed as if U were symmetric.",
    "`eigvalsh` reads one half of the matrix only. Which function takes any square matrix?",
)
def taken_for_symmetric(U: Array) -> Any:
    return np.max(np.abs(np.linalg.eigvalsh(U)))


@spectral_radius.wrong(
    "This is the Frobenius norm: the root of the sum of all squared entries.",
    "The spectral radius is about eigenvalues.",
)
def frobenius_for_radius(U: Array) -> Any:
    return np.linalg.norm(U)


@spectral_radius.wrong("This is the largest entry.", "The spectral radius is about eigenvalues.")
def largest_entry(U: Array) -> Any:
    return np.max(np.abs(U))


@spectral_radius.wrong("This is the smallest eigenvalue.", "After many steps the one that grows fastest wins.")
def smallest_eigenvalue(U: Array) -> Any:
    return np.min(np.abs(np.linalg.eigvals(U)))


@spectral_radius.wrong("This is the square of the spectral radius.", "The length of a + bi is a square root.")
def radius_squared(U: Array) -> Any:
    return np.max(np.abs(np.linalg.eigvals(U)) ** 2)


@spectral_radius.wrong("The eigenvalues are averaged.", "After many steps the one that grows fastest wins.")
def mean_eigenvalue(U: Array) -> Any:
    return np.mean(np.abs(np.linalg.eigvals(U)))


# --- step_jacobian ---------------------------------------------------------------------------------------------------


@graded("gradients-jacobian", outputs=("J",))
def step_jacobian(h_t: Array, U: Array) -> Array:
    """J[a, b] = d h_t[b] / d h_{t-1}[a] = U[a, b] (1 - h_t[b]^2), for one example."""
    return U * (1 - h_t**2)


@step_jacobian.inputs
def draw_jacobian(rng: np.random.Generator, units: int) -> Inputs:
    return (rng.uniform(-0.9, 0.9, size=units), rng.normal(scale=0.8, size=(units, units)))


@step_jacobian.condition("h_t is zero")
def draw_jacobian_at_zero(rng: np.random.Generator, units: int) -> Inputs:
    return (np.zeros(units), rng.normal(scale=0.8, size=(units, units)))


@step_jacobian.condition("units that are saturated")
def draw_jacobian_saturated(rng: np.random.Generator, units: int) -> Inputs:
    h_t, U = draw_jacobian(rng, units)
    h_t[:2] = 1, -1
    return h_t, U


@step_jacobian.right
def jacobian_by_diagonal(h_t: Array, U: Array) -> Array:
    return U @ np.diag(1 - np.square(h_t))


@step_jacobian.right
def jacobian_in_loops(h_t: Array, U: Array) -> Array:
    J = np.empty(U.shape)
    for a in range(len(U)):
        for b in range(len(U)):
            J[a, b] = (1 + h_t[b]) * U[a, b] * (1 - h_t[b])
    return J


@step_jacobian.right
def jacobian_by_einsum(h_t: Array, U: Array) -> Array:
    return np.einsum("ab,b->ab", U, 1.0 - np.square(h_t))


@step_jacobian.wrong(
    "This is U alone.", "The state goes through tanh too. What is its derivative?", see="gradients-tanh-derivative"
)
def jacobian_without_derivative(h_t: Array, U: Array) -> Array:
    return U + 0


@step_jacobian.wrong(
    "The derivative of tanh multiplies the rows.", "J[a, b] leads from unit a to unit b. Whose tanh is it that acts?"
)
def jacobian_derivative_on_rows(h_t: Array, U: Array) -> Array:
    return np.diag(1 - h_t**2) @ U


@step_jacobian.wrong(
    "The Jacobian is transposed: it is that of papers that write states as columns.",
    "Here J[a, b] is the derivative of h_t[b] with respect to h_prev[a].",
)
def jacobian_transposed(h_t: Array, U: Array) -> Array:
    return np.diag(1 - h_t**2) @ U.T


@step_jacobian.wrong("U is transposed.", "Forward it is h_prev U: which entry of U leads from unit a to unit b?")
def jacobian_of_transposed_kernel(h_t: Array, U: Array) -> Array:
    return U.T @ np.diag(1 - h_t**2)


@step_jacobian.wrong(
    "The state is not squared in the derivative of tanh.",
    "At h = -1 and at h = 1 alike tanh is flat.",
    see="gradients-tanh-derivative",
)
def jacobian_not_squared(h_t: Array, U: Array) -> Array:
    return U @ np.diag(1 - h_t)


@step_jacobian.wrong(
    "The derivative uses tanh(h_t), but h_t is a tanh already.",
    "The derivative of tanh, written by means of tanh's own value, needs no further tanh.",
    see="gradients-tanh-derivative",
)
def jacobian_tanh_twice(h_t: Array, U: Array) -> Array:
    return U @ np.diag(1 - np.tanh(h_t) ** 2)


@step_jacobian.wrong(
    "This uses the derivative of a sigmoid.",
    "The sigmoid's is s(1 - s). What is that of tanh?",
    see="gradients-tanh-derivative",
)
def jacobian_of_sigmoid(h_t: Array, U: Array) -> Array:
    return U @ np.diag(h_t * (1 - h_t))


@step_jacobian.wrong(
    "The result is a vector.", "Each unit of h_t depends on each unit of h_prev: that is a matrix of derivatives."
)
def jacobian_as_vector(h_t: Array, U: Array) -> Array:
    return U @ (1 - h_t**2)


@step_jacobian.wrong("U is missing.", "Between h_prev and the sum inside the tanh stands U.")
def jacobian_without_kernel(h_t: Array, U: Array) -> Array:
    return np.diag(1 - h_t**2)


@step_jacobian.wrong(
    "The sign of the square is the wrong way round.",
    "At h = -1 and at h = 1 alike tanh is flat.",
    see="gradients-tanh-derivative",
)
def jacobian_one_plus(h_t: Array, U: Array) -> Array:
    return U * (1 + h_t**2)


# --- jacobian_norms --------------------------------------------------------------------------------------------------


@graded("gradients-products", outputs=("the norms",))
def jacobian_norms(h: Array, U: Array, *, step_jacobian: Callable[..., Any] = step_jacobian) -> Array:
    """The spectral norm of d h_T / d h_{T-k}, for k = 0 ... T. h (time + 1, units) are one example's states."""
    product: Any = np.eye(len(U))
    norms = [1.0]
    for h_t in h[:0:-1]:
        product = step_jacobian(h_t, U) @ product
        norms.append(float(np.linalg.norm(product, 2)))
    return np.array(norms)


@jacobian_norms.inputs(time=range(4, 9))
def draw_norms(rng: np.random.Generator, time: int, units: int) -> Inputs:
    params, x, _ = draw_network(rng, 1, time, 2, units)
    params["U"] = rng.normal(scale=1.0, size=(units, units))
    return (all_states(params, x)[0], params["U"])


@jacobian_norms.condition("norms that grow")
def draw_growing_norms(rng: np.random.Generator, time: int, units: int) -> Inputs:
    """Small states, so that tanh hardly acts."""
    U = 1.5 * np.linalg.qr(rng.normal(size=(units, units)))[0] + rng.normal(scale=0.1, size=(units, units))
    return rng.uniform(-0.2, 0.2, size=(time + 1, units)), U


@jacobian_norms.right
def norms_by_singular_values(h: Array, U: Array) -> Array:
    norms = []
    for k in range(len(h)):
        product = np.eye(len(U))
        for t in range(len(h) - k, len(h)):
            product = product @ (U * (1 - h[t] ** 2))
        norms.append(float(np.linalg.svd(product, compute_uv=False)[0]))
    return np.array(norms)


@jacobian_norms.right
def norms_by_eigenvalues(h: Array, U: Array) -> Array:
    column_product = np.eye(len(U))
    norms = np.ones(len(h))
    for k in range(1, len(h)):
        column_product = column_product @ step_jacobian(h[-k], U).T
        norms[k] = np.sqrt(np.max(np.linalg.eigvalsh(column_product @ column_product.T)))
    return norms


@jacobian_norms.right
def norms_by_unit_vectors(h: Array, U: Array) -> Array:
    changes = [np.eye(len(U))]
    for h_t in reversed(h[1:]):
        changes.append((U * (1 - h_t**2)) @ changes[-1])
    return np.max(np.linalg.svd(np.array(changes), compute_uv=False), axis=1)


@jacobian_norms.wrong(
    "The Jacobians are multiplied in the wrong order.",
    "Rows are states here, so the step that comes first in time stands on the left.",
)
def norms_product_in_wrong_order(h: Array, U: Array) -> Array:
    product, norms = np.eye(len(U)), [1.0]
    for t in range(len(h) - 1, 0, -1):
        product = product @ step_jacobian(h[t], U)
        norms.append(float(np.linalg.norm(product, 2)))
    return np.array(norms)


@jacobian_norms.wrong("The Jacobians are multiplied entry by entry.", "One step after another is a matrix product.")
def norms_elementwise_product(h: Array, U: Array) -> Array:
    product, norms = np.ones(U.shape), [1.0]
    for t in range(len(h) - 1, 0, -1):
        product = product * step_jacobian(h[t], U)
        norms.append(float(np.linalg.norm(product, 2)))
    return np.array(norms)


@jacobian_norms.wrong(
    "These are Frobenius norms.",
    "The spectral norm is the most that any vector is stretched: the largest singular value.",
    see="gradients-spectral-norm",
)
def norms_of_frobenius(h: Array, U: Array) -> Array:
    product, norms = np.eye(len(U)), [float(np.linalg.norm(np.eye(len(U))))]
    for t in range(len(h) - 1, 0, -1):
        product = step_jacobian(h[t], U) @ product
        norms.append(float(np.linalg.norm(product)))
    return np.array(norms)


@jacobian_norms.wrong(
    "From the second on these are Frobenius norms.",
    "The spectral norm is the most that any vector is stretched. Which `ord` does `norm` need?",
    see="gradients-spectral-norm",
)
def norms_of_frobenius_from_one(h: Array, U: Array) -> Array:
    product, norms = np.eye(len(U)), [1.0]
    for t in range(len(h) - 1, 0, -1):
        product = step_jacobian(h[t], U) @ product
        norms.append(float(np.linalg.norm(product)))
    return np.array(norms)


@jacobian_norms.wrong(
    "The norms of the single steps are multiplied.",
    "That is an upper bound. The norm of a product can be much smaller: multiply first.",
)
def norms_multiplied(h: Array, U: Array) -> Array:
    norms = [1.0]
    for t in range(len(h) - 1, 0, -1):
        norms.append(norms[-1] * float(np.linalg.norm(step_jacobian(h[t], U), 2)))
    return np.array(norms)


@jacobian_norms.wrong(
    "These are the largest eigenvalues of the products, not their norms.",
    "How far a vector is stretched is a matter of singular values.",
    see="gradients-spectral-norm",
)
def norms_spectral_radius_of_product(h: Array, U: Array) -> Array:
    product, norms = np.eye(len(U)), [1.0]
    for t in range(len(h) - 1, 0, -1):
        product = step_jacobian(h[t], U) @ product
        norms.append(float(np.max(np.abs(np.linalg.eigvals(product)))))
    return np.array(norms)


@jacobian_norms.wrong(
    "These are the norms of single steps.", "From h_t to h_T it takes T - t steps: multiply their Jacobians."
)
def norms_of_single_steps(h: Array, U: Array) -> Array:
    return np.array([1.0] + [np.linalg.norm(step_jacobian(h[t], U), 2) for t in range(len(h) - 1, 0, -1)])


@jacobian_norms.wrong(
    "Each Jacobian is taken at the state before its step.",
    "`step_jacobian` needs the state that came out of the tanh.",
    see="gradients-jacobian",
)
def norms_state_before_the_step(h: Array, U: Array) -> Array:
    product, norms = np.eye(len(U)), [1.0]
    for t in range(len(h) - 1, 0, -1):
        product = step_jacobian(h[t - 1], U) @ product
        norms.append(float(np.linalg.norm(product, 2)))
    return np.array(norms)


@jacobian_norms.wrong(
    "These are the derivatives of later and later states with respect to h_0.",
    "It is h_T whose derivatives are asked for, with respect to earlier and earlier states.",
)
def norms_from_the_start(h: Array, U: Array) -> Array:
    product, norms = np.eye(len(U)), [1.0]
    for t in range(1, len(h)):
        product = product @ step_jacobian(h[t], U)
        norms.append(float(np.linalg.norm(product, 2)))
    return np.array(norms)


@jacobian_norms.wrong(
    "The norms stand in the order of time.",
    "Entry k belongs to a distance of k steps: the first is that of h_T to itself.",
)
def norms_by_time(h: Array, U: Array) -> Array:
    product, norms = np.eye(len(U)), [1.0]
    for t in range(len(h) - 1, 0, -1):
        product = step_jacobian(h[t], U) @ product
        norms.insert(0, float(np.linalg.norm(product, 2)))
    return np.array(norms)


@jacobian_norms.wrong(
    "The first entry, that of h_T to itself, is missing.", "What is the derivative of h_T with respect to h_T?"
)
def norms_without_distance_zero(h: Array, U: Array) -> Array:
    product, norms = np.eye(len(U)), []
    for t in range(len(h) - 1, 0, -1):
        product = step_jacobian(h[t], U) @ product
        norms.append(float(np.linalg.norm(product, 2)))
    return np.array(norms)


@jacobian_norms.wrong("The last entry is missing.", "It takes T steps to get from h_T back to h_0.")
def norms_without_h_0(h: Array, U: Array) -> Array:
    product, norms = np.eye(len(U)), [1.0]
    for t in range(len(h) - 1, 1, -1):
        product = step_jacobian(h[t], U) @ product
        norms.append(float(np.linalg.norm(product, 2)))
    return np.array(norms)


@jacobian_norms.wrong(
    "These are the norms of powers of U: the derivative of tanh is missing.",
    "Use `step_jacobian`, at each state.",
    see="gradients-tanh-derivative",
)
def norms_as_powers_of_u(h: Array, U: Array) -> Array:
    return np.array([np.linalg.norm(np.linalg.matrix_power(U, k), 2) for k in range(len(h))])


# --- global_norm -----------------------------------------------------------------------------------------------------


@graded("gradients-clipping", outputs=("the norm",))
def global_norm(gradients: Params) -> Any:
    """The length of all gradients together, as one long vector."""
    return np.sqrt(sum(np.sum(gradient**2) for gradient in gradients.values()))


@global_norm.inputs
def draw_gradients(rng: np.random.Generator, inputs: int, units: int, outputs: int) -> Inputs:
    shapes = {"W": (inputs, units), "U": (units, units), "b": (units,), "V": (units, outputs)}
    return ({name: rng.normal(scale=rng.uniform(0.3, 2), size=shape) for name, shape in shapes.items()},)


@global_norm.condition("other names and ranks")
def draw_other_gradients(rng: np.random.Generator, inputs: int, units: int, outputs: int) -> Inputs:
    """As many arrays, so that tests can go through them in every case alike."""
    shapes = {"table": (inputs, units), "kernel": (3, inputs, units), "scale": (1,), "c": (outputs,)}
    return ({name: rng.normal(size=shape) for name, shape in shapes.items()},)


@global_norm.condition("one array")
def draw_one_array(rng: np.random.Generator, inputs: int, units: int, outputs: int) -> Inputs:
    return ({"W": rng.normal(size=(inputs, units))},)


@global_norm.condition("a single number among the arrays")
def draw_single_number(rng: np.random.Generator, inputs: int, units: int, outputs: int) -> Inputs:
    return ({"W": rng.normal(size=(inputs, units)), "temperature": np.array(rng.normal())},)


global_norm.always("a gradient of zeros", {"W": np.zeros((3, 2)), "b": np.zeros(2)})


@global_norm.right
def norm_of_one_vector(gradients: Params) -> float:
    return float(np.linalg.norm(np.concatenate([np.ravel(gradient) for gradient in gradients.values()])))


@global_norm.right
def norm_of_norms(gradients: Params) -> float:
    return float(np.linalg.norm([np.linalg.norm(gradient) for gradient in gradients.values()]))


@global_norm.right
def norm_in_loops(gradients: Params) -> float:
    total = 0.0
    for name in gradients:
        for entry in gradients[name].flat:
            total += float(entry) * float(entry)
    return total**0.5


@global_norm.wrong(
    "The norms of the arrays are added.", "Lay all entries end to end in one long vector. How long is it?"
)
def norms_added(gradients: Params) -> Any:
    return sum(np.linalg.norm(gradient) for gradient in gradients.values())


@global_norm.wrong("The square root is missing.", "A length is the root of a sum of squares.")
def norm_not_rooted(gradients: Params) -> Any:
    return sum(np.sum(gradient**2) for gradient in gradients.values())


@global_norm.wrong("This is the norm of the largest array.", "All arrays together make up one gradient.")
def norm_of_largest_array(gradients: Params) -> Any:
    return max(np.linalg.norm(gradient) for gradient in gradients.values())


@global_norm.wrong("This is the largest entry.", "The L2 norm is asked for: every entry counts.")
def norm_largest_entry(gradients: Params) -> Any:
    return max(np.max(np.abs(gradient)) for gradient in gradients.values())


@global_norm.wrong("This is the sum of the absolute values.", "The L2 norm is asked for.")
def norm_of_absolute_values(gradients: Params) -> Any:
    return sum(np.sum(np.abs(gradient)) for gradient in gradients.values())


@global_norm.wrong("The squares are averaged.", "The L2 norm adds them up.")
def norm_by_mean(gradients: Params) -> Any:
    entries = np.concatenate([gradient.ravel() for gradient in gradients.values()])
    return np.sqrt(np.mean(entries**2))


@global_norm.wrong(
    "The entries of each array are added before they are squared.",
    "Then positive and negative entries cancel. Square first.",
)
def norm_of_sums(gradients: Params) -> Any:
    return np.sqrt(sum(np.sum(gradient) ** 2 for gradient in gradients.values()))


@global_norm.wrong(
    "The spectral norm is used for the matrices.",
    "For a matrix `np.linalg.norm(..., 2)` is the largest singular value. Every entry must count.",
)
def norm_spectral_of_matrices(gradients: Params) -> Any:
    largest = {n: np.linalg.norm(g, 2) if g.ndim == 2 else np.linalg.norm(g) for n, g in gradients.items()}
    return np.sqrt(sum(norm**2 for norm in largest.values()))


# --- clip_by_global_norm ---------------------------------------------------------------------------------------------

SHORT: Inputs = (
    {
        "W": np.array([[0.3, -0.6], [0.2, 0.1]]),
        "U": np.array([[0.2, 0.1], [-0.3, 0.2]]),
        "b": np.array([-0.4, 0.5]),
        "V": np.array([[0.1], [-0.2]]),
    },
    2.5,
)

ZERO: Inputs = ({"W": np.zeros((3, 2)), "U": np.zeros((2, 2)), "b": np.zeros(2), "V": np.zeros((2, 1))}, 1.5)

# Each array is short enough by itself, and so is each entry.
LONG_TOGETHER: Inputs = (
    {
        "W": np.array([[0.8, 0.4], [0.2, -0.4]]),
        "U": np.array([[0.3, -0.5], [0.1, 0.7]]),
        "b": np.array([0.6, -0.7]),
        "V": np.array([[0.9], [-0.2]]),
    },
    1.2,
)


@graded("gradients-clipping")
def clip_by_global_norm(
    gradients: Params, max_norm: float, *, global_norm: Callable[..., Any] = global_norm
) -> dict[str, Any]:
    """All gradients, scaled by one factor so that their global norm is at most `max_norm` (Pascanu et al., 2013)."""
    factor = max_norm / max(global_norm(gradients), max_norm)
    return {name: factor * gradient for name, gradient in gradients.items()}


@clip_by_global_norm.inputs
def draw_clip(rng: np.random.Generator, inputs: int, units: int, outputs: int) -> Inputs:
    """Much too long: the largest entry alone is too long."""
    (gradients,) = draw_gradients(rng, inputs, units, outputs)
    largest = max(np.max(np.abs(gradient)) for gradient in gradients.values())
    return gradients, float(largest * rng.uniform(0.3, 0.6))


@clip_by_global_norm.condition("other names and ranks")
def draw_other_clip(rng: np.random.Generator, inputs: int, units: int, outputs: int) -> Inputs:
    (gradients,) = draw_other_gradients(rng, inputs, units, outputs)
    return gradients, float(0.5 * global_norm(gradients))


@clip_by_global_norm.condition("a little too long")
def draw_slightly_too_long(rng: np.random.Generator, inputs: int, units: int, outputs: int) -> Inputs:
    (gradients,) = draw_gradients(rng, inputs, units, outputs)
    return gradients, float(0.97 * global_norm(gradients))


@clip_by_global_norm.condition("nearly too long")
def draw_nearly_too_long(rng: np.random.Generator, inputs: int, units: int, outputs: int) -> Inputs:
    (gradients,) = draw_gradients(rng, inputs, units, outputs)
    return gradients, float(1.03 * global_norm(gradients))


clip_by_global_norm.always("short gradients", *SHORT)
clip_by_global_norm.always("a gradient of zeros", *ZERO)
clip_by_global_norm.always("too long only together", *LONG_TOGETHER)


@clip_by_global_norm.right
def clip_by_branch(gradients: Params, max_norm: float) -> Params:
    norm = global_norm(gradients)
    if norm <= max_norm:
        return {name: gradient.copy() for name, gradient in gradients.items()}
    return {name: gradient * (max_norm / norm) for name, gradient in gradients.items()}


@clip_by_global_norm.right
def clip_one_vector(gradients: Params, max_norm: float) -> Params:
    flat = np.concatenate([gradient.ravel() for gradient in gradients.values()])
    length = np.sqrt(flat @ flat)
    flat = flat * min(1, max_norm / (length + 1e-30))
    clipped, start = {}, 0
    for name, gradient in gradients.items():
        clipped[name] = flat[start : start + gradient.size].reshape(gradient.shape)
        start += gradient.size
    return clipped


@clip_by_global_norm.right
def clip_in_place_on_copies(gradients: Params, max_norm: float) -> Params:
    clipped = {name: np.copy(gradient) for name, gradient in gradients.items()}
    excess = float(sum(np.vdot(gradient, gradient) for gradient in clipped.values())) ** 0.5 / max_norm
    if excess > 1:
        for gradient in clipped.values():
            gradient /= excess
    return clipped


@clip_by_global_norm.wrong(
    "Each entry is clipped by itself, so the gradient points elsewhere.",
    "Clipping by norm shortens the gradient and keeps its direction: one factor for all entries.",
)
def clip_each_entry(gradients: Params, max_norm: float) -> Params:
    return {name: np.clip(gradient, -max_norm, max_norm) for name, gradient in gradients.items()}


@clip_by_global_norm.wrong(
    "Each array is clipped by its own norm, so the gradient points elsewhere.",
    "One norm and one factor for all arrays together.",
)
def clip_each_array(gradients: Params, max_norm: float) -> Params:
    clipped = {}
    for name, gradient in gradients.items():
        norm = np.linalg.norm(gradient)
        clipped[name] = gradient * max_norm / norm if norm > max_norm else gradient
    return clipped


@clip_by_global_norm.wrong(
    "The gradients are always scaled, also when they are short.",
    "What is to happen to a norm that is below `max_norm`, and to a gradient of zeros?",
)
def clip_always(gradients: Params, max_norm: float) -> Params:
    norm = global_norm(gradients)
    return {name: gradient * (max_norm / norm) for name, gradient in gradients.items()}


@clip_by_global_norm.wrong(
    "The gradients are handed back as they came.", "If the global norm is above `max_norm`, they must become shorter."
)
def clip_never(gradients: Params, max_norm: float) -> Params:
    return {name: gradient + 0 for name, gradient in gradients.items()}


@clip_by_global_norm.wrong("Long gradients are brought to length 1.", "How long may they be?")
def clip_to_length_one(gradients: Params, max_norm: float) -> Params:
    norm = global_norm(gradients)
    return {name: gradient / norm if norm > max_norm else gradient for name, gradient in gradients.items()}


@clip_by_global_norm.wrong(
    "Long gradients become longer: the factor is upside down.", "After clipping the norm should be `max_norm`."
)
def clip_factor_upside_down(gradients: Params, max_norm: float) -> Params:
    norm = global_norm(gradients)
    return {name: gradient * norm / max_norm if norm > max_norm else gradient for name, gradient in gradients.items()}


@clip_by_global_norm.wrong(
    "Short gradients are made longer and long ones are left.", "Which of the two is to be changed?"
)
def clip_when_small(gradients: Params, max_norm: float) -> Params:
    norm = global_norm(gradients)
    return {
        name: gradient * max_norm / norm if 0 < norm < max_norm else gradient for name, gradient in gradients.items()
    }


@clip_by_global_norm.wrong(
    "The square of the norm is used.", "Compute the norm of your result: it should be `max_norm`."
)
def clip_by_squared_norm(gradients: Params, max_norm: float) -> Params:
    norm = global_norm(gradients) ** 2
    return {name: gradient * max_norm / norm if norm > max_norm else gradient for name, gradient in gradients.items()}


@clip_by_global_norm.wrong(
    "The largest entry takes the place of the global norm.", "The length of the whole gradient decides."
)
def clip_by_largest_entry(gradients: Params, max_norm: float) -> Params:
    norm = max(np.max(np.abs(gradient)) for gradient in gradients.values())
    return {name: gradient * max_norm / norm if norm > max_norm else gradient for name, gradient in gradients.items()}


@clip_by_global_norm.wrong(
    "The sum of the arrays' norms takes the place of the global norm.", "You have a function for the global norm."
)
def clip_by_sum_of_norms(gradients: Params, max_norm: float) -> Params:
    norm = sum(np.linalg.norm(gradient) for gradient in gradients.values())
    return {name: gradient * max_norm / norm if norm > max_norm else gradient for name, gradient in gradients.items()}


@clip_by_global_norm.wrong(
    "Gradients that are too long are replaced by zeros.",
    "They are shortened; their direction is still worth something.",
)
def clip_to_nothing(gradients: Params, max_norm: float) -> Params:
    norm = global_norm(gradients)
    return {name: gradient * (norm <= max_norm) for name, gradient in gradients.items()}


# --- orthogonal_kernel -----------------------------------------------------------------------------------------------


@graded("gradients-orthogonal", outputs=("the kernel",))
def orthogonal_kernel(a: Array, gain: float) -> Array:
    """The Q of a = QR with a positive diagonal of R, times `gain` (Saxe et al., 2014; Keras's Orthogonal)."""
    Q, R = np.linalg.qr(a)
    return gain * Q * np.sign(np.diag(R))


def with_signs(rng: np.random.Generator, units: int, kind: Callable[[Array], Any]) -> Array:
    """A well-conditioned matrix; the signs on the diagonal of LAPACK's R are of this kind."""
    while True:
        a = rng.normal(size=(units, units))
        if np.linalg.cond(a) < 20 and kind(np.diag(np.linalg.qr(a)[1]) < 0):
            return a


def draw_gain(rng: np.random.Generator) -> float:
    return float(rng.choice([0.5, 0.8, 1.25, 1.5]))


@orthogonal_kernel.inputs(units=range(3, 6))
def draw_orthogonal(rng: np.random.Generator, units: int) -> Inputs:
    """LAPACK's R has both signs on its diagonal; that of a single unit is negative."""
    mixed = with_signs(rng, units, lambda negative: negative.any() and (units == 1 or not negative.all()))
    return mixed, draw_gain(rng)


@orthogonal_kernel.condition("signs that are right already")
def draw_positive_signs(rng: np.random.Generator, units: int) -> Inputs:
    return with_signs(rng, 3, lambda negative: not negative.any()), draw_gain(rng)


@orthogonal_kernel.condition("signs that are all wrong")
def draw_negative_signs(rng: np.random.Generator, units: int) -> Inputs:
    return with_signs(rng, 3, lambda negative: negative.all()), draw_gain(rng)


@orthogonal_kernel.condition("a gain of one")
def draw_without_gain(rng: np.random.Generator, units: int) -> Inputs:
    return draw_orthogonal(rng, units)[0], 1.0


@orthogonal_kernel.right
def orthogonal_by_gram_schmidt(a: Array, gain: float) -> Array:
    Q = np.array(a, dtype=float)
    for n in range(len(Q)):
        for done in range(n):
            Q[:, n] -= (Q[:, done] @ Q[:, n]) * Q[:, done]
        Q[:, n] /= np.sqrt(Q[:, n] @ Q[:, n])
    return gain * Q


@orthogonal_kernel.right
def orthogonal_by_cholesky(a: Array, gain: float) -> Array:
    L = np.linalg.cholesky(a.T @ a)
    return gain * np.linalg.solve(L, a.T).T


@orthogonal_kernel.right
def orthogonal_column_by_column(a: Array, gain: float) -> Array:
    Q, R = np.linalg.qr(a)
    columns = (q if r > 0 else -q for q, r in zip(Q.T, R.diagonal()))
    return np.stack([gain * column for column in columns], axis=1)


@orthogonal_kernel.wrong(
    "Q is handed back with the signs that the library happened to choose.",
    "Only one QR has a positive diagonal in R. What must happen to Q's columns to get there?",
)
def signs_left_out(a: Array, gain: float) -> Array:
    return gain * np.linalg.qr(a)[0]


@orthogonal_kernel.wrong("The signs multiply the rows of Q.", "In QR, entry n of R's diagonal goes with column n of Q.")
def signs_on_rows(a: Array, gain: float) -> Array:
    Q, R = np.linalg.qr(a)
    return gain * Q * np.sign(np.diag(R))[:, None]


@orthogonal_kernel.wrong("This is R, a triangle.", "Which of the two factors is orthogonal?")
def triangle_returned(a: Array, gain: float) -> Array:
    R = np.linalg.qr(a)[1]
    return gain * R * np.sign(np.diag(R))[:, None]


@orthogonal_kernel.wrong("Q is transposed.", "It is orthogonal as well, but it is not the factor that is asked for.")
def orthogonal_transposed(a: Array, gain: float) -> Array:
    Q, R = np.linalg.qr(a)
    return gain * (Q * np.sign(np.diag(R))).T


@orthogonal_kernel.wrong(
    "The gain has no effect.",
    "All singular values are to be `gain`. Scaling before the QR does not do it: R takes it up.",
)
def gain_ignored(a: Array, gain: float) -> Array:
    Q, R = np.linalg.qr(a)
    return Q * np.sign(np.diag(R))


@orthogonal_kernel.wrong("The result is divided by the gain.", "All singular values are to be `gain`.")
def gain_divides(a: Array, gain: float) -> Array:
    Q, R = np.linalg.qr(a)
    return Q * np.sign(np.diag(R)) / gain


@orthogonal_kernel.wrong(
    "Q is multiplied by R's diagonal, so its columns no longer have the same length.", "Only the signs matter."
)
def diagonal_for_signs(a: Array, gain: float) -> Array:
    Q, R = np.linalg.qr(a)
    return gain * Q * np.diag(R)


@orthogonal_kernel.wrong(
    "The columns have the right length, but they are not at right angles.", "Look at kernel.T @ kernel."
)
def columns_normalised(a: Array, gain: float) -> Array:
    return gain * a / np.linalg.norm(a, axis=0)


@orthogonal_kernel.wrong(
    "The rows have the right length, but they are not at right angles.", "Look at kernel @ kernel.T."
)
def rows_normalised(a: Array, gain: float) -> Array:
    return gain * a / np.linalg.norm(a, axis=1, keepdims=True)


@orthogonal_kernel.wrong(
    "The matrix is scaled so that its spectral radius is the gain.",
    "Then one singular value may be large and another small. All of them are to be equal.",
)
def scaled_to_radius(a: Array, gain: float) -> Array:
    return gain * a / np.max(np.abs(np.linalg.eigvals(a)))


@orthogonal_kernel.wrong(
    "This is the orthogonal matrix nearest to a.", "It would be a good start too, but the Q of QR is asked for."
)
def nearest_orthogonal(a: Array, gain: float) -> Array:
    left, _, right = np.linalg.svd(a)
    return gain * left @ right


@orthogonal_kernel.wrong(
    "The signs are taken from the diagonal of Q.", "It is the diagonal of the other factor that is to be positive."
)
def signs_of_q(a: Array, gain: float) -> Array:
    Q, _ = np.linalg.qr(a)
    return gain * Q * np.sign(np.diag(Q))


@orthogonal_kernel.wrong(
    "All entries are made positive.", "The signs of R's diagonal turn whole columns of Q; entries can be negative."
)
def absolute_values(a: Array, gain: float) -> Array:
    return gain * np.abs(np.linalg.qr(a)[0])


@orthogonal_kernel.wrong(
    "All signs of Q are turned.", "Only those columns change for which R's diagonal is negative. Which ones are they?"
)
def every_sign_turned(a: Array, gain: float) -> Array:
    return -gain * np.linalg.qr(a)[0]


@orthogonal_kernel.wrong("The result is multiplied by the gain's square root.", "All singular values are to be `gain`.")
def gain_rooted(a: Array, gain: float) -> Array:
    Q, R = np.linalg.qr(a)
    return np.sqrt(gain) * Q * np.sign(np.diag(R))
