// One generation from the click to the last pixel, however often its stream is broken off and taken up again.
import { cadenceOf } from "./cadence.js";
import { ImageFigure } from "./image-figure.js";
import { RpcError } from "./rpc-status.js";

/**
 * Runs one generation and shows its images. Messages are collected as they come; the page is painted once a frame.
 *
 * The server holds it when its stream breaks. A pause is a stream that is broken off here, until `goOn` reads on from
 * what is there. If the server does not have it any more by then, the same request is made again: it gives the same bytes.
 */
export class Generation {
  #scanline;
  #audience;
  #measurement;
  #abort;
  #held = true;
  #started;
  #finished = false;
  #cancelled = false;
  #brokenOff = false; // by this page, from the wish to the end of the stream
  #break; // the pause, from the wish to its end
  #frame = 0;
  #figures = [];
  #endOver;

  /**
   * @param {Scanline} scanline the server
   * @param wanted what RequestForm.read and the branches give: `request`, `name` for captions and files, `timeoutMs`, and
   *     `inherited`: steps that are another image's
   * @param audience `started(generation, started)` when its images are there, `changed(generation)` when it is paused or
   *     goes on, `trouble(failure)` when something goes wrong that does not end it
   * @param {Measurement} measurement takes the times
   */
  constructor(scanline, wanted, audience, measurement) {
    this.#scanline = scanline;
    /** What was asked for. */
    this.wanted = wanted;
    this.#audience = audience;
    this.#measurement = measurement;
    this.state = "waiting";
    /** Resolves when it is over, however it ended. */
    this.over = new Promise((resolve) => { this.#endOver = resolve; });
  }

  get name() {
    return this.wanted.name;
  }

  /** Its identity on the server; undefined before it is admitted. */
  get id() {
    return this.#started?.generationId;
  }

  /** The seed in use; undefined before it is admitted. */
  get seed() {
    return this.#started?.seed;
  }

  get figures() {
    return this.#figures;
  }

  /** What the model read of the prompt (scanline.v1.PromptRead); undefined without one. */
  get promptRead() {
    return this.#started?.prompt;
  }

  /** Whether it can be paused now. */
  get pausable() {
    return this.state === "growing" && this.#held;
  }

  /** Whether it has neither ended nor failed. */
  get open() {
    return ["waiting", "growing", "paused"].includes(this.state);
  }

  /**
   * Runs to the end.
   *
   * @throws {RpcError} when it is refused, cancelled or breaks
   */
  async run() {
    this.#frame = requestAnimationFrame(() => this.#paint());
    try {
      for (let responses = this.#begin(); responses;) {
        responses = await this.#read(responses);
      }
      this.#become("complete");
    } catch (failure) {
      const state = failure.status === "CANCELLED" ? "cancelled" : "failed";
      this.#figures.filter((figure) => figure.state !== "complete").forEach((figure) => figure.stop(state));
      this.#giveUp();
      this.#become(state);
      throw failure;
    } finally {
      cancelAnimationFrame(this.#frame);
      this.#measurement.show(this.#decided());
      this.#endOver();
    }
  }

  /** Breaks the stream off: the page gets no more pixels until `goOn`. */
  pause() {
    this.#breakOff(new Break());
  }

  /** Ends a pause. */
  goOn() {
    this.#break?.end();
  }

  /** Shows it at another cadence from now on; `chosen` as in `cadenceOf`. */
  setCadence(chosen) {
    this.wanted.request.cadence = cadenceOf(chosen, this.wanted.drawsCodes);
    this.#breakOff(undefined);
  }

  /** Stops it: the server frees the slots at its next step. */
  cancel() {
    this.#cancelled = true;
    if (this.#started) {
      this.#abort.abort();
      this.#break?.end();
    } // else the server may hold it: it is given up by its id as soon as that is known
  }

  /** Gives one image up; the others go on. */
  async cancelImage(index) {
    const figure = this.#figures[index];
    try {
      if (await this.#scanline.cancel(this.id, index) > 0) {
        figure.stop("cancelled");
      }
    } catch (failure) {
      if (figure.state !== "complete") { // else it ended between the click and the server
        this.#audience.trouble(failure);
      }
    }
  }

  /** The page is left: nobody will read on. */
  leave() {
    if (this.open && this.id) {
      this.#scanline.cancel(this.id, undefined, { keepalive: true }).catch(() => undefined); // nobody is there to be told
    }
  }

  /** Reads a stream to its end, and gives the one to go on with; undefined: that was all. */
  async #read(responses) {
    try {
      for await (const { event } of responses) {
        await this.#handle(event);
      }
      return undefined;
    } catch (failure) {
      return await this.#after(failure);
    }
  }

  /** The stream to go on with after one that broke. */
  async #after(failure) {
    if (this.#finished) {
      return undefined;
    }
    if (this.#cancelled) {
      throw failure;
    }
    if (failure.status === "UNAVAILABLE" && this.#started && this.#held) {
      this.#audience.trouble(failure);
      await this.#rest(new Break());
      return this.#resume();
    }
    if (this.#brokenOff) {
      this.#brokenOff = false;
      await this.#rest(this.#break);
      return this.#resume();
    }
    if (failure.reason === "GENERATION_NOT_FOUND" && this.#started) { // it was held for too long
      return this.#begin();
    }
    if (failure.reason === "HOLD_MEMORY_FULL" && this.#held) {
      this.#held = false;
      return this.#begin();
    }
    throw failure;
  }

  #breakOff(pause) {
    if (this.pausable) {
      this.#brokenOff = true;
      this.#break ??= pause;
      this.#abort.abort();
    }
  }

