import assert from 'node:assert/strict';
import { poll, requestDevice } from './client.ts';
import { createPerson, type Person } from './person.ts';

/** What a device holds once it has been let in. */
export type DeviceTokens = { access_token: string; refresh_token: string };

/** A person (the demo person unless told) lets a device in; `form` is added to what the device asks for. */
export async function letDeviceIn(
  issuer: string,
  form: Record<string, string> = {},
  account?: { email: string; password: string },
): Promise<DeviceTokens> {
  return await letDeviceInBy(createPerson(issuer), issuer, form, account);
}

/** The same, in the browser of somebody who may be signed in there. */
export async function letDeviceInBy(
  person: Person,
  issuer: string,
  form: Record<string, string> = {},
  account?: { email: string; password: string },
): Promise<DeviceTokens> {
  const { body: device } = await requestDevice(issuer, form);
  await person.enterCode(device.user_code, account);
  await person.decide('allow');
  const clientId = form.client_id ? { client_id: form.client_id } : {};
  const { status, body } = await poll(issuer, device.device_code, clientId);
  assert.equal(status, 200, JSON.stringify(body));
  return body;
}
