import { describe, expect, it } from 'vitest';
import { html } from '../../../../src/http/html/template.ts';

describe('html', () => {
  it('escapes what is no HTML yet, in text and in attributes', () => {
    const value = `<b title='x'>"&amp;"</b>`;
    expect(html`<p title="${value}">${value}</p>`.text).toBe(
      '<p title="&lt;b title=&#39;x&#39;&gt;&quot;&amp;amp;&quot;&lt;/b&gt;">&lt;b title=&#39;x&#39;&gt;&quot;&amp;amp;&quot;&lt;/b&gt;</p>',
    );
  });

  it('takes HTML as it is, lists in order, and leaves no trace of what is not there', () => {
    const items = ['<', 1].map((item) => html`<li>${item}</li>`);
    expect(html`<ul>${items}${undefined}${false}${[]}</ul>`.text).toBe(
      '<ul><li>&lt;</li><li>1</li></ul>',
    );
  });
});
