"""Every public function of `glvortex.micro` with one argument wrong at a time."""

import inspect
import warnings

import numpy as np
import pytest
from scipy.constants import e, m_e

from glvortex import micro
from glvortex.errors import ParameterError
from glvortex.micro import Electrons, dirac, exact, exact_metal, screening

MEV = 1e-3 * e
GOOD = {
    "effective_mass": m_e, "rashba_length2": 1e-20, "gap": 0.4 * MEV, "rashba_energy": 2 * MEV,
    "temperature": 1.0, "broadening": 0.1 * MEV, "lande_factor": 2.0, "gamma": 1e13,
    "potential_step": 0.05, "chi_spin": 1e37, "perpendicular_step": 0.1, "depth": 1e-9,
    "fermi_wavenumber": 1e9, "chemical_potential": 300 * MEV, "radial_slope": 1.0,
    "current_coefficient": 1.0, "g_soc": 1.0, "critical_temperature": 2.7, "zero_gap": 0.4 * MEV,
    "reduced_temperature": 0.5, "layer_spacing": 1e-9, "density": 1e27, "fermi_velocity": 1e5,
    "thermal_energy": 0.1 * MEV, "delta": 0.5, "velocity": 5e5, "mass": m_e, "warping": 1e-50,
    "exchange": 10 * MEV, "index": 2, "gradient": 1e-12, "mass_term": MEV, "cutoff": 600 * MEV,
    "kx": 1e8, "ky": 1e8, "charge": 0.016, "radius": 2e-7, "edge_width": 5e-8,
    "compressibility": 8e37, "distance": 2e-7, "accuracy": 1e-4,
}  # fmt: skip
SIGNED = {
    "rashba_length2", "potential_step", "gamma", "lande_factor", "radial_slope", "g_soc", "charge",
    "current_coefficient", "warping", "exchange", "index", "mass_term", "kx", "ky",
}  # fmt: skip
ZERO = {*SIGNED, "temperature", "thermal_energy", "broadening", "reduced_temperature", "distance"}
ZERO |= {"delta", "gap", "rashba_energy"}
OTHERS = {"vorticity", "chi_semimetal"}  # tested by themselves


def functions():
    for module in (micro, dirac, screening, exact_metal):
        for name, function in inspect.getmembers(module, inspect.isfunction):
            home = micro.__name__ if module is micro else module.__name__
            public = not name.startswith("_") and function.__module__.startswith(home)
            if public and name not in {*OTHERS, "checked"}:
                yield pytest.param(module, function, id=f"{module.__name__[9:]}.{name}")


FUNCTIONS = list(functions())


def call(function, arguments):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        result = function(**arguments)
    return np.asarray(getattr(result, "value", result))


def refused(function, arguments, name):
    with pytest.raises(ParameterError) as caught:
        call(function, arguments)
    text = str(caught.value)
    assert name in text and text.endswith(".") and ". " not in text, text


@pytest.mark.parametrize(("module", "function"), FUNCTIONS)
def test_wrong_arguments_get_one_sentence(module, function):
    parameters = inspect.signature(function).parameters
    good = {name: GOOD[name] for name in parameters if name in GOOD}
    if function is not exact_metal.electrons:
        assert np.all(np.isfinite(call(function, good)))
    for name in good:
        for bad in (np.nan, "many", [1.0, np.nan]):
            refused(function, {**good, name: bad}, name)
        negative = {**good, name: -GOOD[name]}
        signed = name in SIGNED or (name in ("chemical_potential", "gradient") and module is dirac)
        if signed and function is not dirac.landau_levels:
            assert np.all(np.isfinite(call(function, negative)))
        elif not signed:
            refused(function, negative, name)
        if name not in ("delta", "mass"):  # whose infinity is a limit
            refused(function, {**good, name: np.inf}, name)
        if name not in ZERO and name not in ("chemical_potential", "gradient"):
            refused(function, {**good, name: 0.0}, name)


@pytest.mark.parametrize(("module", "function"), FUNCTIONS)
def test_shapes_broadcast_or_are_named(module, function):
    # a sharp, cold superconductor: the engine is fast
    values = {**GOOD, "broadening": 0.0} if module is exact_metal else GOOD
    parameters = inspect.signature(function).parameters
    arrays = [n for n, p in parameters.items() if n in GOOD and p.annotation == "ArrayLike"]
    scalars = {n: values[n] for n in parameters if n in GOOD and n not in arrays}
    if not arrays:
        return
    # a column of the first against a row of all others
    first, *rest = arrays
    if "accuracy" in scalars:
        scalars["accuracy"] = 1e-2
    shaped = {first: np.full((2, 1), values[first])} | {n: np.full(3, values[n]) for n in rest}
    single = call(function, {**scalars, **{n: values[n] for n in arrays}})
    result = call(function, {**scalars, **shaped})
    assert result.shape[-2:] == ((2, 3) if rest else (2, 1))
    assert result[..., 0, 0] == pytest.approx(single, rel=1e-12)
    if rest:
        wrong = {**scalars, **shaped, first: np.full(2, values[first])}
        refused(function, wrong, "do not broadcast")
    for name in scalars:
        if parameters[name].annotation == "float":
            refused(function, {**scalars, **shaped, name: [values[name]] * 2}, "one number")


@pytest.mark.parametrize("form", [micro, exact_metal])
@pytest.mark.parametrize("gap", [0.0, 0.4 * MEV])
def test_no_rashba_energy_is_the_same_for_closed_forms_and_engine(form, gap):
    """gamma and chi name the limit; the spin susceptibility has one, that of Yosida."""
    mu = () if form is micro else (300 * MEV,)
    for call_it in (
        lambda: form.gamma(m_e, *mu, 1e-20, gap, 0.0, 1.0),
        lambda: form.chi(*mu, gap, [2 * MEV, 0.0], 1.0),
    ):
        with pytest.raises(ParameterError, match="take a small value for that limit"):
            call_it()
    perp = form.chi_spin_perp(m_e, *mu, gap, 0.0, 2.0)
    pauli = micro.spin_susceptibility(m_e) * micro.yosida(gap, 1.380649e-23 * 2.0)
    assert getattr(perp, "value", perp) == pytest.approx(float(pauli), rel=1e-4)


@pytest.mark.parametrize("accuracy", [0.0, -1e-3, 2.0, np.nan])
def test_accuracy_is_a_fraction(accuracy):
    model = Electrons(chemical_potential=0.5, rashba=0.1, gap=0.1)
    with pytest.raises(ParameterError, match="accuracy must be between 0 and 1"):
        exact.response(model, "spin_z", "exchange_z", accuracy)


def test_sums_over_touching_points():
    assert dirac.chi_semimetal([1, -1], [[1.0, 1.0], [1.0, -1.0]]) == pytest.approx(
        [0.0, 2.0 * micro.CHI_UNIT]
    )
    for turns, mu in (([1, 1], [0.0, 1.0]), ([1], [1.0, 1.0]), (1, 1.0), ([np.nan], [1.0])):
        with pytest.raises(ParameterError):
            dirac.chi_semimetal(turns, mu)
    with pytest.raises(ParameterError, match="cutoff must be above"):
        dirac.chi_spin_perp(2.0 * MEV, 5e5, MEV)


def test_parts_and_levels_that_are_none():
    with pytest.raises(ParameterError, match="part must be kinetic, spin or empty"):
        exact_metal.chi(300 * MEV, 0.4 * MEV, 2 * MEV, part="orbital")
    with pytest.raises(ParameterError, match="index must be whole numbers"):
        dirac.landau_levels([1, 1.5], 1e-12, 5e5, MEV)
