/**
 * The sandbox's own time: real time plus an offset, or standing still. Tests move it so that a day of
 * failed deliveries takes a moment.
 */
export type ClockState = { offsetMs: number; frozenMs: number | null };

export class SandboxClock {
  #state: ClockState;
  #onChange: () => void = () => {};

  constructor(state: ClockState = { offsetMs: 0, frozenMs: null }) {
    this.#state = { ...state };
  }

  get state(): ClockState {
    return { ...this.#state };
  }

  get isFrozen(): boolean {
    return this.#state.frozenMs !== null;
  }

  nowMs(): number {
    return this.#state.frozenMs ?? Date.now() + this.#state.offsetMs;
  }

  /** Whoever waits for an instant hears that time has jumped. */
  onChange(listener: () => void): void {
    this.#onChange = listener;
  }

  restore(state: ClockState): void {
    this.#state = { ...state };
    this.#onChange();
  }

  /** Stands still at this instant until told otherwise. */
  freeze(atMs: number): void {
    this.restore({ offsetMs: 0, frozenMs: atMs });
  }

  advance(byMs: number): void {
    const { offsetMs, frozenMs } = this.#state;
    this.restore(
      frozenMs === null
        ? { offsetMs: offsetMs + byMs, frozenMs: null }
        : { offsetMs, frozenMs: frozenMs + byMs },
    );
  }

  followRealTime(): void {
    this.restore({ offsetMs: 0, frozenMs: null });
  }
}
