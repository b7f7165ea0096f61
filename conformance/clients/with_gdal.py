"""GDAL reads a result by /vsicurl/: with and without HEAD, by ranges, and with all the names that it tries beside it."""

import json
import urllib.request
from urllib.parse import quote

import rasterio

from steps import INPUTS, PROCESS, URL, check, look_into, step, until_ended


def asked(path, method="GET", body=None):
    """Plain HTTP for what is not GDAL's."""
    data = None if body is None else json.dumps(body).encode()
    headers = {} if body is None else {"Content-Type": "application/json"}
    request = urllib.request.Request(URL + path, data=data, headers=headers, method=method)
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)


def describe():
    return None, asked(f"/processes/{PROCESS}")["title"]


def execute():
    status = asked(f"/processes/{PROCESS}/execution", "POST", {"inputs": INPUTS})
    return status["jobID"], status["status"]


def results():
    document = asked(f"/jobs/{job}/results")
    return document["cloud_mask"]["href"], ", ".join(document)


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


def dismiss():
    status = asked(f"/jobs/{job}", "DELETE")["status"]
    check(status == "dismissed", f"the job is {status}")
    try:
        rasterio.open(f"/vsicurl/{mask}?gone").close()
    except rasterio.errors.RasterioIOError:
        return None, f"{status}, and the mask is gone"
    raise AssertionError("the mask can still be read")


step("describe", describe)
job = step("execute", execute)
step("poll", lambda: until_ended(lambda: asked(f"/jobs/{job}")["status"]))
mask = step("results", results)
step("open", open_it)
step("dismiss", dismiss)
