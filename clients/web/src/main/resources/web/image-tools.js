// The pointer, or the keys, on one image: choosing where to fork it, and painting the mask of what is to be drawn anew.

const STEPS_OF_KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** A layer over an image, one pixel for each of its cells, and the buttons of its mask. */
export class ImageTools {
  #figure;
  #toolbox;
  #orders;
  #columns;
  #rows;
  #overlay;
  #context;
  #mask;
  #at; // the cell under the pointer, { x, y } with fractions; undefined when it is elsewhere
  #erases; // while a stroke is painted, whether it takes away

  /**
   * @param {ImageFigure} figure
   * @param {Toolbox} toolbox says what the pointer does
   * @param orders what comes of it: `fork(figure, steps)`, where the first steps are kept; `repaint(figure, mask)`, a byte
   *     for every step of the image, 1 where it is drawn anew; `explain(text)`, when there is nothing to be done
   */
  constructor(figure, toolbox, orders) {
    this.#figure = figure;
    this.#toolbox = toolbox;
    this.#orders = orders;
    this.#columns = figure.cells.columns;
    this.#rows = figure.cells.rows;
    this.#mask = new Uint8Array(this.#columns * this.#rows);
    this.#overlay = figure.part(".overlay");
    this.#overlay.width = this.#columns;
    this.#overlay.height = this.#rows;
    this.#overlay.hidden = false;
    this.#context = this.#overlay.getContext("2d");
    this.#listen();
    this.toolChanged();
  }

