import { env, reset } from "cloudflare:test";
import { afterEach, describe, expect, it } from "vitest";
import { fileKey } from "../src/dispatcher/file_key";
import { ranked } from "../src/dispatcher/rendezvous";
import { LEASE_MS, type Place, Roster, type Wish } from "../src/dispatcher/roster";

const SLEEP_AFTER = 30_000;
const THREE: Wish = { instances: 3, concurrency: 2, sleepAfterMs: SLEEP_AFTER };
const name = (index: number): string => `instance-${index}`;
const FIRST = name(0);
const SECOND = name(1);

/** A roster whose clock stands until it is set on. */
class Clocked extends Roster {
  #clock: { time: number };

  constructor() {
    const clock = { time: 1_000_000 };
    super(() => clock.time);
    this.#clock = clock;
  }

  pass(milliseconds: number): void {
    this.#clock.time += milliseconds;
  }

  /** So many places in a row, by their containers' numbers. */
  places(count: number, wish: Partial<Wish> = {}): Place[] {
    return Array.from({ length: count }, () => this.acquire({ ...THREE, ...wish }));
  }

  numbers(count: number, wish: Partial<Wish> = {}): number[] {
    return this.places(count, wish).map(({ instance }) => Number(instance.at(-1)));
  }

  giveBack({ instance, lease }: Place): void {
    this.hear({ instance, ended: lease ? [lease] : [] });
  }
}

describe("requests", () => {
  it("fill one container, then the next, and then go to the one that has the least", () => {
    const roster = new Clocked();
    const places = roster.places(9);
    expect(places.map(({ instance }) => Number(instance.at(-1)))).toEqual([0, 0, 1, 1, 2, 2, 0, 1, 2]);
    expect(places.map(({ full }) => full)).toEqual([...Array<boolean>(6).fill(false), true, true, true]);
    expect(new Set(places.map(({ lease }) => lease)).size).toBe(9);
  });

  it("one after another wake one container", () => {
    const roster = new Clocked();
    for (let index = 0; index < 50; index += 1) {
      const [place] = roster.places(1);
      expect(place?.instance).toBe(FIRST);
      roster.pass(1_000);
      if (place) roster.giveBack(place);
    }
  });

  it("go to the fullest that has room, so that the others may sleep", () => {
    const roster = new Clocked();
    const places = roster.places(5, { concurrency: 3 });
    for (const index of [0, 1]) roster.giveBack(places[index] as Place);
    expect(roster.numbers(3, { concurrency: 3 })).toEqual([1, 0, 0]);
  });

  it("go to one that is known to answer rather than to one that still starts", () => {
    const roster = new Clocked();
    const places = roster.places(5, { concurrency: 4 });
    roster.hear({ instance: FIRST, state: "awake" });
    roster.giveBack(places[0] as Place);
    roster.giveBack(places[1] as Place);
    roster.giveBack(places[2] as Place);
    expect(roster.numbers(3, { concurrency: 4 })).toEqual([0, 0, 0]);
    expect(roster.numbers(1, { concurrency: 4 })).toEqual([1]);
  });

  it("wait for a container that starts rather than open a further one", () => {
    const roster = new Clocked();
    roster.places(3);
    expect(roster.numbers(1)).toEqual([1]);
  });

  it("go to the first again after all have slept", () => {
    const roster = new Clocked();
    for (const place of roster.places(6)) roster.giveBack(place);
    roster.pass(SLEEP_AFTER + 1);
    expect(roster.numbers(3)).toEqual([0, 0, 1]);
  });

  it("go to nobody of whom it was told that he sleeps, where another is awake", () => {
    const roster = new Clocked();
    const places = roster.places(3);
    for (const place of places) roster.giveBack(place);
    roster.hear({ instance: FIRST, state: "asleep" });
    expect(roster.numbers(3)).toEqual([1, 1, 0]);
  });

  it("that are to go elsewhere when all are full get no place then", () => {
    const roster = new Clocked();
    const kept = roster.places(6, { shed: true });
    expect(kept.every(({ full, lease }) => !full && lease)).toBe(true);
    expect(roster.places(2, { shed: true }).map(({ full, lease }) => [full, lease])).toEqual([
      [true, undefined],
      [true, undefined],
    ]);
    roster.giveBack(kept[3] as Place);
    expect(roster.places(1, { shed: true })).toMatchObject([{ instance: SECOND, full: false }]);
  });
});

