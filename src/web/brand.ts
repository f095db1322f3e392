import type { ShownBrand } from '../../views/brand.ts';
import type { Brand } from '../brand.ts';
import type { Routes } from '../http/router.ts';
import type { Palette, Tones } from '../palette.ts';
import { assetRoute } from './assets.ts';

const extensions = { 'image/svg+xml': 'svg', 'image/png': 'png' };

/** The logo and the colours of the operator, as assets, and what every page is told of them. */
export function createBrand({ name, logo, palette }: Brand): { routes: Routes; shown: ShownBrand } {
  const path = logo ? `/assets/logo.${extensions[logo.type]}` : undefined;
  return {
    routes: {
      ...(logo && path && { [path]: assetRoute(logo.content, logo.type) }),
      ...(palette && {
        '/assets/brand.css': assetRoute(Buffer.from(stylesOf(palette)), 'text/css; charset=utf-8'),
      }),
    },
    shown: {
      name,
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
