// What is measured of a generation on this side of the network.

/** The figures beside the images. Times start at the click, so that they contain the network and the queue. */
export class Numbers {
  #list;
  #channels = 1;
  #began = 0;
  #firstPixel = undefined;

  /** @param {HTMLElement} list whose `data-number` elements are filled */
  constructor(list) {
    this.#list = list;
  }

  begin() {
    this.#began = performance.now();
    this.#firstPixel = undefined;
    this.#list.querySelectorAll("[data-number]").forEach((number) => { number.textContent = "–"; });
  }

  /** @param started a scanline.v1.Started */
  admitted(started) {
    this.#channels = started.geometry.channels;
    this.#set("queue", started.queuePosition === 0 ? "none" : `${started.queuePosition} ahead`);
    this.#set("eta", formatTime(started.etaMs));
    this.#set("seed", String(started.seed));
  }

  pixelsArrived() {
    this.#firstPixel ??= performance.now();
  }

  /** @param {number} decided values of all images together */
  show(decided) {
    const now = performance.now();
    this.#set("elapsed", formatTime(now - this.#began));
    if (this.#firstPixel !== undefined) {
      this.#set("first", formatTime(this.#firstPixel - this.#began));
      const seconds = (now - this.#firstPixel) / 1000;
      if (seconds > 0.05) { // less is no rate yet
        this.#set("rate", Math.round(decided / this.#channels / seconds).toLocaleString("en"));
      }
    }
  }

  end(decided) {
    this.show(decided);
  }

  #set(name, text) {
    const number = this.#list.querySelector(`[data-number="${name}"]`);
    number.textContent = text;
    number.title = text; // a long seed is cut off
  }
}

/** Milliseconds for people: "87 ms", "1.24 s". */
export function formatTime(milliseconds) {
  return milliseconds < 1000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(2)} s`;
}
