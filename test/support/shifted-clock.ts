// Loaded before a server, this makes the clock of its machine wrong by SHIFTED_SECONDS.
const shift = Number(process.env.SHIFTED_SECONDS) * 1000;
const RealDate = Date;

class ShiftedDate extends RealDate {
  constructor(...given: []) {
    if (given.length === 0) super(RealDate.now() + shift);
    else super(...given);
  }

  static override now(): number {
    return RealDate.now() + shift;
  }
}

globalThis.Date = ShiftedDate as DateConstructor;
