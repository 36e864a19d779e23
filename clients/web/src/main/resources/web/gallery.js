// The images on the page: those of the last request, and beside each the branches that were made of it.
import { fork, repaint } from "./branches.js";
import { Generation } from "./generation.js";
import { ImageTools } from "./image-tools.js";
import { RpcError } from "./rpc-status.js";

/** More images than this are shown smaller. */
const MANY = 8;
/** Streams at a time: a browser opens six connections to a server, and cancelling needs one. */
const MOST_STREAMS = 4;

/** Starts generations, shows their images and steers those that run. */
export class Gallery {
  #element;
  #toolbox;
  #numbers;
  #orders;
  #audience;
  #scanline;
  #first; // the request's own generation
  #running = new Set();
  #tools = [];

  /**
   * @param {HTMLElement} element where the images go
   * @param {Toolbox} toolbox what the pointer does on them
   * @param {Numbers} numbers what is measured
   * @param audience `fork(figure, steps)`, `repaint(figure, mask)` and `explain(text)`, as ImageTools orders; `changed()` when
   *     something starts, ends, pauses or goes on; `trouble(failure)` when something goes wrong that ends nothing
   */
  constructor(element, toolbox, numbers, audience) {
    this.#element = element;
    this.#toolbox = toolbox;
    this.#numbers = numbers;
    this.#audience = audience;
    this.#orders = {
      started: (generation, started) => this.#show(generation, started),
      changed: () => this.#changed(),
      trouble: (failure) => audience.trouble(failure),
    };
  }

  /** Whether anything grows or is paused. */
  get open() {
    return this.#running.size > 0;
  }

  /** Whether anything can be paused. */
  get pausable() {
    return this.#some((generation) => generation.pausable);
  }

  /** Whether anything is paused. */
  get paused() {
    return this.#some((generation) => generation.state === "paused");
  }

  /**
   * Clears the page and runs a request to its end; what it was told of the prompt (scanline.v1.PromptRead), if anything.
   *
   * @param {Scanline} scanline the server
   * @param wanted as Generation takes it
   * @throws {RpcError} when it is refused, cancelled or breaks
   */
  async generate(scanline, wanted) {
    this.#scanline = scanline;
    this.#element.replaceChildren();
    this.#tools = [];
    this.#first = undefined;
    const generation = this.#generation(wanted);
    this.#first = generation;
    this.#changed();
    await this.#run(generation);
    return generation.promptRead;
  }

  /** Runs a fork to its end; see branches.js. */
  async fork(parent, steps, chosen) {
    const { generation } = parent;
    if (!generation.open) {
      return this.#branch(parent, fork(parent, steps, chosen, false), forkedAt(parent, steps));
    }
    try {
      await this.#branch(parent, fork(parent, steps, chosen, true), forkedAt(parent, steps));
    } catch (failure) {
      if (failure.reason !== "GENERATION_NOT_FOUND") {
        throw failure;
      }
      if (generation.state !== "paused") {
        await generation.over; // it ended between the click and the server: the rest of it is on its way
      }
      if (parent.knownSteps < steps) {
        throw failure;
      }
      await this.#branch(parent, fork(parent, steps, chosen, false), forkedAt(parent, steps));
    }
  }

  /** Draws a part of an image anew, to the end; see branches.js. */
  async repaint(parent, mask, chosen) {
    const { length } = mask.filter((anew) => anew === 1);
    const origin = { kind: "mask", text: `↳ ${Math.round(100 * length / mask.length)} % drawn anew` };
    await this.#branch(parent, repaint(parent, mask, chosen), origin);
  }

  pause() {
    this.#running.forEach((generation) => generation.pause());
  }

  goOn() {
    this.#running.forEach((generation) => generation.goOn());
  }

  cancel() {
    this.#running.forEach((generation) => generation.cancel());
  }

  leave() {
    this.#running.forEach((generation) => generation.leave());
  }

  setCadence(chosen) {
    this.#running.forEach((generation) => generation.setCadence(chosen));
  }

  toolChanged() {
    this.#tools.forEach((tools) => tools.toolChanged());
  }

  #generation(wanted) {
    return new Generation(this.#scanline, wanted, this.#orders, this.#numbers.begin());
  }

  async #branch(parent, wanted, origin) {
    const streams = [...this.#running].filter((generation) => generation.state !== "paused").length;
    if (streams >= MOST_STREAMS) {
      throw new RpcError("RESOURCE_EXHAUSTED", `The page reads ${MOST_STREAMS} streams at a time. Wait until one has ended.`);
    }
    const generation = this.#generation(wanted);
    generation.branchOf = { parent, ...origin };
    await this.#run(generation);
  }

  async #run(generation) {
    this.#running.add(generation);
    this.#changed();
    try {
      await generation.run();
    } finally {
      this.#running.delete(generation);
      this.#changed();
    }
  }

  #show(generation, started) {
    const elements = generation.figures.map((figure) => figure.element);
    if (generation.branchOf) {
      const { parent, kind, text } = generation.branchOf;
      generation.figures.forEach((figure) => figure.showOrigin(kind, text, `Seed ${generation.seed}`));
      parent.element.after(...elements);
    } else {
      const { geometry } = started;
      Object.assign(this.#element.dataset, {
        generation: started.generationId, width: geometry.width, height: geometry.height,
        channels: geometry.channels, levelValues: Array.from(geometry.levelValues).join(" "),
      });
      this.#element.replaceChildren(...elements);
      this.#toolbox.offer(started.order !== 0);
    }
    if (started.order !== 0) {
      this.#tools.push(...generation.figures.map((figure) => new ImageTools(figure, this.#toolbox, this.#audience)));
    }
    const { length } = this.#element.children;
    this.#element.dataset.count = length;
    this.#element.toggleAttribute("data-many", length > MANY);
  }

  #changed() {
    this.#element.dataset.state = this.#first?.state ?? "idle";
    this.#audience.changed();
  }

  #some(predicate) {
    return [...this.#running].some(predicate);
  }
}

function forkedAt(parent, steps) {
  const { columns } = parent.cells;
  const cell = steps / parent.stepsOfCell;
  return { kind: "fork", text: `↳ forked at ${cell % columns}, ${Math.floor(cell / columns)}` };
}
