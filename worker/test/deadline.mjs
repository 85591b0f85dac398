/** Ends a run that hangs: the limits of Vitest are for single tests and hooks, and none is for what comes between. */

/** Five times what a run takes on two cores. */
const MINUTES = 15;

export default function setup() {
  const late = setTimeout(() => {
    console.error(`The tests have not ended within ${MINUTES} minutes; what hangs comes after the last file above.`);
    process.exit(1);
  }, MINUTES * 60_000);
  return () => clearTimeout(late);
}
