// Requests for images that are made of another one: forks of it, and the same with a part drawn anew.

/**
 * What to ask for an image that keeps the first steps of another one.
 *
 * @param {ImageFigure} parent
 * @param {number} steps that are kept
 * @param chosen what the form says (RequestForm.read): seed, class, prompt and sampling
 * @param {boolean} byId whether the server has that generation: it then has all of its steps, perhaps more than this page.
 *     Otherwise the steps are sent along.
 */
export function fork(parent, steps, chosen, byId) {
  const start = byId
    ? { fork: { generationId: parent.generation.id, imageIndex: parent.index, steps } }
    : { prefix: parent.first(steps) };
  return { ...branch(parent, chosen, start), inherited: steps };
}

/**
 * What to ask for an image that keeps a part of another one, which is complete.
 *
 * @param {ImageFigure} parent
 * @param {Uint8Array} mask a byte for every step, 1 where it is drawn anew
 * @param chosen what the form says (RequestForm.read)
 */
export function repaint(parent, mask, chosen) {
  return branch(parent, chosen, { given: { values: parent.first(parent.steps), mask: mask.map((anew) => 1 - anew) } });
}

/** One image of the parent's model, as the form says if it is about that model, else as the parent. */
function branch(parent, chosen, start) {
  const { request, name, drawsCodes } = parent.generation.wanted;
  const { model, label, prompt, guidance, sampling } = request;
  const same = model.name === chosen.request.model.name && model.version === chosen.request.model.version;
  const wanted = same ? chosen.request : { model, label, prompt, guidance, sampling, cadence: request.cadence };
  const seed = otherSeed(chosen.request.seed, parent.generation.seed);
  return {
    request: { ...wanted, ...start, count: 1, seed },
    name: same ? chosen.name : name,
    drawsCodes,
    timeoutMs: chosen.timeoutMs,
  };
}

/** With the parent's seed the image would become what it was: a new one is drawn. */
function otherSeed(chosen, used) {
  let seed = chosen;
  while (seed === undefined || seed === used) {
    seed = BigInt(crypto.getRandomValues(new Uint32Array(1))[0]);
  }
  return seed;
}
