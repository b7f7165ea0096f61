import { describe, expect, it } from 'vitest';
import { Sealer } from '../../../src/jobs/sealing.ts';

const sealer = new Sealer('a secret of the server, long enough');
const text = '{"s3_secret_key":"wJalrXUtnFEMI"}';

describe('Sealer', () => {
  it('opens what it sealed, for the same job; two sealings of one text differ', () => {
    const sealed = sealer.seal('job', text);
    expect(sealed).not.toContain('wJalr');
    expect(sealer.open('job', sealed)).toBe(text);
    expect(sealer.seal('job', text)).not.toBe(sealed);
    expect(new Sealer('a secret of the server, long enough').open('job', sealed)).toBe(text);
  });

  it('opens nothing for another job, with another secret, or that was changed', () => {
    const sealed = sealer.seal('job', text);
    expect(() => sealer.open('another', sealed)).toThrow('damaged');
    expect(() => new Sealer('another secret').open('job', sealed)).toThrow('another SECRET_KEY');
    const parts = sealed.split('.');
    for (const index of [2, 3, 4]) {
      const bytes = Buffer.from(parts[index] ?? '', 'base64url');
      bytes[0] = (bytes[0] ?? 0) ^ 1;
      const changed = parts.with(index, bytes.toString('base64url')).join('.');
      expect(() => sealer.open('job', changed)).toThrow('damaged');
    }
    const shortTag = parts.with(3, (parts[3] ?? '').slice(0, 6)).join('.');
    expect(() => sealer.open('job', shortTag)).toThrow('damaged');
    for (const none of ['', 'v1', sealed.slice(0, -20), `v2${sealed.slice(2)}`])
      expect(() => sealer.open('job', none)).toThrow(/damaged|another SECRET_KEY/);
  });

  it('digests equal texts to equal digests that another secret does not make', () => {
    expect(sealer.digest(text)).toBe(sealer.digest(text));
    expect(sealer.digest(text)).not.toBe(sealer.digest(`${text} `));
    expect(sealer.digest(text)).not.toBe(new Sealer('another secret').digest(text));
  });
});