describe("a lease", () => {
  it("that nobody renews expires", () => {
    const roster = new Clocked();
    roster.places(6);
    roster.pass(LEASE_MS - 1);
    expect(roster.places(1, { shed: true })[0]?.full).toBe(true);
    roster.pass(2);
    expect(roster.numbers(2)).toEqual([0, 0]);
  });

  it("that is renewed lasts, and the others expire in their order", () => {
    const roster = new Clocked();
    const [first, second] = roster.places(2);
    for (let index = 0; index < 5; index += 1) {
      roster.pass(LEASE_MS / 2);
      roster.hear({ instance: FIRST, underway: [second?.lease ?? ""] });
    }
    // The first is forgotten; giving it back once more changes nothing.
    roster.giveBack(first as Place);
    roster.hear({ instance: FIRST, state: "awake" });
    expect(roster.numbers(2)).toEqual([0, 1]);
  });

  it("given back twice counts once", () => {
    const roster = new Clocked();
    const [first] = roster.places(2);
    roster.giveBack(first as Place);
    roster.giveBack(first as Place);
    expect(roster.numbers(2)).toEqual([0, 1]);
  });

  it("of an earlier roster is learned from who renews it", () => {
    const roster = new Clocked();
    roster.hear({ instance: SECOND, state: "awake", underway: ["earlier-1"] });
    expect(roster.numbers(2)).toEqual([1, 0]);
    roster.hear({ instance: SECOND, ended: ["earlier-1"] });
    expect(roster.numbers(1)).toEqual([1]);
  });

  it("is counted rightly through thousands of turns", () => {
    const roster = new Clocked();
    const held: Place[] = [];
    const having = [0, 0, 0];
    let seed = 7;
    const chance = (): number => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647;
    for (let turn = 0; turn < 5_000; turn += 1) {
      roster.pass(10);
      if (chance() < 0.5 && held.length < 9) {
        const place = roster.acquire(THREE);
        const index = Number(place.instance.at(-1));
        // Full is said where all are, and then the least is chosen; else nobody gets more than his part.
        expect(place.full).toBe(having.every((count) => count >= 2));
        expect(having[index]).toBe(place.full ? Math.min(...having) : Math.min(having[index] ?? 9, 1));
        having[index] = (having[index] ?? 0) + 1;
        held.push(place);
      } else if (held.length > 0) {
        const [place] = held.splice(Math.floor(chance() * held.length), 1);
        const index = Number(place?.instance.at(-1));
        having[index] = (having[index] ?? 0) - 1;
        roster.giveBack(place as Place);
      }
    }
  });
});

describe("a container that failed", () => {
  it("is passed over for some seconds, longer each time", () => {
    const roster = new Clocked();
    for (const passOver of [5_000, 10_000, 20_000, 40_000, 60_000, 60_000]) {
      roster.hear({ instance: FIRST, state: "failed" });
      roster.pass(passOver - 1);
      expect(roster.numbers(1)).toEqual([1]);
      roster.pass(LEASE_MS);
      expect(roster.numbers(1, { concurrency: 1 })).toEqual([0]);
    }
    roster.hear({ instance: FIRST, state: "awake" });
    roster.hear({ instance: FIRST, state: "failed" });
    roster.pass(5_001);
    expect(roster.numbers(2, { concurrency: 1 })).toContain(0);
  });

  it("is asked all the same where no other is left, and counts as full", () => {
    const roster = new Clocked();
    for (const index of [0, 1, 2]) roster.hear({ instance: name(index), state: "failed" });
    expect(roster.places(1)).toMatchObject([{ instance: FIRST, full: true }]);
  });

  it("is not the one for a second try, nor for who comes next", () => {
    const roster = new Clocked();
    roster.places(1);
    expect(roster.numbers(1, { avoid: FIRST })).toEqual([1]);
    expect(roster.numbers(1)).toEqual([1]);
    roster.pass(5_001);
    expect(roster.numbers(1)).toEqual([0]);
  });

  it("sends a second try to what is awake, though full, before it starts another", () => {
    const roster = new Clocked();
    roster.places(3);
    expect(roster.numbers(2, { avoid: SECOND })).toEqual([0, 0]);
  });

  it("is the one for a second try where it is the only one", () => {
    expect(new Clocked().numbers(1, { instances: 1, avoid: FIRST })).toEqual([0]);
  });

  it("that drains gets nothing new", () => {
    const roster = new Clocked();
    roster.places(1);
    roster.hear({ instance: FIRST, state: "draining" });
    expect(roster.numbers(1)).toEqual([1]);
  });
});

