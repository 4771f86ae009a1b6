/** A method that says something of rows, by what several methods share. */
interface Says<F, O, S> {
  readonly name: string;
  score(fits: F, options: O): Promise<S>;
}

/** Asks methods, and keeps what they said beside the fits that they share: each is asked once with the same options. */
export function saidOnce<F extends object, S>(): <O>(fits: F, method: Says<F, O, S>, options: O) => Promise<S> {
  const said = new WeakMap<F, Map<string, Promise<S>>>();
  return (fits, method, options) => {
    const known = said.get(fits) ?? new Map<string, Promise<S>>(),
      key = JSON.stringify([method.name, options]),
      scored = known.get(key) ?? method.score(fits, options);
    said.set(fits, known.set(key, scored));
    return scored;
  };
}
