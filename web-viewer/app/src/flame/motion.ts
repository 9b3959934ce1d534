import type { Motion } from './keys';
import type { View } from './view';

const GLIDE_MS = 140;
/** A frame after a pause must not jump. */
const MAX_STEP_SECONDS = 0.05;

/** Runs what takes more than one frame: keys held down, and the way from one view to another. */
export class Motions {
  readonly #held = new Set<Motion>();
  readonly #move: (motion: Motion, seconds: number) => void;
  #frame = 0;
  #glide = 0;

  constructor(move: (motion: Motion, seconds: number) => void) {
    this.#move = move;
  }

  press(motion: Motion): void {
    this.stopGlide();
    this.#held.add(motion);
    if (this.#frame === 0) this.#run();
  }

  release(motion: Motion): void {
    this.#held.delete(motion);
  }

  releaseAll(): void {
    this.#held.clear();
  }

  /** Shows the way to a far view, unless the reader prefers no motion. */
  glide(from: View, to: View, show: (view: View) => void): void {
    this.stopGlide();
    if (matchMedia('(prefers-reduced-motion: reduce)').matches) {
      show(to);
      return;
    }
    const started = performance.now();
    const step = (now: number): void => {
      const share = Math.min(1, Math.max(0, now - started) / GLIDE_MS);
      const eased = 1 - (1 - share) ** 3;
      const between = (a: number, b: number): number => a + (b - a) * eased;
      show(share === 1 ? to : { begin: between(from.begin, to.begin), end: between(from.end, to.end) });
      this.#glide = share === 1 ? 0 : requestAnimationFrame(step);
    };
    this.#glide = requestAnimationFrame(step);
  }

  stopGlide(): void {
    cancelAnimationFrame(this.#glide);
    this.#glide = 0;
  }

  dispose(): void {
    this.stopGlide();
    cancelAnimationFrame(this.#frame);
    this.#held.clear();
  }

  #run(): void {
    let last = performance.now();
    // A tap shorter than a frame still moves.
    for (const motion of this.#held) this.#move(motion, 1 / 60);
    const step = (now: number): void => {
      const seconds = Math.min(MAX_STEP_SECONDS, Math.max(0, (now - last) / 1000));
      last = now;
      for (const motion of this.#held) this.#move(motion, seconds);
      this.#frame = this.#held.size > 0 ? requestAnimationFrame(step) : 0;
    };
    this.#frame = requestAnimationFrame(step);
  }
}
