// Loaded into an operator with `node --import`: each SIGUSR2 moves the wall clock of this process, and of nothing else, to
// the next of these offsets in milliseconds. The monotonic clock goes on as it does when the time of a machine is set.
const OFFSETS = [3_600_000, -3_600_000, 0];
const RealDate = Date;
let offset = 0;
let moved = 0;

globalThis.Date = class extends RealDate {
  constructor(...given) {
    super(...(given.length === 0 ? [RealDate.now() + offset] : given));
  }

  static now() {
    return RealDate.now() + offset;
  }
};

process.on('SIGUSR2', () => {
  offset = OFFSETS[moved++ % OFFSETS.length];
});
