import type { DeviceAuthorizationResponse } from 'openid-client';
import type { Io } from './io.ts';
import { renderQr } from './qr.ts';
import { harmless } from './terminal-text.ts';

/** Tells the number that the person in the browser is asked for. */
export function showNumber(io: Io, number: string): void {
  if (!io.isTerminal) {
    io.say(`To allow this login, type the number ${number} in the browser`);
    return;
  }
  const edge = '─'.repeat(number.length + 6);
  io.say(
    [
      '',
      '  Somebody has opened this login. If it is you, type this number in the browser',
      '',
      `    ╭${edge}╮`,
      `    │   ${io.paint('bold', number)}   │`,
      `    ╰${edge}╯`,
      '',
    ].join('\n'),
  );
}

/** Tells where to go and what to enter; resolves to the address for a browser, which may hold the code already. */
export async function showInstructions(
  io: Io,
  issuer: string,
  device: DeviceAuthorizationResponse,
): Promise<string> {
  const code = harmless(device.user_code);
  const place = harmless(device.verification_uri);
  const address = device.verification_uri_complete ?? device.verification_uri;
  if (!io.isTerminal) {
    io.say(`To sign in to ${harmless(issuer)}, open ${place} and enter the code ${code}`);
    return address;
  }
  const edge = '─'.repeat(code.length + 6);
  const qr = renderQr(address, io);
  io.say(
    [
      '',
      `  To sign in to ${harmless(issuer)}, open this address on any device`,
      '',
      `    ${io.paint(['bold', 'underline'], place)}`,
      '',
      '  and enter the code',
      '',
      `    ╭${edge}╮`,
      `    │   ${io.paint('bold', code)}   │`,
      `    ╰${edge}╯`,
      '',
      ...(qr ? [qr, ''] : []),
    ].join('\n'),
  );
  return address;
}
