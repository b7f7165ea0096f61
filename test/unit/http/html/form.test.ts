import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { planAxis } from '../../../../src/cloudmask/windows/plan.ts';
import { styles } from '../../../../src/cloudmask/postprocess/styles.ts';
import { classNames, lookOf } from '../../../../src/http/html/classes.ts';
import { tileWindows } from '../../../../src/http/html/form/cloudmask-companion.ts';
import { companionOf } from '../../../../src/http/html/form/companion.ts';
import { fieldsOf, type Field } from '../../../../src/http/html/form/fields.ts';
import { executeBody, textsOf } from '../../../../src/http/html/form/submission.ts';
import { valueOf } from '../../../../src/http/html/form/value.ts';
import type { ProcessDescription } from '../../../../src/processes/description.ts';

const description = (file: string) =>
  JSON.parse(readFileSync(`processes/${file}.json`, 'utf8')) as ProcessDescription;
const echo = description('echo');
const cloudMask = description('cloudmask');

describe('valueOf', () => {
  it.each([
    ['5', 'string', '5'],
    ['5', 'integer', 5],
    ['5', 'string number', 5],
    ['"5"', 'string number', '5'],
    ['five', 'integer', 'five'],
    ['true', 'boolean', true],
    ['[1]', 'array', [1]],
    ['[1]', 'object', '[1]'],
    ['{"href": "x"}', 'string object', { href: 'x' }],
    ['{broken', 'string object', '{broken'],
    ['null', 'object', 'null'],
  ])('reads %s as %s', (text, types, value) => {
    expect(valueOf(text, types)).toEqual(value);
  });
});

describe('fieldsOf', () => {
  const looks = (fields: readonly Field[]) =>
    Object.fromEntries(fields.map(({ id, kind, types }) => [id, `${kind} of ${types}`]));

  it('makes a form of any description', () => {
    expect(looks(fieldsOf(echo))).toEqual({
      a: 'text of string',
      b: 'text of string',
      c: 'text of object',
      d: 'text of array',
      m: 'line of string number',
      pause: 'number of integer',
    });
  });

  it('makes cards of few choices, and secrets of what is write-only', () => {
    const fields = fieldsOf(cloudMask, companionOf(cloudMask.id));
    expect(looks(fields)).toMatchObject({
      product: 'line of string object',
      output_style: 'choice of string',
      stride: 'choice of integer',
      categorise: 'choice of boolean',
      s3_endpoint_url: 'address of string',
      s3_secret_key: 'secret of string',
    });
    const chosen = Object.fromEntries(fields.map(({ id, byDefault }) => [id, byDefault]));
    expect(chosen).toMatchObject({ output_style: '4-class', stride: '384', categorise: 'true' });
  });

  it('has words for every choice of the mask, and for nothing that there is not', () => {
    const companion = companionOf(cloudMask.id);
    const options = fieldsOf(cloudMask).map(
      ({ id, options: all }) => [id, all.map(({ value }) => value)] as const,
    );
    const expected = options.filter(([, values]) => values.length > 0);
    const worded = Object.entries(companion?.choices ?? {});
    expect(Object.fromEntries(worded.map(([id, words]) => [id, Object.keys(words)]))).toEqual(
      Object.fromEntries(expected),
    );
    expect(Object.keys(companion?.questions ?? {})).toEqual(Object.keys(cloudMask.inputs));
  });
});

describe('executeBody', () => {
  it('takes fields with text, in the types of the inputs', () => {
    const texts = textsOf({ product: 'x', stride: ['64', '128'], categorise: 'false', other: 'y' });
    expect(executeBody(cloudMask, { ...texts, s3_bucket: 'b', s3_region: '' })).toEqual({
      inputs: { product: 'x', stride: 128, categorise: false, other: 'y' },
    });
  });

  it('takes the bucket when the result goes there', () => {
    expect(executeBody(cloudMask, { output_storage: 'PRIVATE', s3_bucket: 'b' })).toEqual({
      inputs: { output_storage: 'PRIVATE', s3_bucket: 'b' },
    });
  });
});

describe('what pages know of the pipeline', () => {
  it('is how many windows a whole tile has', () => {
    const planned = Object.keys(tileWindows).map((stride) => {
      const { starts } = planAxis(10_980, 512, Number(stride));
      return [stride, starts.length ** 2];
    });
    expect(Object.fromEntries(planned)).toEqual(tileWindows);
  });

  it('is the names and colours of the classes', () => {
    const known = Object.values(styles).map(({ name, classes }) => [
      name,
      classes.map((one) => one.name),
    ]);
    expect(classNames).toEqual(Object.fromEntries(known));
    for (const { name, colour } of Object.values(styles).flatMap(({ classes }) => classes))
      expect([name, lookOf(name).colour]).toEqual([name, colour]);
  });
});
