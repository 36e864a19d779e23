import { formatTime } from "./numbers.js";

/** A box that says what went wrong. */
export class ErrorBox {
  #element;

  /** @param {HTMLElement} element with parts of the classes error-status, error-reason, error-message and error-retry */
  constructor(element) {
    this.#element = element;
  }

  /**
   * Shows a failure.
   *
   * @param {Error} failure of the server (RpcError) or of this page
   * @param {{field: string, description: string}[]} violations that are not shown elsewhere
   */
  show(failure, violations = failure.violations ?? []) {
    const known = failure.status !== undefined || failure.field !== undefined;
    if (!known) {
      console.error(failure);
    }
    const lines = violations.filter(({ description }) => !failure.message.includes(description))
      .map(({ field, description }) => `${field}: ${description}`);
    this.#part("status", failure.status ?? (known ? "INVALID_ARGUMENT" : "INTERNAL"));
    this.#part("reason", failure.reason ?? "");
    this.#part("message", [failure.message, ...lines].join("\n"));
    this.#part("retry", failure.retryAfterMs === undefined
      ? "" : `The same request can succeed in ${formatTime(failure.retryAfterMs)}.`);
    this.#element.hidden = false;
  }

  hide() {
    this.#element.hidden = true;
  }

  #part(name, text) {
    this.#element.querySelector(`.error-${name}`).textContent = text;
  }
}
