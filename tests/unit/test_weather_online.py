"""Fetching by coordinates: answers made up in the services' own shape become weather; without a network the error says what to do."""

import json

import numpy as np
import pytest

pytest.importorskip("pvlib")

import pandas as pd
import requests
from data_weather.years import CHIFENG

from gridsim.errors import DefinitionError
from gridsim.profiles.weather.importers import online


class Answer:
    """What `requests.get` returns, as far as pvlib looks at it."""

    def __init__(self, tree, status=200):
        self.text = tree if isinstance(tree, str) else json.dumps(tree)
        self.ok = status < 400
        self.status_code = status

    def json(self):
        try:
            return json.loads(self.text)
        except ValueError as error:
            raise requests.exceptions.JSONDecodeError("no JSON", self.text, 0) from error

    def raise_for_status(self):
        raise requests.HTTPError(f"{self.status_code} Server Error")


@pytest.fixture
def service(monkeypatch):
    """Answers to be given, or an exception to be raised; the questions that were asked."""
    state = {"asked": []}

    def get(url, params=None, timeout=None):
        state["asked"].append((url, params))
        if isinstance(state["answer"], Exception):
            raise state["answer"]
        return state["answer"]

    monkeypatch.setattr(requests, "get", get)
    return state


def typical_year():
    stamps = pd.date_range("2019-01-01", periods=8760, freq="h")
    rows = [
        {"time(UTC)": f"{2004 + stamp.month}{stamp:%m%d:%H%M}", "T2m": n % 30, "RH": 50, "G(h)": n / 10, "Gb(n)": 0, "Gd(h)": n / 10, "WS10m": 3, "SP": 94000}
        for n, stamp in enumerate(stamps)
    ]
    place = {"latitude": 42.27, "longitude": 118.96, "elevation": 571.0}
    months = [{"month": month, "year": 2004 + month} for month in range(1, 13)]
    return {"inputs": {"location": place}, "outputs": {"months_selected": months, "tmy_hourly": rows}, "meta": {"inputs": {}}}


def hourly_year(year):
    stamps = pd.date_range(f"{year}-01-01 00:10", f"{year}-12-31 23:10", freq="h")
    rows = [
        {"time": f"{stamp:%Y%m%d:%H%M}", "Gb(i)": 100.0, "Gd(i)": 50.0, "Gr(i)": 0.0, "H_sun": 0.0, "T2m": float(stamp.hour), "WS10m": 3.0, "Int": 0.0}
        for stamp in stamps
    ]
    place = {"latitude": 42.27, "longitude": 118.96, "elevation": 571.0}
    mounting = {"fixed": {"slope": {"value": 0}, "azimuth": {"value": 0}}}
    return {"inputs": {"location": place, "mounting_system": mounting}, "outputs": {"hourly": rows}, "meta": {"inputs": {}}}


def nasa_years(first, last):
    stamps = pd.date_range(f"{first}-01-01", f"{last}-12-31 23:00", freq="h").strftime("%Y%m%d%H")
    values = {"ALLSKY_SFC_SW_DWN": 300.0, "ALLSKY_SFC_SW_DNI": 200.0, "ALLSKY_SFC_SW_DIFF": 100.0, "T2M": 9.0, "WS50M": 6.5, "PS": 94.0, "RH2M": 45.0}
    series = {name: dict.fromkeys(stamps, value) for name, value in values.items()}
    series["T2M"] = dict(zip(stamps, np.arange(len(stamps)) % 24 * 1.0, strict=True))
    series["WS50M"][stamps[100]] = -999.0
    header = {"title": "made up", "fill_value": -999.0, "sources": ["SYN1DEG", "MERRA2"], "start": f"{first}0101", "end": f"{last}1231"}
    units = {name: {"units": "kPa" if name == "PS" else "other", "longname": name} for name in values}
    geometry = {"type": "Point", "coordinates": [118.96, 42.27, 640.0]}
    return {"geometry": geometry, "properties": {"parameter": series}, "header": header, "times": {}, "parameters": units}


