// One generation from the click to the last pixel.
import { ImageFigure } from "./image-figure.js";

/** More images than this are shown smaller. */
const MANY = 8;

/** Runs one generation and shows its images. Messages are collected as they come; the page is painted once a frame. */
export class Generation {
  #abort = new AbortController();
  #gallery;
  #numbers;
  #figures = [];
  #frame = 0;
  #promptRead;

  /** @param {HTMLElement} gallery where the figures go; @param {Numbers} numbers what is measured */
  constructor(gallery, numbers) {
    this.#gallery = gallery;
    this.#numbers = numbers;
  }

  /** Stops it: the server frees the slots at its next step. */
  cancel() {
    this.#abort.abort();
  }

  /** What the model read of the prompt (scanline.v1.PromptRead); undefined without one. */
  get promptRead() {
    return this.#promptRead;
  }

  /** Number of images. */
  get size() {
    return this.#figures.length;
  }

  /**
   * Runs to the end.
   *
   * @param {Scanline} scanline the server
   * @param request what to ask of it
   * @param {string} name of what is drawn, for captions and files
   * @param {number|undefined} timeoutMs deadline
   * @throws {RpcError} when it is refused, cancelled or breaks
   */
  async run(scanline, request, name, timeoutMs) {
    this.#gallery.replaceChildren();
    this.#gallery.dataset.state = "waiting";
    this.#numbers.begin();
    this.#frame = requestAnimationFrame(() => this.#paint());
    try {
      const responses = scanline.generate(request, { signal: this.#abort.signal, timeoutMs });
      for await (const { event } of responses) {
        await this.#handle(event, request.count, name);
      }
      this.#gallery.dataset.state = "complete";
    } catch (failure) {
      const state = failure.status === "CANCELLED" ? "cancelled" : "failed";
      this.#figures.filter((figure) => figure.element.dataset.state !== "complete")
        .forEach((figure) => figure.stop(state));
      this.#gallery.dataset.state = state;
      throw failure;
    } finally {
      cancelAnimationFrame(this.#frame);
      this.#numbers.end(this.#decided());
    }
  }

  async #handle({ case: kind, value }, count, name) {
    switch (kind) {
      case "started":
        this.#start(value, count, name);
        break;
      case "pixels":
        this.#numbers.pixelsArrived();
        this.#figures[value.imageIndex].accept(value.firstIndex, value.values);
        break;
      case "preview":
        this.#numbers.pixelsArrived();
        await this.#figures[value.imageIndex].acceptPreview(value);
        break;
      case "finished":
        await Promise.all(value.images.map((result) => this.#figures[result.imageIndex].complete(result)));
        break;
      case "tokens": // the previews show them
        break;
      default: // an event that a newer server may send
    }
  }

  #start(started, count, name) {
    const { geometry, codes } = started;
    const drawnCodes = codes ? started.steps : 0;
    this.#numbers.admitted(started);
    this.#promptRead = started.prompt;
    this.#figures = Array.from({ length: count }, (_, index) => new ImageFigure(index, geometry, name, drawnCodes));
    Object.assign(this.#gallery.dataset, {
      state: "growing", count, generation: started.generationId, width: geometry.width, height: geometry.height,
      channels: geometry.channels, levelValues: Array.from(geometry.levelValues).join(" "),
    });
    this.#gallery.toggleAttribute("data-many", count > MANY);
    this.#gallery.replaceChildren(...this.#figures.map((figure) => figure.element));
  }

  #paint() {
    this.#figures.forEach((figure) => figure.paint());
    this.#numbers.show(this.#decided());
    this.#frame = requestAnimationFrame(() => this.#paint());
  }

  #decided() {
    return this.#figures.reduce((sum, figure) => sum + figure.decided, 0);
  }
}
