import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Html, html, style } from '../../views/html.ts';

test('text is escaped between tags and in quoted attributes', () => {
  const hostile = `<b a="1" b='2'>&`;
  const escaped = '&#60;b a=&#34;1&#34; b=&#39;2&#39;&#62;&#38;';
  assert.equal(String(html`<p title="${hostile}">${hostile}</p>`), `<p title="${escaped}">${escaped}</p>`);
});

test('a style is not escaped, and one that could end itself is refused', () => {
  assert.equal(String(style('a > b { content: "&"; }')), '<style>a > b { content: "&"; }</style>');
  assert.throws(() => style('p {}</STYLE><script>'), RangeError);
});

test('Html inside Html stays as it is', () => {
  assert.equal(String(html`<p>${html`<b>${'<'}</b>`}</p>`), '<p><b>&#60;</b></p>');
});

test('arrays are joined, of Html or of text, nested too', () => {
  const items = ['a', '<'].map((item) => html`<li>${item}</li>`);
  assert.equal(String(html`<ul>${items}</ul>`), '<ul><li>a</li><li>&#60;</li></ul>');
  assert.equal(String(html`${['x', ['&', 1]]}`), 'x&#38;1');
});

test('undefined, null and false render nothing; numbers, zero too, render', () => {
  assert.equal(String(html`[${undefined}${null}${false}${0}${1.5}]`), '[01.5]');
});

test('Html put into a plain string is text again, so it is escaped', () => {
  assert.equal(String(html`${`${html`<b>`}`}`), '&#60;b&#62;');
});

test('an object that only pretends to be Html is refused', () => {
  const forged = Object.create(Html.prototype) as Html;
  assert.throws(() => html`${forged}`, TypeError);
});

test('an object with a toString of its own is escaped like any text', () => {
  const object = { toString: () => '<script>' } as unknown as string;
  assert.equal(String(html`${object}`), '&#60;script&#62;');
});

test('no text yields a character that could end a text or an attribute', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      assert.doesNotMatch(String(html`${text}`), /[<>"']|&(?!#\d+;)/);
    }),
  );
});

test('a browser reads back exactly the text that was given', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const read = String(html`${text}`).replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)));
      assert.equal(read, text);
    }),
  );
});
