"""QGIS without a display loads a mask by its address, reads its legend and samples it. Prints the values that it met.

A process for each layer: GDAL keeps what it has read, and the second is to be read as well.
"""

import os
import sys

os.environ["QT_QPA_PLATFORM"] = "offscreen"

from qgis.core import Qgis, QgsApplication, QgsPalettedRasterRenderer, QgsRasterLayer  # noqa: E402

# Value → colour and name, as the process describes them.
CLASSES = {
    0: ("#4cae5c", "clear sky"),
    1: ("#522574", "thick clouds"),
    2: ("#c0e6fb", "thin clouds"),
    3: ("#a81c20", "cloud shadows"),
}


def check(condition, words):
    if not condition:
        raise AssertionError(words)


def look_into(address):
    """Legend and samples of a layer."""
    layer = QgsRasterLayer(f"/vsicurl/{address}", "mask")
    check(layer.isValid(), f"{address} is no valid layer")
    check(layer.crs().authid() == "EPSG:32632", f"the CRS is {layer.crs().authid()}")
    renderer = layer.renderer()
    check(isinstance(renderer, QgsPalettedRasterRenderer), f"it is drawn by {renderer.type()}")
    legend = {int(one.value): (one.color.name(), one.label) for one in renderer.classes()}
    for value, (color, name) in CLASSES.items():
        check(legend.get(value, ("",))[0] == color, f"the legend is {legend}")
        check(f"{value}={name}" in layer.htmlMetadata(), f"no class is called {name}")
    extent = layer.extent()
    samples = set()
    for x in range(1, 20):
        for y in range(1, 20):
            point = extent.center()
            point.setX(extent.xMinimum() + extent.width() * x / 20)
            point.setY(extent.yMinimum() + extent.height() * y / 20)
            value, is_data = layer.dataProvider().sample(point, 1)
            samples.add(int(value) if is_data else 255)
    check(samples <= {*CLASSES, 255} and len(samples) > 1, f"the samples are {samples}")
    return samples


application = QgsApplication([], False)
application.initQgis()
print(f"QGIS {Qgis.QGIS_VERSION}, samples {sorted(look_into(sys.argv[1]))}")
application.exitQgis()
