"""What the scripts of the clients share: steps that are reported, and a look into the result with GDAL.

Each script is called with the root of the API and a product. It prints a line for each step, "step<TAB>outcome<TAB>detail",
and ends with the first step that fails.
"""

import sys
import time

import rasterio

PROCESS = "senseiv2-cloudmask"
URL, PRODUCT = (sys.argv + ["", ""])[1:3]
INPUTS = {"product": PRODUCT, "stride": 512}
ENDED = {"successful", "failed", "dismissed"}


def step(name, work):
    """Does one step and reports it. `work` returns what the next step needs and a few words."""
    try:
        value, detail = work()
    except Exception as error:  # Whatever a client cannot cope with is what we want to hear of.
        text = " ".join(f"{type(error).__name__}: {error}".split())
        print(f"{name}\tfailed\t{text[:300]}", flush=True)
        sys.exit(1)
    print(f"{name}\tok\t{detail}", flush=True)
    return value


def check(condition, words):
    """An assertion that stays."""
    if not condition:
        raise AssertionError(words)


def until_ended(status):
    """Asks for the status until the job has ended."""
    deadline = time.monotonic() + 120
    while True:
        found = status()
        if found in ENDED:
            check(found == "successful", f"the job is {found}")
            return None, found
        check(time.monotonic() < deadline, f"the job is still {found}")
        time.sleep(0.3)


def look_into(href):
    """Opens a cloud mask by its address, as GDAL does: header, overviews, colours, classes."""
    with rasterio.open(f"/vsicurl/{href}") as mask:
        check(mask.driver == "GTiff", f"the driver is {mask.driver}")
        check(mask.tags(ns="IMAGE_STRUCTURE").get("LAYOUT") == "COG", "it is not laid out as a COG")
        check(mask.nodata == 255, f"NoData is {mask.nodata}")
        check(mask.crs.to_epsg() == 32632, f"the CRS is {mask.crs}")
        check(mask.colormap(1)[0][:3] == (0x4C, 0xAE, 0x5C), "class 0 is not green")
        values = set(mask.read(1).flat)
        check(values <= {0, 1, 2, 3, 255}, f"the values are {sorted(values)}")
        return None, f"{mask.width} x {mask.height}, {mask.crs}, GDAL {rasterio.__gdal_version__}"
