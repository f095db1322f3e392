/** The words of a mail, in plain text and as HTML. */
export type Letter = { subject: string; text: string; html: string };

/** A letter on its way. The id tells the receiver that two of them are the same. */
export type Message = Letter & { id: string; recipient: string };

/** How a try to send ended, with what the mail server said. */
export type Sending =
  | { outcome: 'sent' }
  /** For good: this mail will never be taken. */
  | { outcome: 'refused'; reason: string }
  /** For now. `isServerAway`: that has nothing to do with this mail, and every other one would end the same. */
  | { outcome: 'deferred'; reason: string; isServerAway: boolean };

/** Sends one message; never throws. Where the signal aborts, it ends at once, as deferred. */
export type Transport = (message: Message, signal: AbortSignal) => Promise<Sending>;

/** For development without a mail server: people read the mail where the server talks to them. */
export function createShowingTransport(show: (text: string) => void): Transport {
  return async ({ recipient, subject, text }) => {
    show(`Mail to ${recipient}: ${subject}\n\n${text.replace(/^(?=.)/gm, '    ')}`);
    return { outcome: 'sent' };
  };
}
