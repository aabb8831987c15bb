"""What is wrong with ``vpp.markets:``, said in the park's words and all at once."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError

from gridsim.park.billing import BillTerms, Certificates
from gridsim.park.read import read_park
from gridsim.vpp.market.checks import market_findings
from gridsim.vpp.market.market import markets
from gridsim.vpp.market.section import MarketsSection

STARTER = Path(__file__).parents[2] / "networks" / "starter"


@pytest.fixture(scope="module")
def park():
    found = read_park(STARTER, hours=(0, 24))
    return dataclasses.replace(found, profiles={**found.profiles, "day_ahead": np.full(24, 300.0)})


def findings(park, offers: dict, **keys) -> dict[str, str]:
    section = MarketsSection.model_validate({"offers": offers, **keys})
    return {path: f"{found} -> {remedy}" for path, found, remedy in market_findings(section, park)}


def test_a_sound_section_has_nothing(park):
    offers = {
        "im-spot-day-ahead": {"price_profile": "day_ahead"},
        "gd-regulation-2018": {"price_profile": "day_ahead", "share": 0.5},
        "cn-reserve": {"terms": {"capacity_price_cny_per_mw_h": 10.0}},
        "nc-peak-response": {"baseline": "pjm-4-of-5", "terms": {"minimum_mw": 1.0}},
        "cn-green-certificate": {"terms": {"certificate_price_cny_per_mwh": 5.0}},
    }
    assert findings(park, offers, connection="grid") == {}
    found = markets(park, MarketsSection.model_validate({"offers": offers}))
    assert list(found) == list(offers)
    assert found["gd-regulation-2018"].share == 0.5 and found["nc-peak-response"].term("minimum_mw") == 1.0
    assert found["nc-peak-response"].baseline.id == "pjm-4-of-5"


def test_all_that_is_wrong_is_said(park):
    found = findings(
        park,
        {
            "cn-reserv": {},
            "cn-reserve": {},
            "im-spot-day-ahead": {"price_profile": "day_ahed", "baseline": "cn-five-days"},
            "nc-peak-response": {"terms": {"minimum_mv": 1.0}, "price_profile": "day_ahead"},
            "nc-valley-filling": {"terms": {"calls_per_year": -1.0}, "baseline": "five-days"},
            "sn-regulation-draft": {"terms": {"call_price_cny_per_mw": 1.0}},
        },
        connection="gird",
    )
    assert "did you mean 'grid'" in found["vpp.markets.connection"]
    assert "did you mean 'cn-reserve'" in found["vpp.markets.offers.cn-reserv"]
    assert "is not stated in the market's document" in found["vpp.markets.offers.cn-reserve.terms.capacity_price_cny_per_mw_h"]
    assert "did you mean 'day_ahead'" in found["vpp.markets.offers.im-spot-day-ahead.price_profile"]
    assert "not measured against a baseline" in found["vpp.markets.offers.im-spot-day-ahead.baseline"]
    assert "did you mean 'minimum_mw'" in found["vpp.markets.offers.nc-peak-response.terms.minimum_mv"]
    assert "no series of such prices" in found["vpp.markets.offers.nc-peak-response.price_profile"]
    assert "below 0" in found["vpp.markets.offers.nc-valley-filling.terms.calls_per_year"]
    assert "did you mean 'cn-five-days'" in found["vpp.markets.offers.nc-valley-filling.baseline"]
    assert "is no term of regulation" in found["vpp.markets.offers.sn-regulation-draft.terms.call_price_cny_per_mw"]
    assert len(found) == 10


def test_energy_needs_a_price(park):
    assert "no price without it" in findings(park, {"im-spot-day-ahead": {}})["vpp.markets.offers.im-spot-day-ahead.price_profile"]


def test_regulation_needs_the_price_of_its_mileage(park):
    """Proves: a capacity price of 0 alone does not settle a market that is paid by mileage."""
    assert "vpp.markets.offers.sn-regulation-draft.terms.mileage_price_cny_per_mw" in findings(park, {"sn-regulation-draft": {}})


def test_a_certificate_is_sold_once(park):
    bill = BillTerms(certificates=Certificates(price_cny_per_mwh=5.0, sold_share_of_export=1.0))
    selling = dataclasses.replace(park, tariffs={name: tariff.model_copy(update={"bill": bill}) for name, tariff in park.tariffs.items()})
    found = findings(selling, {"cn-green-certificate": {"terms": {"certificate_price_cny_per_mwh": 5.0}}})
    assert "a MWh has one certificate" in found["vpp.markets.offers.cn-green-certificate"]


def test_the_price_of_certificates_may_stand_in_the_tariff(park):
    bill = BillTerms(certificates=Certificates(price_cny_per_mwh=5.0))
    priced = dataclasses.replace(park, tariffs={name: tariff.model_copy(update={"bill": bill}) for name, tariff in park.tariffs.items()})
    assert findings(priced, {"cn-green-certificate": {}}) == {}
    assert "not stated" in findings(park, {"cn-green-certificate": {}})["vpp.markets.offers.cn-green-certificate.terms.certificate_price_cny_per_mwh"]


def test_energy_is_sold_once(park, tmp_path):
    other = Path(__file__).parents[2] / "gridsim" / "data" / "markets" / "im-spot-day-ahead.yaml"
    (tmp_path / "markets").mkdir()
    (tmp_path / "markets" / "my-spot.yaml").write_text(other.read_text(encoding="utf-8").replace("id: im-spot-day-ahead", "id: my-spot"), encoding="utf-8")
    own = dataclasses.replace(park, folder=tmp_path)
    found = findings(own, {"im-spot-day-ahead": {"price_profile": "day_ahead"}, "my-spot": {"price_profile": "day_ahead"}})
    assert found == {"vpp.markets.offers.my-spot": "energy is already sold to im-spot-day-ahead -> keep one of the two"}


def test_nothing_offered_is_no_section():
    with pytest.raises(ValidationError):
        MarketsSection.model_validate({"offers": {}})


def test_the_section_and_its_checks_load_no_engine():
    """Proves: `gridsim validate` stays quick; no engine, table or solver is imported for it."""
    code = (
        "import sys, gridsim.vpp.market.section, gridsim.vpp.market.checks; "
        "print([m for m in ('pandas', 'pypsa', 'scipy', 'highspy', 'linopy', 'pandapower', 'plotly') if m in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


def test_a_baseline_that_does_not_exist_is_all_that_is_wrong_with_an_offer_that_is_sound_otherwise(park):
    """The market is not asked for its baseline then, which would refuse it without a line of the file."""
    found = findings(park, {"nc-peak-response": {"baseline": "five-days"}}, connection="grid")
    assert list(found) == ["vpp.markets.offers.nc-peak-response.baseline"]
