/** Which of the Worker's variables a container gets. */

/** The bindings whose variables are the Worker's own business, besides those of the other services. */
const ROOMS_APART = ["JOBS"];
/** Not asked for a second time: the Worker's own requests, as those of jobs, come without a key. */
const APART = ["OFFING_API_KEYS"];

/**
 * The variables that a service itself understands: everyone's, its own, and those of its other names. Another
 * service's, which its binding's name tells, stay away, as do those of the jobs: some are secrets.
 */
export function settings(env: object, service: string, aliases: readonly string[]): Record<string, string> {
  const ours = `OFFING_${service.toUpperCase()}_`;
  const rooms = [...Object.keys(env), ...ROOMS_APART].map((name) => `OFFING_${name}_`);
  const meant = (name: string): boolean =>
    name.startsWith("OFFING_")
      ? name.startsWith(ours) || !rooms.some((room) => name.startsWith(room))
      : aliases.includes(name);
  const pairs = Object.entries(env).filter((pair): pair is [string, string] => typeof pair[1] === "string");
  return Object.fromEntries(pairs.filter(([name]) => meant(name) && !APART.includes(name)));
}
