r"""Limits of voltage and loading by voltage level, where a table gives none of its own.

Voltage, GB/T 12325: at 35 kV and above the positive and the negative deviation together are at most 10 % of the nominal voltage; at 20 kV and below
three-phase supply stays within :math:`\pm 7` %. The standard leaves open how the 10 % are shared: here :math:`+7/-3` % up to 220 kV and :math:`+10/-0` %
at 330 kV and above, as the guide for voltage and reactive power SD 325 has it (recalled, M).

Loading: lines 80 % in normal operation and 100 % with one element out (facts of the reference park, M); transformers 100 % and 130 % (short-time emergency
load of large oil-immersed transformers as DL/T 572 allows it, recalled, M).
"""

from __future__ import annotations

HIGHEST_KV_OF_LOW_BAND = 20.0
LOWEST_KV_OF_EXTRA_HIGH_BAND = 330.0

BAND_TO_20_KV = (0.93, 1.07)
BAND_35_TO_220_KV = (0.97, 1.07)
BAND_FROM_330_KV = (1.00, 1.10)

LINE_NORMAL, LINE_N_1 = 0.8, 1.0
"""Largest loading of a line, normally and with one element out. [1]"""
TRANSFORMER_NORMAL, TRANSFORMER_N_1 = 1.0, 1.3
"""Largest loading of a transformer, normally and with one element out. [1]"""


def voltage_band(voltage_kv: float) -> tuple[float, float]:
    """Return the lowest and highest voltage of a level. [p.u.]

    Examples
    --------
    >>> voltage_band(10.0), voltage_band(35.0), voltage_band(500.0)
    ((0.93, 1.07), (0.97, 1.07), (1.0, 1.1))
    """
    if voltage_kv <= HIGHEST_KV_OF_LOW_BAND:
        return BAND_TO_20_KV
    return BAND_35_TO_220_KV if voltage_kv < LOWEST_KV_OF_EXTRA_HIGH_BAND else BAND_FROM_330_KV