  /** Waits for the end of a pause; undefined: there is none. */
  async #rest(pause) {
    if (!pause) {
      return;
    }
    this.#break = pause;
    const unfinished = this.#figures.filter((figure) => ["waiting", "growing"].includes(figure.state));
    unfinished.forEach((figure) => figure.stop("paused"));
    this.#measurement.pause();
    this.#become("paused");
    await pause.over;
    this.#measurement.goOn();
    this.#break = undefined;
    if (this.#cancelled) {
      throw new RpcError("CANCELLED", "Cancelled here.");
    }
    unfinished.filter((figure) => figure.state === "paused").forEach((figure) => figure.goOn());
    this.#become("growing");
  }

  #begin() {
    const request = this.#started ? { ...this.wanted.request, seed: this.seed } : this.wanted.request;
    return this.#scanline.generate(request, { held: this.#held, ...this.#callOptions() });
  }

  #resume() {
    const nextIndex = this.#figures.map((figure) => figure.nextIndex);
    const { cadence } = this.wanted.request;
    return this.#scanline.resume({ generationId: this.id, nextIndex, cadence }, this.#callOptions());
  }

  #callOptions() {
    this.#abort = new AbortController();
    const { timeoutMs } = this.wanted;
    const left = timeoutMs === undefined ? undefined : Math.max(1, timeoutMs - this.#measurement.elapsed);
    return { signal: this.#abort.signal, timeoutMs: left };
  }

  /** Tells the server, which would hold it. */
  #giveUp() {
    if (this.#started && this.#held && !this.#finished) {
      this.#scanline.cancel(this.id).catch((failure) => {
        if (failure.reason !== "GENERATION_NOT_FOUND") { // it had ended
          this.#audience.trouble(failure);
        }
      });
    }
  }

  async #handle({ case: kind, value }) {
    switch (kind) {
      case "started":
        this.#start(value);
        break;
      case "pixels":
        this.#measurement.pixelsArrived();
        this.#figures[value.imageIndex].accept(value.firstIndex, value.values);
        break;
      case "tokens":
        this.#figures[value.imageIndex].acceptCodes(value.firstIndex, value.codes);
        break;
      case "preview":
        this.#measurement.pixelsArrived();
        await this.#figures[value.imageIndex].acceptPreview(value);
        break;
      case "finished":
        this.#finished = true;
        await Promise.all(value.images.map((result) => this.#complete(result)));
        break;
      default: // an event that a newer server may send
    }
  }

  async #complete(result) {
    const figure = this.#figures[result.imageIndex];
    if (result.finishReason === this.#scanline.cancelled) {
      figure.stop("cancelled");
    } else {
      await figure.complete(result);
    }
  }

  #start(started) {
    const first = !this.#started;
    this.#started = started;
    if (this.#cancelled) {
      this.#abort.abort();
    }
    if (!first) {
      return;
    }
    const { geometry: { width, height, channels }, steps } = started;
    const { inherited = 0 } = this.wanted;
    const given = inherited / (started.codes ? steps : width * height * channels);
    this.#measurement.admitted(started, Math.round(given * width * height * channels) * started.images);
    this.#figures = Array.from({ length: started.images }, (_, index) => new ImageFigure(this, index, started));
    if (this.wanted.request.prefix) {
      this.#figures.forEach((figure) => figure.acceptGiven(this.wanted.request.prefix));
    }
    this.#become("growing");
    this.#audience.started(this, started);
  }

  #become(state) {
    this.state = state;
    this.#audience.changed(this);
  }

  #paint() {
    this.#figures.forEach((figure) => figure.paint());
    this.#measurement.show(this.#decided());
    this.#frame = requestAnimationFrame(() => this.#paint());
  }

  #decided() {
    return this.#figures.reduce((sum, figure) => sum + figure.decided, 0);
  }
}

/** A pause of a generation. */
class Break {
  constructor() {
    /** Resolves at its end. */
    this.over = new Promise((resolve) => { this.end = resolve; });
  }
}
