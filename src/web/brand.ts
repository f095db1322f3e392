import type { ShownBrand } from '../../views/brand.ts';
import { style } from '../../views/html.ts';
import type { Brand } from '../brand.ts';
import type { Routes } from '../http/router.ts';
import type { Palette, Tones } from '../palette.ts';
import { assetRoute } from './assets.ts';
import { readStyle } from './style.ts';

const extensions = { 'image/svg+xml': 'svg', 'image/png': 'png' };

/** `style` is the text of the style that every page has; `shown` is what pages are told. */
export type WebBrand = { routes: Routes; style: string; shown: ShownBrand };

/** How pages look: our stylesheet with the logo and the colours of the operator, which are assets too. */
export function createBrand({ name, logo, palette }: Brand): WebBrand {
  const colours = palette ? stylesOf(palette) : '';
  const text = readStyle(colours);
  const path = logo ? `/assets/logo.${extensions[logo.type]}` : undefined;
  return {
    routes: {
      ...(logo && path && { [path]: assetRoute(logo.content, logo.type) }),
      ...(palette && { '/assets/brand.css': assetRoute(Buffer.from(colours), 'text/css; charset=utf-8') }),
    },
    style: text,
    shown: {
      name,
      style: style(text),
      logo: logo && path ? { path, type: logo.type } : undefined,
      isColoured: palette !== undefined,
    },
  };
}

function stylesOf({ light, dark }: Palette): string {
  return `${rule(light)}@media (prefers-color-scheme: dark) {\n${rule(dark)}}\n`;
}

function rule({ accent, strong, on }: Tones): string {
  return `:root { --green: ${accent}; --green-strong: ${strong}; --on-green: ${on}; --door: ${accent}; }\n`;
}
