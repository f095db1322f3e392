import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { derivePalette, type Palette } from './palette.ts';

/** An image that browsers are told the type of. */
export type Logo = { type: 'image/svg+xml' | 'image/png'; content: Buffer };

/** What people see in place of our own name, door and green. */
export type Brand = { name: string; logo: Logo | undefined; palette: Palette | undefined };

const mostBytes = 50_000;
const pngSignature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/** The settings that make a brand. */
export const brandSettings = {
  POSTERN_NAME: z
    .string()
    .regex(/^(?=.*[\p{L}\p{N}])[^\p{C}]{1,40}$/u, 'write a name of at most 40 characters')
    .default('Postern'),
  POSTERN_LOGO: z.string().transform(readLogo).optional(),
  POSTERN_ACCENT: z
    .string()
    .regex(/^#[0-9a-f]{6}$/i, 'write a colour as #rrggbb, such as #16604e')
    .transform((colour) => derivePalette(colour.toLowerCase()))
    .optional(),
};

function readLogo(path: string, context: z.RefinementCtx<string>): Logo {
  const content = contentOf(path);
  const type = content && typeOf(content);
  if (content && type && content.length <= mostBytes) return { type, content };
  context.addIssue('write the path of an SVG or PNG file of at most 50 kB that can be read');
  return z.NEVER;
}

function contentOf(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}

/** By what is in it, since a browser believes the type that it is told. */
function typeOf(content: Buffer): Logo['type'] | undefined {
  if (content.subarray(0, pngSignature.length).equals(pngSignature)) return 'image/png';
  const isSvg = /^(?:\s|<\?xml[^>]*>|<!--[\s\S]*?-->|<!DOCTYPE[^>]*>)*<svg[\s/>]/i;
  return isSvg.test(content.toString('utf8')) ? 'image/svg+xml' : undefined;
}
