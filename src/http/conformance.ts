const processes = 'http://www.opengis.net/spec/ogcapi-processes-1/1.0/conf';

/** Only classes whose whole requirement set is implemented. */
export const conformanceClasses: readonly string[] = [
  `${processes}/core`,
  `${processes}/ogc-process-description`,
  `${processes}/json`,
  `${processes}/html`,
  `${processes}/oas30`,
  `${processes}/job-list`,
  `${processes}/callback`,
  `${processes}/dismiss`,
];