def test_pvgis_typical_year(service):
    """Proves: local midnight holds the value of 31 December 16:00 UTC, hour 8752 of the answer."""
    service["answer"] = Answer(typical_year())
    imported = online.fetch_pvgis(CHIFENG)
    table = imported.weather.table
    assert len(table) == 8760 and table["ghi_w_per_m2"].iloc[0] == pytest.approx(875.2) and table["relative_humidity"].iloc[0] == 0.5
    assert imported.weather.site == CHIFENG and "PVGIS" in imported.weather.origin and "European Union" in imported.weather.licence
    url, asked = service["asked"][0]
    assert url.endswith("/tmy") and (asked["lat"], asked["lon"]) == (42.27, 118.96)


def test_pvgis_calendar_year(service):
    """Proves: hour h UTC at ten past is hour h + 8 of Chifeng; beam and diffuse on the plane of slope 0 add to 150 W/m2; 2020 keeps 8784 hours."""
    service["answer"] = Answer(hourly_year(2020))
    imported = online.fetch_pvgis(CHIFENG, 2020, time_zone="Asia/Shanghai")
    table = imported.weather.table
    assert len(table) == 8784 and table["temperature_degc"].iloc[:9].to_list() == [16.0, 17.0, 18.0, 19.0, 20.0, 21.0, 22.0, 23.0, 0.0]
    assert table["ghi_w_per_m2"].iloc[100] == 150.0 and (service["asked"][0][1]["startyear"], service["asked"][0][1]["endyear"]) == (2020, 2020)


def test_nasa_power(service):
    """Proves: kPa become Pa and percent shares; the fill value −999 becomes a filled gap; two years of UTC wrap at their ends."""
    service["answer"] = Answer(nasa_years(2020, 2021))
    imported = online.fetch_nasa_power(CHIFENG, 2020, 2021)
    table = imported.weather.table
    assert len(table) == 8784 + 8760 and imported.weather.wind_height_m == 50.0
    assert table.iloc[20][["pressure_pa", "relative_humidity", "wind_speed_m_per_s"]].to_list() == [94000.0, 0.45, 6.5]
    assert table["temperature_degc"].iloc[8] == 0.0 and any(finding.check == "gaps" and finding.count == 1 for finding in imported.findings)
    asked = service["asked"][0][1]
    assert (asked["start"], asked["end"], asked["time-standard"]) == ("20200101", "20211231", "utc") and "WS50M" in asked["parameters"]


FAULTS = {
    "offline": (requests.exceptions.ConnectionError("Max retries exceeded: NameResolutionError"), "cannot be reached"),
    "slow": (requests.exceptions.ReadTimeout("read timed out"), "does not answer in time"),
    "refused": (Answer({"message": "Location over the sea. Please, select another location"}, 400), "refuses: Location over the sea"),
    "page instead of data": (Answer("<html>maintenance</html>"), "an answer that cannot be read"),
    "other keys": (Answer({"surprise": 1}), "an answer that cannot be read"),
    "server error": (Answer("<html>", 500), "refuses: 500"),
}


@pytest.mark.parametrize("name", FAULTS)
@pytest.mark.parametrize("year", [None, 2020])
def test_faults_of_pvgis_are_words(service, name, year):
    service["answer"], words = FAULTS[name]
    with pytest.raises(DefinitionError) as caught:
        online.fetch_pvgis(CHIFENG, year)
    assert words in str(caught.value) and "read a file instead" in str(caught.value) and "42.27 N" in str(caught.value)


@pytest.mark.parametrize("name", ["offline", "slow", "other keys", "page instead of data"])
def test_faults_of_nasa_power_are_words(service, name):
    service["answer"], words = FAULTS[name]
    with pytest.raises(DefinitionError, match=words):
        online.fetch_nasa_power(CHIFENG, 2020, 2020)


def test_years_in_the_wrong_order_are_not_asked_for(service):
    with pytest.raises(DefinitionError, match="before the first"):
        online.fetch_nasa_power(CHIFENG, 2021, 2020)
    assert not service["asked"]


def test_an_incomplete_answer_is_refused(service):
    """Proves: a service that leaves March out does not end as a year with an invented March."""
    tree = nasa_years(2021, 2021)
    for series in tree["properties"]["parameter"].values():
        for stamp in [stamp for stamp in series if stamp.startswith("202103")]:
            series[stamp] = -999.0
    service["answer"] = Answer(tree)
    with pytest.raises(DefinitionError, match="744 h are missing"):
        online.fetch_nasa_power(CHIFENG, 2021, 2021)
