// What is measured of a generation on this side of the network.

/** The figures beside the images: those of the generation that began last. */
export class Numbers {
  #list;
  #shown;

  /** @param {HTMLElement} list whose `data-number` elements are filled */
  constructor(list) {
    this.#list = list;
  }

  /** Begins to measure a generation; what is measured of others is not shown any more. */
  begin() {
    this.#list.querySelectorAll("[data-number]").forEach((number) => { number.textContent = "–"; });
    const measurement = new Measurement((name, text) => {
      if (this.#shown === measurement) {
        this.#set(name, text);
      }
    });
    this.#shown = measurement;
    return measurement;
  }

  #set(name, text) {
    const number = this.#list.querySelector(`[data-number="${name}"]`);
    number.textContent = text;
    number.title = text; // a long seed is cut off
  }
}

/** What is measured of one generation. Times start at the click, so that they contain the network and the queue. */
class Measurement {
  #set;
  #channels = 1;
  #given = 0;
  #began = performance.now();
  #firstPixel = undefined;
  #brokenOff = undefined;

  /** @param {(name: string, text: string) => void} set shows a number */
  constructor(set) {
    this.#set = set;
  }

  /** @param started a scanline.v1.Started; @param {number} given values of all images that need not be drawn */
  admitted(started, given) {
    this.#channels = started.geometry.channels;
    this.#given = given;
    this.#set("queue", started.queuePosition === 0 ? "none" : `${started.queuePosition} ahead`);
    this.#set("eta", formatTime(started.etaMs));
    this.#set("seed", String(started.seed));
  }

  pixelsArrived() {
    this.#firstPixel ??= performance.now();
  }

  /** The time until `goOn` does not count. */
  pause() {
    this.#brokenOff = performance.now();
  }

  goOn() {
    const lost = performance.now() - this.#brokenOff;
    this.#brokenOff = undefined;
    this.#began += lost;
    if (this.#firstPixel !== undefined) {
      this.#firstPixel += lost;
    }
  }

  /** Milliseconds since the click, without pauses. */
  get elapsed() {
    return (this.#brokenOff ?? performance.now()) - this.#began;
  }

  /** @param {number} decided values of all images together */
  show(decided) {
    this.#set("elapsed", formatTime(this.elapsed));
    if (this.#firstPixel !== undefined) {
      const first = this.#firstPixel - this.#began;
      this.#set("first", formatTime(first));
      const seconds = (this.elapsed - first) / 1000;
      if (seconds > 0.05) { // less is no rate yet
        const drawn = Math.max(0, decided - this.#given);
        this.#set("rate", Math.round(drawn / this.#channels / seconds).toLocaleString("en"));
      }
    }
  }
}

/** Milliseconds for people: "87 ms", "1.24 s". */
export function formatTime(milliseconds) {
  return milliseconds < 1000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(2)} s`;
}
