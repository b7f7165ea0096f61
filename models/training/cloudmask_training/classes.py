"""The seven classes and sets of them as bits of a byte."""

LAND, WATER, SNOW, THIN, THICK, SHADOW, NO_DATA = range(7)
CLASS_NAMES = ("land", "water", "snow", "thin", "thick", "shadow", "no data")
CLASS_COUNT = len(CLASS_NAMES)


def bits(*classes: int) -> int:
    """The set of some classes: bit `c` stands for class `c`."""
    return sum(1 << c for c in classes)


CLEAR = bits(LAND, WATER, SNOW)
CLOUD = bits(THIN, THICK)
CLEAR_OR_SHADOW = CLEAR | bits(SHADOW)
ANYTHING = CLEAR | CLOUD | bits(SHADOW)
