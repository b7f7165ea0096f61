"""A look into a cloud mask with GDAL."""

import rasterio

from steps import check


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
