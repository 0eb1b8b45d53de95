/** A numbered random sequence from 0 to 1, so that a failure comes again with its seed (Park and Miller, 1988). */
export function randomFrom(seed: number): () => number {
  let state = (seed % 2_147_483_646) + 1;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}
