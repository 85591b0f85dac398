/**
 * Rendezvous hashing (Thaler and Ravishankar, "Using Name-Based Mappings to Increase Hit Rates", IEEE/ACM Transactions
 * on Networking 6(1), 1998): each pair of a key and a name has a weight, and a key belongs to the name of the highest.
 * Where a name is added, only the keys that now belong to it move.
 */
export function ranked<Named extends { readonly name: string }>(named: readonly Named[], key: string): Named[] {
  const hashed = hash(key);
  const weights = new Map(named.map((each) => [each, mix(hashed ^ mix(hash(each.name)))]));
  return named.toSorted((one, other) => (weights.get(other) ?? 0) - (weights.get(one) ?? 0));
}

/** FNV-1a of 32 bits over the code units (draft-eastlake-fnv). */
function hash(text: string): number {
  let state = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) state = Math.imul(state ^ text.charCodeAt(index), 0x01000193);
  return state >>> 0;
}

/** The finalizer of MurmurHash3: each bit of what comes in turns about half of those that go out. */
function mix(state: number): number {
  let mixed = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
