/** Position of the sun, to about half a degree: enough for shadows and metadata of a synthetic scene. */

export interface Sun {
  /** Degrees from the vertical. */
  readonly zenith: number;
  /** Degrees from north, clockwise: where the light comes from. */
  readonly azimuth: number;
  /** Mean squared distance of the sun by the present one, as `U` in the metadata. */
  readonly distanceFactor: number;
}

const radians = Math.PI / 180;

/** The sun at a time and place (degrees, east and north positive). */
export function sunPosition(time: Date, longitude: number, latitude: number): Sun {
  const yearStart = Date.UTC(time.getUTCFullYear(), 0, 1);
  const days = (time.getTime() - yearStart) / 86_400_000;
  const anomaly = (days - 3) * 0.9856 * radians;
  const eclipticLongitude = (days - 79.6) * 0.9856 * radians + 0.0334 * (Math.sin(anomaly) + 0.075);
  const declination = Math.asin(Math.sin(23.44 * radians) * Math.sin(eclipticLongitude));
  // Equation of time in minutes.
  const equation = -7.66 * Math.sin(anomaly) + 9.87 * Math.sin(2 * eclipticLongitude);
  const hours = (days % 1) * 24 + longitude / 15 + equation / 60;
  const hourAngle = (hours - 12) * 15 * radians;
  const phi = latitude * radians;
  const up =
    Math.sin(phi) * Math.sin(declination) +
    Math.cos(phi) * Math.cos(declination) * Math.cos(hourAngle);
  const east = -Math.cos(declination) * Math.sin(hourAngle);
  const north =
    Math.cos(phi) * Math.sin(declination) -
    Math.sin(phi) * Math.cos(declination) * Math.cos(hourAngle);
  return {
    zenith: Math.acos(up) / radians,
    azimuth: (Math.atan2(east, north) / radians + 360) % 360,
    distanceFactor: 1 + 0.0334 * Math.cos(anomaly),
  };
}
