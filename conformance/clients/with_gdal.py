"""GDAL reads a result by /vsicurl/: with and without HEAD, by ranges, and with all the names that it tries beside it."""

from urllib.parse import quote

import rasterio

from cog import look_into
from plain_http import dismiss, run_job
from steps import URL, check, step


def open_it():
    """Every way gives the same pixels."""
    ways = [
        f"/vsicurl/{mask}",
        f"/vsicurl?use_head=no&list_dir=no&url={quote(mask, safe='')}",
        f"/vsicurl/{URL}/jobs/{job}/results/cloud_mask",
    ]
    sums = []
    for way in ways:
        with rasterio.Env(CPL_VSIL_CURL_CHUNK_SIZE=16384), rasterio.open(way) as raster:
            sums.append((raster.checksum(1), raster.overviews(1)))
    check(all(one == sums[0] for one in sums), f"the ways give {sums}")
    return look_into(mask)


def dismiss_it():
    """Nothing is left that GDAL could read."""
    _, status = dismiss(job)
    try:
        rasterio.open(f"/vsicurl/{mask}?gone").close()
    except rasterio.errors.RasterioIOError:
        return None, f"{status}, and the mask is gone"
    raise AssertionError("the mask can still be read")


job, mask = run_job()
step("open", open_it)
step("dismiss", dismiss_it)
