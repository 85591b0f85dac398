/** Which container a request goes to. A rule without a state of its own: what it goes by is handed to it. */

import { ranked } from "./rendezvous";

/** What is known of one container. */
export interface Candidate {
  readonly name: string;
  /** Requests that it has. */
  readonly leases: number;
  /** Whether it is awake, or was told to start. */
  readonly isOpen: boolean;
  /** Whether it is known to answer. */
  readonly isReady: boolean;
  /** Whether it failed just now. */
  readonly isFailing: boolean;
}

/** What a request asks for. */
export interface Terms {
  /** Requests that one container takes before the next is opened. */
  readonly concurrency: number;
  /** What the request is about, where that is kept in the container that had it before. */
  readonly key?: string | undefined;
  /** The container that just failed the request. */
  readonly avoid?: string | undefined;
}

export interface Choice<Of extends Candidate> {
  readonly chosen: Of;
  /** Whether no container had room. */
  readonly full: boolean;
}

/** How much more than its part a container may have before its keys go elsewhere. */
const SLACK = 1.25;

/**
 * The container for a request: an awake one with room, the fullest, so that the others may sleep; else one that
 * sleeps; else the one with the least to do. With a key, of the awake ones that with the highest rank for it, unless
 * it has more than 1.25 times its part (Mirrokni, Thorup and Zadimoghaddam, "Consistent Hashing with Bounded Loads",
 * 2018, here over ranks in place of a circle).
 *
 * A second try goes to what is awake rather than to what would have to start: a start may be what failed.
 */
export function choose<Of extends Candidate>(candidates: readonly Of[], terms: Terms): Choice<Of> {
  const { concurrency, key, avoid } = terms;
  const others = orElse(candidates.filter(({ name }) => name !== avoid), candidates);
  const sound = others.filter(({ isFailing }) => !isFailing);
  const usable = orElse(sound, others);
  const open = usable.filter(({ isOpen }) => isOpen);
  const roomy = open.filter(({ leases }) => leases < concurrency);
  const first = orElse(roomy.filter(({ isReady }) => isReady), roomy);
  if (first.length > 0) {
    const chosen = key === undefined ? fullest(first) : byRank(first, key, open);
    return { chosen, full: sound.length === 0 };
  }
  const asleep = usable.find(({ isOpen }) => !isOpen);
  if (asleep && (avoid === undefined || open.length === 0)) return { chosen: asleep, full: sound.length === 0 };
  return { chosen: key === undefined ? idlest(open) : byRank(open, key, open), full: asleep === undefined };
}

const orElse = <Of>(some: readonly Of[], all: readonly Of[]): readonly Of[] => (some.length > 0 ? some : all);

const fullest = <Of extends Candidate>(some: readonly Of[]): Of =>
  some.reduce((best, each) => (each.leases > best.leases ? each : best));

const idlest = <Of extends Candidate>(some: readonly Of[]): Of =>
  some.reduce((best, each) => (each.leases < best.leases ? each : best));

/** The highest ranked of some of the open containers that has no more than its part, this request included. */
function byRank<Of extends Candidate>(some: readonly Of[], key: string, open: readonly Of[]): Of {
  const requests = open.reduce((sum, { leases }) => sum + leases, 1);
  const bound = Math.ceil((SLACK * requests) / open.length);
  return ranked(some, key).find(({ leases }) => leases < bound) ?? idlest(some);
}