  /** Another tool was chosen. */
  toolChanged() {
    const paints = this.#toolbox.tool === "paint";
    this.#overlay.dataset.tool = this.#toolbox.tool;
    this.#overlay.setAttribute("aria-label", paints
      ? "What to draw anew: the arrow keys move, the space bar paints, Enter draws"
      : "Where to fork: the arrow keys move, Enter forks");
    this.#draw();
  }

  #listen() {
    const overlay = this.#overlay;
    overlay.addEventListener("pointermove", (event) => this.#move(event));
    overlay.addEventListener("pointerleave", () => this.#leave());
    overlay.addEventListener("blur", () => this.#leave());
    overlay.addEventListener("pointerdown", (event) => this.#press(event));
    for (const end of ["pointerup", "pointercancel"]) {
      overlay.addEventListener(end, () => { this.#erases = undefined; });
    }
    overlay.addEventListener("click", (event) => this.#click(event));
    overlay.addEventListener("keydown", (event) => this.#key(event));
    this.#figure.part(".repaint").addEventListener("click", () => this.#repaint());
    this.#figure.part(".invert").addEventListener("click", () => this.#change((painted) => 1 - painted));
    this.#figure.part(".clear").addEventListener("click", () => this.#change(() => 0));
  }

  #move(event) {
    const from = this.#at;
    this.#at = this.#place(event);
    if (this.#erases !== undefined) {
      this.#stroke(from ?? this.#at, this.#at, this.#erases ? 0 : 1);
    }
    this.#draw();
  }

  #leave() {
    this.#at = undefined;
    this.#draw();
  }

  #press(event) {
    if (this.#toolbox.tool !== "paint" || event.button !== 0) {
      return;
    }
    if (this.#figure.state !== "complete") {
      this.#orders.explain("An image can be painted on when it is complete.");
      return;
    }
    this.#overlay.setPointerCapture(event.pointerId);
    this.#erases = event.shiftKey;
    this.#at = this.#place(event);
    this.#stroke(this.#at, this.#at, this.#erases ? 0 : 1);
    this.#draw();
  }

  #click(event) {
    if (this.#toolbox.tool === "fork") {
      this.#at = this.#place(event);
      this.#fork();
    }
  }

  #key(event) {
    const step = STEPS_OF_KEYS[event.key];
    const paints = this.#toolbox.tool === "paint";
    if (step) {
      const { x, y } = this.#at ?? { x: this.#columns / 2, y: this.#rows / 2 };
      this.#at = {
        x: Math.min(Math.max(Math.floor(x) + step[0], 0), this.#columns - 1) + 0.5,
        y: Math.min(Math.max(Math.floor(y) + step[1], 0), this.#rows - 1) + 0.5,
      };
      this.#draw();
    } else if (event.key === " " && paints && this.#at && this.#figure.state === "complete") {
      this.#stroke(this.#at, this.#at, event.shiftKey ? 0 : 1);
      this.#draw();
    } else if (event.key === "Enter" && this.#at) {
      if (paints) {
        this.#repaint();
      } else {
        this.#fork();
      }
    } else {
      return;
    }
    event.preventDefault();
  }

  #fork() {
    this.#orders.fork(this.#figure, this.#cellsKept() * this.#figure.stepsOfCell);
  }

  #repaint() {
    if (this.#mask.includes(1)) {
      const { stepsOfCell } = this.#figure;
      const mask = new Uint8Array(this.#mask.length * stepsOfCell);
      this.#mask.forEach((painted, cell) => mask.fill(painted, cell * stepsOfCell, (cell + 1) * stepsOfCell));
      this.#orders.repaint(this.#figure, mask);
    }
  }

  #change(toPainted) {
    this.#mask = this.#mask.map(toPainted);
    this.#draw();
  }

  /** Cells before the one under the pointer, as far as they are decided. */
  #cellsKept() {
    const cell = Math.floor(this.#at.y) * this.#columns + Math.floor(this.#at.x);
    return Math.min(cell, Math.floor(this.#figure.decidedSteps / this.#figure.stepsOfCell));
  }

  #place(event) {
    const { left, top, width, height } = this.#overlay.getBoundingClientRect();
    const inside = (share, cells) => Math.min(Math.max(share * cells, 0), cells - 0.001);
    return {
      x: inside((event.clientX - left) / width, this.#columns),
      y: inside((event.clientY - top) / height, this.#rows),
    };
  }

  /** Paints from one place to another, without gaps. */
  #stroke(from, to, painted) {
    const steps = Math.ceil(2 * Math.max(Math.abs(to.x - from.x), Math.abs(to.y - from.y))) || 1;
    for (let step = 0; step <= steps; step++) {
      const at = { x: from.x + (to.x - from.x) * step / steps, y: from.y + (to.y - from.y) * step / steps };
      this.#under(at).forEach((cell) => { this.#mask[cell] = painted; });
    }
  }

  /** The cells under the brush: the one in its middle, and those whose middles it covers. */
  #under({ x, y }) {
    const { width, height } = this.#figure.part(".picture");
    const radiusX = this.#toolbox.brush / 2 * this.#columns / width;
    const radiusY = this.#toolbox.brush / 2 * this.#rows / height;
    const cells = new Set([Math.floor(y) * this.#columns + Math.floor(x)]);
    for (let row = Math.max(0, Math.floor(y - radiusY)); row <= Math.min(this.#rows - 1, y + radiusY); row++) {
      for (let column = Math.max(0, Math.floor(x - radiusX)); column <= Math.min(this.#columns - 1, x + radiusX); column++) {
        if (((column + 0.5 - x) / radiusX) ** 2 + ((row + 0.5 - y) / radiusY) ** 2 <= 1) {
          cells.add(row * this.#columns + column);
        }
      }
    }
    return cells;
  }

  #draw() {
    this.#context.clearRect(0, 0, this.#columns, this.#rows);
    const paints = this.#toolbox.tool === "paint";
    const cells = [...this.#mask.keys()];
    this.#figure.part(".mask-actions").hidden = !paints || !this.#mask.includes(1);
    if (paints) {
      this.#fill(cells.filter((cell) => this.#mask[cell] === 1), "--accent", 0.7);
    }
    if (this.#at && paints) {
      this.#fill(this.#under(this.#at), "--accent", 0.35);
    } else if (this.#at) {
      const kept = this.#cellsKept();
      this.#fill(cells.slice(kept, kept + 1), "--accent", 1);
      this.#fill(cells.slice(kept + 1), "--surface", 0.75);
    }
  }

  #fill(cells, colour, opacity) {
    this.#context.globalAlpha = opacity;
    this.#context.fillStyle = getComputedStyle(this.#overlay).getPropertyValue(colour);
    for (const cell of cells) {
      this.#context.fillRect(cell % this.#columns, Math.floor(cell / this.#columns), 1, 1);
    }
  }
}
