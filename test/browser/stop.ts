import assert from 'node:assert/strict';
import type { ElementHandle } from 'playwright-core';

type Box = { top: number; bottom: number; left: number; right: number };

/** Where Tab has led to: what somebody reads there, where it stands on the page and in which part of it, and how it looks. */
export type Stop = {
  name: string;
  /** Its place among all that can be used on the page, from 0; of what cannot, the place of what can before it. */
  index: number;
  isLast: boolean;
  /** Nothing of the page has the focus: its end is reached, or it has just opened. */
  isNowhere: boolean;
  /** Tab leads through the parts of a date first. */
  isDate: boolean;
  /** How many stops what is wanted stands behind it, or, where it is negative, before it. */
  distance: number;
  isContentWanted: boolean;
  box: Box;
  part: { name: string; box: Box };
  hasOutline: boolean;
  /** With its outline. */
  isInWindow: boolean;
  isCovered: boolean;
};

/**
 * What has the focus on the page that `wanted` is of. It is read by the debugger, so that the page's policy, which forbids
 * scripts, stays in force.
 */
export function readStop(wanted: ElementHandle): Promise<Stop> {
  return wanted.evaluate((wanted, usable) => {
    const document = wanted.ownerDocument;
    const { innerHeight, innerWidth, scrollX, scrollY, getComputedStyle } = document.defaultView;
    const element = document.activeElement;
    const boxOf = (place: typeof element) => {
      const { top, bottom, left, right } = place.getBoundingClientRect();
      return { top: top + scrollY, bottom: bottom + scrollY, left: left + scrollX, right: right + scrollX };
    };
    const isOther = (radio: typeof element) =>
      radio.type === 'radio' && !radio.checked && radio.form.elements[radio.name].value !== '';
    const all: (typeof element)[] = [...document.querySelectorAll(usable)].filter(
      (each) => each.checkVisibility() && !each.matches(':disabled') && !isOther(each),
    );
    const indexOf = (place: typeof element) =>
      all.filter((each) => each === place || (each.compareDocumentPosition(place) & 4) > 0).length - 1;
    const index = indexOf(element);
    const { outlineStyle, outlineWidth, outlineOffset } = getComputedStyle(element);
    const ring = Number.parseFloat(outlineWidth) + Number.parseFloat(outlineOffset);
    const shown = element.getBoundingClientRect();
    const [line = shown] = element.getClientRects();
    // Of a text of many lines, browsers bring only the one with the cursor into the window.
    const bottom = element.matches('textarea') ? line.top + 32 : line.bottom;
    const centre = document.elementFromPoint((line.left + line.right) / 2, (line.top + bottom) / 2);
    const part = element.closest('[popover], header, nav, main, footer') ?? element;
    return {
      name: (element.labels?.[0] ?? element).textContent.trim().replace(/\s+/g, ' ') || element.outerHTML,
      index,
      isLast: index === all.length - 1,
      isNowhere: element === document.body,
      isDate: element.type === 'date',
      distance: wanted === element ? 0 : indexOf(wanted) - index,
      isContentWanted: wanted.closest('main') !== null,
      box: boxOf(element),
      part: { name: part.tagName, box: boxOf(part) },
      hasOutline: outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 2,
      isInWindow:
        shown.width > 1 &&
        Math.min(shown.top, shown.left) >= ring &&
        shown.right + ring <= innerWidth &&
        bottom + ring <= innerHeight,
      isCovered: !element.contains(centre),
    };
  }, 'a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex="0"]');
}

/** A person sees that this has the focus. */
export function assertSeen({ name, hasOutline, isInWindow, isCovered }: Stop): void {
  assert.ok(hasOutline, `one sees that this has the focus: ${name}`);
  assert.ok(isInWindow, `this is in the window when it has the focus: ${name}`);
  assert.ok(!isCovered, `nothing covers this when it has the focus: ${name}`);
}

/** Tab leads from one of these to the other: nothing is left out, and it stands further down, or beside it to the right. */
export function assertFollows(one: Stop, other: Stop): void {
  const ways = `from “${one.name}” to “${other.name}”`;
  if (other.isNowhere) {
    assert.ok(one.isLast, `Tab leaves the page too early, ${ways}`);
    return;
  }
  const isWithin = one.isDate && other.index === one.index;
  assert.ok(isWithin || other.index === one.index + 1, `Tab leads ${ways}, ${one.index} ${other.index}`);
  if (one.isNowhere) return;
  const isSamePart = one.part.name === other.part.name;
  const [before, after] = isSamePart ? [one.box, other.box] : [one.part.box, other.part.box];
  const isBelow = after.top >= before.bottom - 1;
  const isBeside = after.bottom > before.top && after.left >= before.left;
  assert.ok(isBelow || isBeside, `what follows stands below or to the right, ${ways}`);
}
