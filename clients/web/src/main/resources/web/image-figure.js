// One image that grows: a canvas, its progress, and whether its bytes are those that the server says it made.
import { savePng } from "./save-png.js";

const OPAQUE = 255;

/** Shows one image of a generation. Values are collected as they come and drawn when `paint` is called. */
export class ImageFigure {
  #geometry;
  #values;
  #codes;
  #image;
  #context;
  #decided = 0;
  #decidedCodes = 0;
  #previewed = 0;
  #firstDirtyRow = Infinity;
  #lastDirtyRow = -1;

  /**
   * @param {Generation} generation that it is of
   * @param {number} index of the image in its request
   * @param started the generation's scanline.v1.Started
   */
  constructor(generation, index, { geometry, codes, steps }) {
    this.generation = generation;
    this.index = index;
    this.name = generation.name;
    this.#geometry = geometry;
    this.#values = new Uint8Array(geometry.width * geometry.height * geometry.channels);
    /** Steps of the image: its values, or the codes that it is made of. */
    this.steps = codes ? steps : this.#values.length;
    this.#codes = codes ? new Uint8Array(steps) : undefined;
    /** The cells that it is drawn in, one after another: its pixels, or its codes. */
    this.cells = codes ? { columns: codes.columns, rows: codes.rows } : { columns: geometry.width, rows: geometry.height };
    this.#image = new ImageData(geometry.width, geometry.height);
    this.element = document.getElementById("figure").content.firstElementChild.cloneNode(true);
    const canvas = this.part(".picture");
    canvas.width = geometry.width;
    canvas.height = geometry.height;
    canvas.setAttribute("aria-label", `Image ${index + 1}: ${this.name}`);
    this.#context = canvas.getContext("2d");
    this.part("progress").setAttribute("aria-label", `Progress of image ${index + 1}`);
    this.part(".download").addEventListener("click", () => savePng(canvas, `${this.name} ${index}`));
    this.part(".give-up").addEventListener("click", () => generation.cancelImage(index));
    Object.assign(this.element.dataset, {
      index, decided: 0, total: this.steps, state: "waiting", verified: "pending",
    });
    this.#caption("waiting");
  }