describe("a key", () => {
  const keys = Array.from({ length: 6_000 }, (_, index) => `acme/model-${index % 97}/part-${index}.safetensors@main`);
  const among = (count: number) => Array.from({ length: count }, (_, index) => ({ name: name(index) }));
  const owner = (key: string, count: number): string => ranked(among(count), key)[0]?.name ?? "";

  it.each([1, 2, 3, 4, 7, 15])("moves to a container that is added to %i, or stays", (count) => {
    const moved = keys.filter((key) => owner(key, count) !== owner(key, count + 1));
    expect(moved.every((key) => owner(key, count + 1) === name(count))).toBe(true);
    expect(moved.length / keys.length).toBeCloseTo(1 / (count + 1), 1);
  });

  it.each([2, 3, 5, 8])("of many belongs to each of %i containers as likely", (count) => {
    for (const { name: each } of among(count)) {
      const part = keys.filter((key) => owner(key, count) === each).length / keys.length;
      expect(Math.abs(part * count - 1)).toBeLessThan(0.15);
    }
  });

  /** A roster of which all containers are awake and have nothing to do. */
  function awake(): Clocked {
    const roster = new Clocked();
    for (const place of roster.places(6)) roster.giveBack(place);
    for (const index of [0, 1, 2]) roster.hear({ instance: name(index), state: "awake" });
    return roster;
  }

  it("goes to the awake container that had it before", () => {
    const roster = awake();
    const first = new Map<string, number>();
    for (const key of [...keys.slice(0, 60), ...keys.slice(0, 60)]) {
      const [place] = roster.places(1, { key });
      const index = Number(place?.instance.at(-1));
      expect(first.get(key) ?? index).toBe(index);
      first.set(key, index);
      roster.giveBack(place as Place);
    }
    expect(new Set(first.values()).size).toBe(3);
  });

  it("wakes no container while one that is awake has room", () => {
    const roster = new Clocked();
    expect(keys.slice(0, 20).flatMap((key) => roster.numbers(1, { key, concurrency: 20 }))).toEqual(Array(20).fill(0));
    expect(roster.numbers(1, { key: "one more", concurrency: 20 })).toEqual([1]);
  });

  it("that everybody wants takes from no container more than a quarter above its part", () => {
    const roster = awake();
    const having = [0, 0, 0];
    for (let count = 1; count <= 90; count += 1) {
      const [index] = roster.numbers(1, { key: "the same", concurrency: 1_000 });
      having[index ?? 0] = (having[index ?? 0] ?? 0) + 1;
      expect(Math.max(...having)).toBeLessThanOrEqual(Math.ceil((1.25 * count) / 3));
    }
  });

  it("is the same for a file however it is named, and another for another file", () => {
    const key = (path: string): string | undefined => fileKey(new URL(`https://offing.example${path}`));
    const same = [
      "/download/acme/model/a/b%20c.bin",
      "/download/acme/model/a/b%20c.bin?revision=main",
      "/acme/model/resolve/main/a/b%20c.bin",
      "/acme/model/resolve/main/a/b c.bin?download=true",
    ];
    expect(new Set(same.map(key))).toEqual(new Set(["acme/model/a/b c.bin@main"]));
    expect(key("/acme/model/resolve/refs%2Fpr%2F1/a")).toBe(key("/download/acme/model/a?revision=refs/pr/1"));
    expect(key("/datasets/acme/data/resolve/main/a")).toBe(key("/download/datasets/acme/data/a"));
    expect(key("/download-hash/00AA?repo=acme/model")).toBe("00aa");
    const others = [...same.slice(0, 1), "/download/acme/model/a/b", "/download/acme/model/a/b%20c.bin?revision=v1"];
    expect(new Set(others.map(key)).size).toBe(3);
    expect([key("/repos/acme/model"), key("/api/models/acme/model"), key("/xet/health")]).toEqual(Array(3).fill(undefined));
    expect(key("/download/acme/%E0%A4%A/a")).toBeDefined();
  });
});

describe("the dispatcher itself", () => {
  afterEach(reset);
  const dispatcher = (service: string) => env.DISPATCHER.get(env.DISPATCHER.idFromName(service));

  it("spreads hundreds that come at once, and knows when they have ended", async () => {
    const wish = { ...THREE, concurrency: 100 };
    const places = await Promise.all(Array.from({ length: 300 }, () => dispatcher("insights").acquire(wish)));
    const counts = [0, 1, 2].map((index) => places.filter(({ instance }) => instance === name(index)).length);
    expect(counts).toEqual([100, 100, 100]);
    expect(new Set(places.map(({ lease }) => lease)).size).toBe(300);
    for (const { instance, lease } of places) await dispatcher("insights").hear({ instance, ended: [lease ?? ""] });
    expect(await dispatcher("insights").acquire({ ...wish, concurrency: 1 })).toMatchObject({ full: false });
  });

  it("keeps services apart", async () => {
    for (let count = 0; count < 6; count += 1) await dispatcher("insights").acquire(THREE);
    expect(await dispatcher("ocr").acquire(THREE)).toMatchObject({ instance: FIRST, full: false });
  });
});
