/** How one colour stands out, each `#rrggbb`: the colour as text and as ground, a stronger one, and what is read on both. */
export type Tones = { accent: string; strong: string; on: string };

/** An accent for the pages by day and by night. */
export type Palette = { light: Tones; dark: Tones };

/** The grounds that the stylesheet has by day and by night. */
export const grounds = { light: ['#f4f2ea', '#fffdf8'], dark: ['#101614', '#19211e'] } as const;

// WCAG 2.2, success criterion 1.4.3.
const leastContrast = 4.5;

/** Shades of one colour (`#rrggbb`), which keep its hue and can be read on our grounds; itself wherever that can be. */
export function derivePalette(colour: string): Palette {
  return {
    light: { ...shades(colour, grounds.light, -1), on: '#ffffff' },
    dark: { ...shades(colour, grounds.dark, 1), on: grounds.dark[0] },
  };
}

/** The contrast of two colours, from 1 to 21 (WCAG 2.2, "contrast ratio"). */
export function contrast(one: string, other: string): number {
  const [lighter = 0, darker = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (lighter + 0.05) / (darker + 0.05);
}

function shades(colour: string, on: readonly string[], direction: 1 | -1): Omit<Tones, 'on'> {
  const [hue, saturation, given] = toHsl(colour);
  const shade = (lightness: number) => toHex(hue, saturation, lightness);
  const isRead = (lightness: number) =>
    on.every((ground) => contrast(shade(lightness), ground) >= leastContrast);
  let lightness = given;
  while (!isRead(lightness)) lightness += direction * 0.005;
  const further = lightness + direction * 0.1;
  const strong = further < 0 || further > 1 ? lightness - direction * 0.1 : further;
  return { accent: lightness === given ? colour : shade(lightness), strong: shade(strong) };
}

function channels(colour: string): [number, number, number] {
  const channel = (at: number) => Number.parseInt(colour.slice(at, at + 2), 16) / 255;
  return [channel(1), channel(3), channel(5)];
}

function luminance(colour: string): number {
  const linear = (value: number) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
  const [red, green, blue] = channels(colour);
  return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
}

/** Hue in sixths of the circle, saturation and lightness from 0 to 1 (CSS Color 4 section 7). */
function toHsl(colour: string): [hue: number, saturation: number, lightness: number] {
  const [red, green, blue] = channels(colour);
  const most = Math.max(red, green, blue);
  const least = Math.min(red, green, blue);
  const spread = most - least;
  const lightness = (most + least) / 2;
  if (spread === 0) return [0, 0, lightness];
  const saturation = spread / (1 - Math.abs(2 * lightness - 1));
  if (most === red) return [((green - blue) / spread + 6) % 6, saturation, lightness];
  return [most === green ? (blue - red) / spread + 2 : (red - green) / spread + 4, saturation, lightness];
}

function toHex(hue: number, saturation: number, lightness: number): string {
  const reach = saturation * Math.min(lightness, 1 - lightness);
  const channel = (offset: number) => {
    const place = (offset + hue * 2) % 12;
    const value = lightness - reach * Math.max(-1, Math.min(place - 3, 9 - place, 1));
    return Math.round(Math.min(1, Math.max(0, value)) * 255)
      .toString(16)
      .padStart(2, '0');
  };
  return `#${channel(0)}${channel(8)}${channel(4)}`;
}
