import { readFile, stat } from 'node:fs/promises';
import { type AsnResponse, type CountryResponse, Reader, type Response } from 'maxmind';
import { configurationError } from '../config.ts';
import type { Log } from '../log.ts';

/** What is known of the network that an address is in: who runs it, and its country (ISO 3166-1, two letters). */
export type Network = { owner?: string | undefined; country?: string | undefined };

/** The operator's databases of networks. */
export type Networks = {
  /** What any of them knows of an address; `undefined` where none does. */
  find(address: string): Network | undefined;
  /** Reads the files that have changed since; one that cannot be read keeps its former content. Called now and then. */
  refresh(): Promise<void>;
};

type Source = { path: string; stamp: string; reader: Reader<Response> };

/** Reads the databases (MaxMind format) at these paths; AppError `configuration` where one is not readable. */
export async function loadNetworks(paths: readonly string[], log: Log): Promise<Networks> {
  const sources: Source[] = [];
  for (const path of paths) {
    try {
      sources.push(await load(path));
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      const problem = `POSTERN_NETWORK_DATABASE: ${path} is no database in MaxMind's format that can be read (${reason})`;
      throw configurationError([problem], cause);
    }
  }
  return {
    find(address) {
      const found = sources.map((source) => lookUp(source, address)).filter((record) => record !== null);
      const owner = found.map(ownerOf).find(Boolean);
      const country = found.map(countryOf).find(Boolean);
      return owner === undefined && country === undefined ? undefined : { owner, country };
    },
    async refresh() {
      for (const source of sources) {
        try {
          if ((await stampOf(source.path)) === source.stamp) continue;
          Object.assign(source, await load(source.path));
          log.info({ path: source.path }, 'read a new database of networks');
        } catch (error) {
          log.warn({ err: error, path: source.path }, 'kept the former database of networks');
        }
      }
    },
  };
}

async function load(path: string): Promise<Source> {
  const stamp = await stampOf(path);
  const reader = new Reader<Response>(await readFile(path));
  // A file that was cut off has its metadata at hand and its tree not.
  reader.get('192.0.2.1');
  return { path, stamp, reader };
}

async function stampOf(path: string): Promise<string> {
  const { mtimeMs, size, ino } = await stat(path);
  return `${mtimeMs} ${size} ${ino}`;
}

/** A database of IPv4 knows nothing of IPv6, and a damaged record tells nothing: nobody is kept out by either. */
function lookUp({ reader }: Source, address: string): Response | null {
  try {
    return reader.get(address);
  } catch {
    return null;
  }
}

function ownerOf(record: Response): string | undefined {
  return text((record as AsnResponse).autonomous_system_organization);
}

function countryOf(record: Response): string | undefined {
  const code = text((record as CountryResponse).country?.iso_code);
  return code && /^[A-Z]{2}$/.test(code) ? code : undefined;
}

/** Files of other makers may have anything there. */
function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value.slice(0, 100) : undefined;
}