  /** Number of values decided so far, as far as the page knows; of an image made of codes, their share of it. */
  get decided() {
    return Math.max(this.#decided, Math.floor(this.#previewed / this.steps * this.#values.length));
  }

  /** Steps that are decided, as far as the page knows; the page need not have their values. */
  get decidedSteps() {
    return Math.max(this.#previewed, this.knownSteps);
  }

  /** Steps whose values, or codes, are here. */
  get knownSteps() {
    return this.#codes ? this.#decidedCodes : this.#decided;
  }

  /** Steps of a cell, which are decided together: the channels of a pixel, or one code. */
  get stepsOfCell() {
    return this.#codes ? 1 : this.#geometry.channels;
  }

  /** What the server is to send first when it goes on: ResumeRequest.next_index. */
  get nextIndex() {
    return this.knownSteps < this.steps || !this.#codes ? this.knownSteps : this.steps + this.#decided;
  }

  /** The first `count` values, or codes. */
  first(count) {
    return (this.#codes ?? this.#values).slice(0, count);
  }

  get state() {
    return this.element.dataset.state;
  }

  /** Takes decided values (level indices) from `firstIndex` on, in generation order. */
  accept(firstIndex, values) {
    const { width, channels, levelValues } = this.#geometry;
    this.#values.set(values, firstIndex);
    const pixels = this.#image.data;
    for (let offset = 0; offset < values.length; offset++) {
      const index = firstIndex + offset;
      const pixel = Math.floor(index / channels);
      const intensity = levelValues[values[offset]];
      if (channels === 1) {
        pixels.fill(intensity, pixel * 4, pixel * 4 + 3);
      } else {
        pixels[pixel * 4 + (index % channels)] = intensity;
      }
      if (channels < 4) {
        pixels[pixel * 4 + 3] = OPAQUE;
      }
    }
    const rowValues = width * channels;
    this.#firstDirtyRow = Math.min(this.#firstDirtyRow, Math.floor(firstIndex / rowValues));
    this.#lastDirtyRow = Math.max(this.#lastDirtyRow, Math.floor((firstIndex + values.length - 1) / rowValues));
    this.#decided = Math.max(this.#decided, firstIndex + values.length); // the same ones may come again
  }

  /** Takes decided codes from `firstIndex` on: previews show what becomes of them, but a branch is made of the codes. */
  acceptCodes(firstIndex, codes) {
    this.#codes.set(codes, firstIndex);
    this.#decidedCodes = Math.max(this.#decidedCodes, firstIndex + codes.length);
  }

  /** Takes the values, or codes, that its request gave it. */
  acceptGiven(values) {
    if (this.#codes) {
      this.acceptCodes(0, values);
    } else if (values.length > 0) {
      this.accept(0, values);
    }
  }

  /** Shows an encoded picture of the image so far, unless a newer one or the values themselves came meanwhile. */
  async acceptPreview(preview) {
    const bitmap = await createImageBitmap(new Blob([preview.image], { type: preview.mediaType }));
    const newer = preview.step >= this.#previewed && (this.#codes ? this.#decided === 0 : preview.step > this.#decided);
    if (newer) {
      this.#previewed = preview.step;
      this.#context.clearRect(0, 0, this.#geometry.width, this.#geometry.height);
      this.#context.drawImage(bitmap, 0, 0);
      this.#showProgress();
    }
    bitmap.close();
  }

  /** Draws what was accepted since the last call. */
  paint() {
    if (this.#lastDirtyRow < 0) {
      return;
    }
    const rows = this.#lastDirtyRow - this.#firstDirtyRow + 1;
    this.#context.putImageData(this.#image, 0, 0, 0, this.#firstDirtyRow, this.#geometry.width, rows);
    this.#firstDirtyRow = Infinity;
    this.#lastDirtyRow = -1;
    this.#showProgress();
  }

  /** Takes the server's result (scanline.v1.ImageResult) and compares its digest with that of the values drawn here. */
  async complete(result) {
    this.paint();
    this.element.dataset.digest = toHex(result.sha256);
    this.element.dataset.verified = await this.#verify(result.sha256);
    this.element.dataset.state = "complete";
    const unknown = result.likelihoodKind === 0 && result.bitsPerDim === 0; // a model without likelihoods
    const likelihood = unknown ? "complete" : `${result.bitsPerDim.toFixed(3)} bits/${this.#codes ? "code" : "dim"}`;
    if (result.rank > 0) { // by how like its prompt it is: the page marks the best one
      this.element.dataset.rank = result.rank;
      const place = result.rank === 1 ? "★ best" : `#${result.rank}`;
      const ranked = this.generation.figures.length > 1 ? `${place}, ` : "";
      this.#caption(`${ranked}like the prompt ${result.promptLikeness.toFixed(3)}`);
    } else {
      this.#caption(likelihood);
    }
    this.part(".caption").title = `${likelihood}; ${result.logLikelihoodNats.toFixed(1)} nats; first pixel after `
      + `${(Number(result.firstPixelUs) / 1000).toFixed(1)} ms on the server`;
    this.#showVerdict();
    this.part(".download").disabled = false;
  }

  /** Says that the image ends unfinished: "cancelled" or "failed"; or that it is "paused". */
  stop(state) {
    this.paint();
    this.element.dataset.state = state;
    this.#showSteps();
    this.part(".verdict").textContent = state;
  }

  /** Says that a paused image grows again. */
  goOn() {
    this.element.dataset.state = "growing";
    this.part(".verdict").textContent = "";
  }

  /** Says how the image was made of another one: "fork" or "mask", in a few words, and in more. */
  showOrigin(kind, text, title) {
    this.element.dataset.origin = kind;
    const origin = this.part(".origin");
    origin.textContent = text;
    origin.title = title;
    origin.hidden = false;
  }

  /** An element of the figure. */
  part(selector) {
    return this.element.querySelector(selector);
  }

  async #verify(expected) {
    if (!globalThis.crypto?.subtle) { // browsers have it on secure origins and localhost only
      return "unchecked";
    }
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", this.#values));
    return this.#decided === this.#values.length && toHex(digest) === toHex(expected) ? "true" : "false";
  }

  #showVerdict() {
    const verdicts = {
      true: ["✓ verified", "The SHA-256 of these pixels is the one that the server gave"],
      false: ["✗ differs", "The SHA-256 of these pixels is not the one that the server gave"],
      unchecked: ["not checked", "The browser computes digests only over HTTPS or on localhost"],
    };
    const [verdict, explanation] = verdicts[this.element.dataset.verified];
    this.part(".verdict").textContent = verdict;
    this.part(".verdict").title = `${explanation}: ${this.element.dataset.digest}`;
  }

  #showProgress() {
    if (this.state === "waiting") {
      this.element.dataset.state = "growing";
    }
    this.#showSteps();
  }

  #showSteps() {
    // The values of an image that is made of codes come after the last code.
    const shown = this.#codes && this.#decided > 0 ? this.steps : this.decidedSteps;
    this.element.dataset.decided = shown;
    this.part("progress").value = shown / this.steps;
    this.#caption(`${shown} / ${this.steps}`);
  }

  #caption(text) {
    this.part(".caption").textContent = text;
  }
}

function toHex(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
