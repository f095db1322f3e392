import { type DeviceModel, devicesPage, signOutAllPage } from '../../views/devices.ts';
import type { Html } from '../../views/html.ts';
import type { Frame } from '../../views/layout.ts';

const path = '/account/devices';
const now = new Date('2026-01-02T03:04:05Z');

/** The pages of devices and apps, in every state. */
export const devicePages: Record<string, (frame: Frame, text: string) => Html> = {
  devices: (frame, text) => {
    const devices = [device(text), bareDevice(text)];
    return devicesPage({ ...frame, devices, total: 2, list: { path, isFirst: true }, now });
  },
  'devices, more': (frame, text) => {
    const devices = Array.from({ length: 20 }, () => device(text));
    return devicesPage({ ...frame, devices, total: 60, list: { path, isFirst: true, next: text }, now });
  },
  'devices, found': (frame, text) => {
    const list = { path, search: text, isFirst: false, next: text };
    return devicesPage({ ...frame, devices: [device(text)], total: 60, list, now });
  },
  'devices, none found': (frame, text) => {
    const list = { path, search: text, isFirst: true };
    return devicesPage({ ...frame, devices: [], total: 60, list, now });
  },
  'devices, none': (frame) => {
    return devicesPage({ ...frame, devices: [], total: 0, list: { path, isFirst: true }, now });
  },
  'devices, all': (frame) => signOutAllPage({ ...frame, count: 4711 }),
};

/** One that was allowed a minute ago, and of which everything is known. */
export function device(text: string): DeviceModel {
  return {
    id: text,
    name: text,
    since: new Date('2026-01-02T03:03:00Z'),
    until: new Date('2027-01-02T03:03:00Z'),
    approvedFrom: text,
    asked: { address: text, system: text },
    lastUsed: { at: now, address: text },
    scopes: [{ api: text, names: [text] }],
  };
}

function bareDevice(text: string): DeviceModel {
  const since = new Date('2025-01-02T03:03:00Z');
  return { id: text, since, until: now, scopes: [{ api: text, names: [text] }] };
}
