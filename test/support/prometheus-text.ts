/**
 * A strict reader of Prometheus' text format, version 0.0.4: what a scraper would refuse or misread is an error here.
 * https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
 */

export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Family {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly samples: readonly Sample[];
}

type Growing = Family & { readonly samples: Sample[] };

const metricName = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const sampleLine = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/;
const labelPair = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)/;
/** What a histogram adds to its name. */
const suffixes = { histogram: ['_bucket', '_sum', '_count'], summary: ['', '_sum', '_count'] };

/** Metrics by name. @throws Error naming the line that is wrong */
export function parsePrometheusText(text: string): ReadonlyMap<string, Family> {
  if (!text.endsWith('\n')) throw new Error('The last line must end with a line feed.');
  const families = new Map<string, Growing>();
  const seen = new Set<string>();
  let help: readonly [name: string, text: string] | undefined;
  let current: Growing | undefined;
  for (const line of text.split('\n').filter((one) => one.trim() !== '')) {
    const [mark, word, name = '', ...rest] = line.split(' ');
    if (mark === '#' && word === 'HELP') help = [name, rest.join(' ')];
    else if (mark === '#' && word === 'TYPE') {
      current = familyOf(name, rest.join(' '), help);
      if (families.has(name)) throw new Error(`Two families have one name: ${line}`);
      families.set(name, current);
    } else if (current === undefined) throw new Error(`A sample of nothing: ${line}`);
    else current.samples.push(sampleOf(line, current, seen));
  }
  const histograms = [...families.values()].filter(({ type }) => type === 'histogram');
  for (const family of histograms) checkHistogram(family);
  return families;
}

function familyOf(
  name: string,
  type: string,
  help: readonly [string, string] | undefined,
): Growing {
  if (!metricName.test(name)) throw new Error(`No name of a metric: ${name}`);
  if (!['counter', 'gauge', 'histogram', 'summary', 'untyped'].includes(type))
    throw new Error(`No type of a metric: ${name} ${type}`);
  if (help?.[0] !== name || help[1] === '') throw new Error(`No help before the type of ${name}`);
  return { name, type, help: help[1], samples: [] };
}

function sampleOf(line: string, family: Family, seen: Set<string>): Sample {
  const [, name = '', labelText = '', valueText = ''] = sampleLine.exec(line) ?? [];
  const own = suffixes[family.type as 'histogram'] ?? [''];
  if (!own.some((suffix) => name === family.name + suffix))
    throw new Error(`A sample of ${family.name} was expected: ${line}`);
  const labels = labelsOf(labelText, line);
  const value = valueText === '+Inf' ? Infinity : Number(valueText);
  // As Go reads numbers: NaN in any case.
  if (Number.isNaN(value) && !/^nan$/i.test(valueText)) throw new Error(`No number: ${line}`);
  const series = `${name} ${JSON.stringify(
    Object.keys(labels)
      .toSorted()
      .map((key) => [key, labels[key]]),
  )}`;
  if (seen.has(series)) throw new Error(`Twice: ${line}`);
  seen.add(series);
  return { name, labels, value };
}

function labelsOf(text: string, line: string): Record<string, string> {
  const labels: Record<string, string> = {};
  let rest = text;
  while (rest !== '') {
    const [whole, name = '', value = ''] = labelPair.exec(rest) ?? [];
    if (whole === undefined || name in labels) throw new Error(`Labels are wrong: ${line}`);
    labels[name] = JSON.parse(`"${value}"`) as string;
    rest = rest.slice(whole.length);
  }
  return labels;
}

/** Buckets of each series grow, and the last is its count. */
function checkHistogram({ name, samples }: Family): void {
  for (const { labels, value } of samples.filter((sample) => sample.name === `${name}_count`)) {
    const buckets = samples.filter(
      (sample) => sample.name === `${name}_bucket` && isPartOf(labels, sample.labels),
    );
    const values = buckets.map((bucket) => bucket.value);
    const last = buckets.at(-1);
    const grows = values.every((one, index) => one >= (values[index - 1] ?? 0));
    if (!grows || last?.labels['le'] !== '+Inf' || last.value !== value)
      throw new Error(
        `Buckets of ${name} ${JSON.stringify(labels)} are wrong: ${values.join(' ')}`,
      );
  }
}

function isPartOf(labels: Sample['labels'], others: Sample['labels']): boolean {
  return Object.entries(labels).every(([name, value]) => others[name] === value);
}

/** The value of one series; undefined where it is not there. */
export function valueOf(
  families: ReadonlyMap<string, Family>,
  name: string,
  labels: Sample['labels'] = {},
): number | undefined {
  const all = [...families.values()].flatMap((family) => family.samples);
  return all.find((sample) => sample.name === name && isPartOf(labels, sample.labels))?.value;
}
