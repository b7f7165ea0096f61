import { describe, expect, it } from 'vitest';
import * as errors from '../../../src/errors.ts';
import { hasRow, problemOf } from '../../../src/http/problem.ts';

describe('problemOf', () => {
  const classes = Object.entries(errors).filter(([name]) => name !== 'DomainError');

  it.each(classes)('has a row for %s', (_name, errorClass) => {
    expect(hasRow(errorClass)).toBe(true);
  });

  it('tells nothing about errors that nobody foresaw', () => {
    expect(problemOf(new TypeError('secret path /x'), 'id')).toEqual({
      status: 500,
      type: 'urn:senseiv2-cloudmask:problem:internal-error',
      title: 'Internal error',
      detail: 'The log of the server says more.',
      instance: 'urn:uuid:id',
    });
  });

  it.each([
    ['bad-input', 400],
    ['internal', 500],
    ['crashed', 500],
    ['out-of-memory', 500],
    ['out-of-time', 500],
    ['interrupted', 500],
  ])('gives results of a job that failed by %s the status %s and the cause', (kind, status) => {
    const problem = problemOf(new errors.JobFailed(kind, 'Cause.'), 'id');
    expect(problem).toMatchObject({
      status,
      detail: 'Cause.',
      type: expect.stringContaining('job-failed'),
    });
  });

  it('gives results of a job that failed by the model of the server the row of that', () => {
    const problem = problemOf(new errors.JobFailed('model-unusable', 'Cause.'), 'id');
    expect(problem).toMatchObject({
      status: 500,
      detail: 'Cause.',
      type: 'urn:senseiv2-cloudmask:problem:model-unusable',
    });
  });
});
