import { generateKeyPairSync, sign } from 'node:crypto';

/** A certificate for `localhost` that vouches for itself, valid for ten years, and its key; both PEM. */
export function createCertificate(): { cert: string; key: string } {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const algorithm = sequence(tlv(0x06, Buffer.from('2a8648ce3d040302', 'hex'))); // ecdsa-with-SHA256
  const name = sequence(
    tlv(0x31, sequence(tlv(0x06, Buffer.from('550403', 'hex')), tlv(0x0c, Buffer.from('localhost')))),
  );
  const year = new Date().getUTCFullYear() % 100;
  const validity = sequence(utcTime(year - 1), utcTime(year + 9));
  const alternative = sequence(tlv(0x82, Buffer.from('localhost')));
  const extension = sequence(tlv(0x06, Buffer.from('551d11', 'hex')), tlv(0x04, alternative)); // subjectAltName
  const body = sequence(
    tlv(0xa0, tlv(0x02, Buffer.from([2]))), // version 3
    tlv(0x02, Buffer.from([1])),
    algorithm,
    name,
    validity,
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    tlv(0xa3, sequence(extension)),
  );
  const signature = tlv(0x03, Buffer.concat([Buffer.from([0]), sign('sha256', body, privateKey)]));
  return {
    cert: pem('CERTIFICATE', sequence(body, algorithm, signature)),
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

/** A SEQUENCE of DER. */
export function sequence(...parts: Buffer[]): Buffer {
  return tlv(0x30, Buffer.concat(parts));
}

function utcTime(year: number): Buffer {
  return tlv(0x17, Buffer.from(`${String(year).padStart(2, '0')}0101000000Z`));
}

/** One element of DER (X.690): its tag, its length, its content. */
export function tlv(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const head = length < 128 ? [tag, length] : [tag, 0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from(head), content]);
}

/** DER under a label, as text (RFC 7468). */
export function pem(label: string, der: Buffer): string {
  const lines = der
    .toString('base64')
    .match(/.{1,64}/g)
    ?.join('\n');
  return `-----BEGIN ${label}-----\n${lines}\n-----END ${label}-----\n`;
}
