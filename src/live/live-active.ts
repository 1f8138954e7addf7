import type { Active } from '../evaluate/authorizer.ts';
import type { Evaluator } from '../evaluate/evaluator.ts';
import type { Image } from '../image/image.ts';
import type { Overlay } from './overlay.ts';

/**
 * An image in use, with an overlay. One evaluator serves many overlays, so it is told of this one whenever it is asked for:
 * whoever runs the caller's code in between, be it a getter or an iterator, has to ask for it again.
 */
export class LiveActive implements Active {
  readonly image: Image;
  readonly mode: number;
  readonly overlay: Overlay;
  readonly #shared: Evaluator;

  /** @param shared  of the overlay's image, and in that mode; nothing asks it without an overlay */
  constructor(shared: Evaluator, mode: number, overlay: Overlay) {
    this.image = shared.image;
    this.mode = mode;
    this.overlay = overlay;
    this.#shared = shared;
  }

  get evaluator(): Evaluator {
    const { idle } = this.#shared;
    idle.classes.overlay = this.overlay;
    return idle;
  }
}
