import { constants, crc32, deflateRawSync } from 'node:zlib';
import type { Middleware } from 'koa';

/**
 * Sends pages in gzip (RFC 1952) to who takes it. Compressed is only `constant`, a text that stands in every page and is
 * the same for everybody; the rest is stored as it is, so that the length of a page tells nothing of the secrets in it
 * to who may have put a text of their own beside them (CVE-2013-3587).
 */
export function encoding(constant: string): Middleware {
  const plain = Buffer.from(constant);
  // Ends on the boundary of a byte and is not the last block (RFC 1951 section 3.2.3), so that stored ones can follow.
  const deflated = deflateRawSync(plain, { level: 9, finishFlush: constants.Z_FULL_FLUSH });
  return async (ctx, next) => {
    await next();
    if (typeof ctx.body !== 'string' || !ctx.response.is('html')) return;
    ctx.vary('Accept-Encoding');
    if (ctx.acceptsEncodings('gzip', 'identity') !== 'gzip') return;
    const page = Buffer.from(ctx.body);
    const at = page.indexOf(plain);
    if (at === -1) return;
    ctx.set('Content-Encoding', 'gzip');
    ctx.body = Buffer.concat([
      header,
      ...stored(page.subarray(0, at)),
      deflated,
      ...stored(page.subarray(at + plain.length)),
      lastBlock,
      trailer(page),
    ]);
  };
}

// Deflate, no flags, no time, no extra flags, of an unknown system.
const header = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);

/** A stored block without content that says that it is the last. */
const lastBlock = Buffer.from([1, 0, 0, 0xff, 0xff]);

const mostInBlock = 0xffff;

/** Blocks of deflate that hold the content as it is (RFC 1951 section 3.2.4). */
function* stored(content: Buffer): Generator<Buffer> {
  for (let start = 0; start < content.length; start += mostInBlock) {
    const part = content.subarray(start, start + mostInBlock);
    const head = Buffer.alloc(5);
    head.writeUInt16LE(part.length, 1);
    head.writeUInt16LE(part.length ^ mostInBlock, 3);
    yield head;
    yield part;
  }
}

function trailer(content: Buffer): Buffer {
  const ending = Buffer.alloc(8);
  ending.writeUInt32LE(crc32(content), 0);
  ending.writeUInt32LE(content.length, 4);
  return ending;
}
