/** The cadence to ask for: codes are no pixels to paint, so that previews show what becomes of them. */
export function cadenceOf(chosen, drawsCodes) {
  return { mode: drawsCodes && chosen !== "FINAL" ? "PREVIEW" : chosen, intervalMs: 40 };
}
