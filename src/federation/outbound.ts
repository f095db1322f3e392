import { lookup } from 'node:dns';
import { once } from 'node:events';
import { request as requestPlain } from 'node:http';
import { request } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';
import { isLoopback } from '../loopback.ts';

/** What is asked of a server elsewhere. */
export type OutboundRequest = {
  method: string;
  headers: Record<string, string>;
  body?: unknown;
  signal?: AbortSignal | undefined;
};

/** Asks a server elsewhere; throws where it must not be asked, does not answer, or answers too much. Follows nothing. */
export type Outbound = (url: string, request: OutboundRequest) => Promise<Response>;

/** No metadata, key set or token response is larger. */
const mostBytes = 262_144;

/**
 * Asks over https, and only addresses that are public: whoever can name a server for us to ask must not reach what only
 * we can. `allowsPrivateNetworks` lets every address be asked, `allowsLoopback` those of this machine over plain http too.
 */
export function createOutbound(options: {
  allowsPrivateNetworks: boolean;
  allowsLoopback: boolean;
}): Outbound {
  return async (url, { method, headers, body, signal }) => {
    const target = new URL(url);
    const isHome = options.allowsLoopback && isLoopback(url);
    if (target.protocol !== 'https:' && !isHome) throw new Error(`${target.origin} is not https`);
    const isAnywhere = isHome || options.allowsPrivateNetworks;
    if (!isAnywhere) refuseSpecial(target.hostname.replace(/[[\]]/g, ''));
    const ask = target.protocol === 'https:' ? request : requestPlain;
    const sent = ask(target, {
      method,
      headers,
      // No connection is kept: one that was opened under other rules must not be used again.
      agent: false,
      ...(signal && { signal }),
      ...(!isAnywhere && { lookup: lookupPublic }),
    });
    sent.end(body === undefined || body === null ? undefined : String(body));
    const [answer] = await once(sent, 'response');
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of answer) {
      size += chunk.length;
      if (size > mostBytes) throw new Error(`${target.origin} answers more than ${mostBytes} bytes`);
      chunks.push(chunk);
    }
    const isEmpty = [101, 204, 205, 304].includes(answer.statusCode);
    return new Response(isEmpty ? null : Buffer.concat(chunks), {
      status: answer.statusCode,
      headers: Object.entries(answer.headersDistinct as Record<string, string[]>).flatMap(([name, values]) =>
        values.map((value): [string, string] => [name, value]),
      ),
    });
  };
}

/** The addresses that are connected to are those that were judged: a name cannot mean another one a moment later. */
const lookupPublic: LookupFunction = (hostname, options, done) => {
  lookup(hostname, { ...options, all: true }, (error, addresses) => {
    if (error) return done(error, []);
    try {
      for (const { address } of addresses) refuseSpecial(address);
    } catch (refusal) {
      return done(refusal as Error, []);
    }
    const [first] = addresses;
    if (options.all) done(null, addresses);
    else done(null, first?.address ?? '', first?.family);
  });
};

function refuseSpecial(host: string): void {
  if (isIP(host) === 0 || ipaddr.process(host).range() === 'unicast') return;
  throw new Error(`${host} is no public address`);
}
