// One image that grows: a canvas, its progress, and whether its bytes are those that the server says it made.

const OPAQUE = 255;

/** Shows one image of a generation. Values are collected as they come and drawn when `paint` is called. */
export class ImageFigure {
  #geometry;
  #values;
  #image;
  #context;
  #decided = 0;
  #firstDirtyRow = Infinity;
  #lastDirtyRow = -1;
  #previewed = 0;
  #codes;
  #total;

  /**
   * @param {number} index of the image in its request
   * @param geometry a scanline.v1.Geometry
   * @param {string} name of what is drawn
   * @param {number} codes that are drawn and then made an image of; 0: the values themselves are drawn
   */
  constructor(index, geometry, name, codes) {
    this.index = index;
    this.name = name;
    this.#geometry = geometry;
    this.#values = new Uint8Array(geometry.width * geometry.height * geometry.channels);
    this.#codes = codes;
    this.#total = codes || this.#values.length;
    this.#image = new ImageData(geometry.width, geometry.height);
    this.element = document.getElementById("figure").content.firstElementChild.cloneNode(true);
    const canvas = this.#part("canvas");
    canvas.width = geometry.width;
    canvas.height = geometry.height;
    canvas.setAttribute("aria-label", `Image ${index + 1}: ${name}`);
    this.#context = canvas.getContext("2d");
    this.#part("progress").setAttribute("aria-label", `Progress of image ${index + 1}`);
    this.#part(".download").addEventListener("click", () => this.#download());
    Object.assign(this.element.dataset, {
      index, decided: 0, total: this.#total, state: "waiting", verified: "pending",
    });
    this.#caption("waiting");
  }

  /** Number of values decided so far, as far as the page knows; of an image made of codes, their share of it. */
  get decided() {
    return Math.max(this.#decided, Math.floor(this.#previewed / this.#total * this.#values.length));
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
    this.#decided += values.length;
  }

  /** Shows an encoded picture of the image so far, unless a newer one or the values themselves came meanwhile. */
  async acceptPreview(preview) {
    const bitmap = await createImageBitmap(new Blob([preview.image], { type: preview.mediaType }));
    if (this.#decided === 0 && preview.step >= this.#previewed) {
      this.#previewed = preview.step;
      this.#context.clearRect(0, 0, this.#geometry.width, this.#geometry.height);
      this.#context.drawImage(bitmap, 0, 0);
      this.#showProgress(preview.step);
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
    this.#showProgress(this.#codes || this.#decided); // values come after the last code
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
      this.#caption(`${place}, like the prompt ${result.promptLikeness.toFixed(3)}`);
    } else {
      this.#caption(likelihood);
    }
    this.#part(".caption").title = `${likelihood}; ${result.logLikelihoodNats.toFixed(1)} nats; first pixel after `
      + `${(Number(result.firstPixelUs) / 1000).toFixed(1)} ms on the server`;
    this.#showVerdict();
    this.#part(".download").disabled = false;
  }

  /** Says that the image ends unfinished: "cancelled" or "failed". */
  stop(state) {
    this.paint();
    this.element.dataset.state = state;
    this.#caption(`${this.element.dataset.decided} / ${this.#total}`);
    this.#part(".verdict").textContent = state;
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
    this.#part(".verdict").textContent = verdict;
    this.#part(".verdict").title = `${explanation}: ${this.element.dataset.digest}`;
  }

  #showProgress(decided) {
    this.element.dataset.decided = decided;
    this.element.dataset.state = "growing";
    this.#part("progress").value = decided / this.#total;
    this.#caption(`${decided} / ${this.#total}`);
  }

  #caption(text) {
    this.#part(".caption").textContent = text;
  }

  #download() {
    this.#part("canvas").toBlob((blob) => {
      const link = document.createElement("a");
      link.href = URL.createObjectURL(blob);
      link.download = `${this.name.replace(/[^\p{L}\p{N}]+/gu, "-").toLowerCase()}-${this.index}.png`;
      link.click();
      URL.revokeObjectURL(link.href);
    });
  }

  #part(selector) {
    return this.element.querySelector(selector);
  }
}

function toHex(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
