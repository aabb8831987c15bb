"""MATPOWER cases that convert their units at their end: understood, or refused with the line; never executed."""

from __future__ import annotations

import math

import numpy as np
import pytest

pandapower = pytest.importorskip("pandapower")

from gridsim.distribution.tables.importers import from_matpower  # noqa: E402
from gridsim.distribution.tables.matpower import read_matpower  # noqa: E402
from gridsim.errors import DefinitionError  # noqa: E402

CASE = """\
function mpc = three
mpc.version = '2';
mpc.baseMVA = 10;
mpc.bus = [  %% loads in kW and kvar
	1	3	0	0	0	0	1	1	0	12.66	1	1	1;
	2	1	100	60	0	0	1	1	0	12.66	1	1.1	0.9;
	3	1	90	40	0	0	1	1	0	12.66	1	1.1	0.9
];
mpc.gen = [1 0 0 10 -10 1 100 1 10 0 0 0 0 0 0 0 0 0 0 0 0];
mpc.branch = [  %% in ohm
	1	2	0.0922	0.0470	0	0	0	0	0	0	1	-360	360;
	2	3	0.4930	0.2511	0	0	0	0	0	0	1	-360	360
];
mpc.bus_name = {
	'a';
	'b = 2';
	'c'
};
"""
NAMES = """\
[PQ, PV, REF, NONE, BUS_I, BUS_TYPE, PD, QD, GS, BS, BUS_AREA, VM, ...
    VA, BASE_KV, ZONE, VMAX, VMIN, LAM_P, LAM_Q, MU_VMAX, MU_VMIN] = idx_bus;
[F_BUS, T_BUS, BR_R, BR_X, BR_B, RATE_A, RATE_B, RATE_C, ...
    TAP, SHIFT, BR_STATUS, PF, QF, PT, QT, MU_SF, MU_ST, ...
    ANGMIN, ANGMAX, MU_ANGMIN, MU_ANGMAX] = idx_brch;
"""
OHM = """\
Vbase = mpc.bus(1, BASE_KV) * 1e3;      %% in V
Sbase = mpc.baseMVA * 1e6;              %% in VA
mpc.branch(:, [BR_R BR_X]) = mpc.branch(:, [BR_R BR_X]) / (Vbase^2 / Sbase);
"""
KILOWATT = "mpc.bus(:, [PD, QD]) = mpc.bus(:, [PD, QD]) / 1e3;\n"


def written(tmp_path, text):
    path = tmp_path / "three.m"
    path.write_text(text, encoding="utf-8")
    return path


def test_ohm_and_kilowatt(tmp_path):
    """Proves: 0.0922 ohm over 12.66² kV² / 10 MVA = 16.02756 ohm is 0.00575259 p.u., and 100 kW are 0.1 MW; the network has its ohms back."""
    path = written(tmp_path, CASE + NAMES + OHM + KILOWATT)
    case = read_matpower(path)
    np.testing.assert_allclose(case["branch"][0, 2:4], [0.00575259, 0.00293245], rtol=1e-6)
    np.testing.assert_allclose(case["bus"][:, 2:4], [[0.0, 0.0], [0.1, 0.06], [0.09, 0.04]], rtol=1e-12)
    np.testing.assert_allclose(case["bus"][:, 9], 12.66)
    net = from_matpower(path).net
    assert net.load.p_mw.sum() == pytest.approx(0.19)
    np.testing.assert_allclose(net.line.r_ohm_per_km * net.line.length_km, [0.0922, 0.4930], rtol=1e-9)


def test_apparent_power_and_power_factor(tmp_path):
    """Proves: q = s sin(acos(0.85)) = 0.526783 s from a column of apparent power, then p = 0.85 s; one column of another, in this order."""
    text = CASE + NAMES + "pf = 0.85;\nmpc.bus(:, QD) = mpc.bus(:, PD) * sin(acos(pf));\nmpc.bus(:, PD) = mpc.bus(:, PD) * pf;\n"
    bus = read_matpower(written(tmp_path, text))["bus"]
    np.testing.assert_allclose(bus[1, 2:4], [85.0, 100.0 * math.sqrt(1.0 - 0.85**2)], rtol=1e-12)


def test_column_that_is_not_there(tmp_path):
    with pytest.raises(DefinitionError, match="a column that the table does not have"):
        read_matpower(written(tmp_path, CASE + "k = 2.5;\nmpc.bus(:, k) = mpc.bus(:, k) / 1e3;\n"))


def test_case_without_statements_stays_as_it_is(tmp_path):
    """Proves: a file that only states values, its names in braces included, comes over unchanged."""
    np.testing.assert_array_equal(read_matpower(written(tmp_path, CASE))["bus"][1, 2:4], [100.0, 60.0])


@pytest.mark.parametrize(
    ("statement", "why"),
    [
        ("mpc.bus = scale_load(2, mpc.bus);", "not a form that is known"),
        ("mpc.branch(1, BR_R) = 0.5;", "not a form that is known"),
        ("mpc.bus(:, PD) = mpc.branch(:, BR_R) * 2;", "columns of two tables"),
        ("mpc.bus(:, [PD QD]) = mpc.bus(:, [PD QD]) / kilo;", "'kilo' has no value"),
        ("mpc.bus(:, LOAD) = mpc.bus(:, LOAD) / 1e3;", "'LOAD' has no value"),
        ("k = system('echo');", "no scalar of known values"),
        ("k = __import__('os').getpid();", "no scalar of known values"),
        ("k = 1 / 0;", "no scalar of known values"),
        ("k = 2^3^2;", "no scalar of known values"),
        ("k = mpc.bus(9, PD);", "no scalar of known values"),
        ("mpc.bus(:, PD) = mpc.bus(:, PD) / 0;", "division by zero"),
        ("if 1", "not a form that is known"),
        ("for k = 1:3", "not a form that is known"),
        ("mpc.bus(:, [PD QD]) = mpc.bus(:, PD) * 2;", "not as many columns"),
    ],
)
def test_what_is_not_understood_is_refused_with_its_line(tmp_path, statement, why):
    """Proves: nothing is skipped silently, as units would be wrong; lines that go on in the next are counted."""
    line = CASE.count("\n") + NAMES.count("\n") + 1
    with pytest.raises(DefinitionError, match=rf"three\.m:{line}: computes in its file.*") as caught:
        read_matpower(written(tmp_path, CASE + NAMES + statement + "\n" + KILOWATT))
    assert why in str(caught.value) and statement.rstrip(";")[:40] in str(caught.value).replace("\\", "")
