import { encode } from 'uqr';
import { type Html, html } from './html.ts';

/** A QR code of the text, dark on light whatever the theme; `label` says what it is to who cannot see it. */
export function qrCode(text: string, label: string): Html {
  const { data, size } = encode(text, { border: 4 });
  const path = data
    .flatMap((row, y) => row.map((isDark, x) => (isDark ? `M${x} ${y}h1v1h-1z` : '')))
    .join('');
  return html`<svg class="qr" viewBox="0 0 ${size} ${size}" role="img" aria-label="${label}" shape-rendering="crispEdges">
<path class="paper" d="M0 0h${size}v${size}h-${size}z"></path>
<path class="ink" d="${path}"></path>
</svg>`;
}
