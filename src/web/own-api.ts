import type { Locale } from '../../views/locale.ts';
import type { ShownResource } from '../api/resources.ts';
import type { DeviceRequest } from '../oauth/device.ts';

/** An API in the reader's words, if it is our `own`; the others speak as their operators have written. */
export function resourceInWords<Shown extends Pick<ShownResource, 'resource' | 'resource_name' | 'scopes'>>(
  shown: Shown,
  own: string,
  { words }: Locale,
): Shown {
  if (shown.resource !== own) return shown;
  const scopes = Object.keys(shown.scopes).map((scope) => [
    scope,
    wordsOf(scope, words) ?? shown.scopes[scope],
  ]);
  return { ...shown, resource_name: words.ownApi.name, scopes: Object.fromEntries(scopes) };
}

/** The same, for what a device asks for. */
export function requestInWords(request: DeviceRequest, own: string, { words }: Locale): DeviceRequest {
  if (request.resource.uri !== own) return request;
  const scopes = request.scopes.map(({ name, description }) => ({
    name,
    description: wordsOf(name, words) ?? description,
  }));
  return { ...request, resource: { uri: own, name: words.ownApi.name }, scopes };
}

function wordsOf(scope: string, { ownApi }: Locale['words']): string | undefined {
  return (ownApi.scopes as Record<string, string>)[scope];
}
