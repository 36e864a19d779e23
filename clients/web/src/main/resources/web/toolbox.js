/** What the pointer does on images, as it is chosen above them. */
export class Toolbox {
  #element;

  /**
   * @param {HTMLElement} element with radio buttons "tool" (fork, paint) and a range "brush"
   * @param {() => void} changed told of every choice
   */
  constructor(element, changed) {
    this.#element = element;
    element.addEventListener("input", () => {
      this.#show();
      changed();
    });
    this.#show();
  }

  /** "fork" or "paint". */
  get tool() {
    return this.#element.querySelector("[name=tool]:checked").value;
  }

  /** Diameter of the brush, in pixels of an image. */
  get brush() {
    return this.#element.querySelector("[name=brush]").valueAsNumber;
  }

  /** Offers the tools, or not: what a model makes at once has nothing to go on from. */
  offer(isOffered) {
    this.#element.hidden = !isOffered;
  }

  #show() {
    for (const part of this.#element.querySelectorAll("[data-tool]")) {
      part.hidden = part.dataset.tool !== this.tool;
    }
  }
}
